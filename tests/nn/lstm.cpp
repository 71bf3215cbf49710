#include <tensorlab/nn/lstm.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

namespace {

const auto output = [](const auto& m, const auto& x) { return m(x[0]).output; };
const auto all_outputs = [](const auto& m, const auto& x) {
  const auto r = m(x[0], {x[1], x[2]});
  return tl::sum(r.output, {1}) + tl::sum(r.h, {0}) * 2 + tl::sum(r.c, {0}) * 3;
};

}  // namespace

TEST_CASE("lstm with known weights", "[nn]") {
  const tl::random::stream rng{1};
  auto layer = nn::lstm<double, B>::init({.in = 1, .hidden = 1}, rng);
  using parameter = tl::parameter<double, B>;
  using T = tl::tensor<double, B>;
  layer.weights[0].weight_ih = parameter(T::from({1, 2, 3, 4}, {4, 1}));
  layer.weights[0].weight_hh = parameter(T::from({5, 6, 7, 8}, {4, 1}));
  layer.weights[0].bias_ih = parameter(T::from({0.1, 0.2, 0.3, 0.4}, {4}));
  layer.weights[0].bias_hh = parameter(T::zeros({4}));
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  double h = 0, c = 0;
  std::vector<double> expected;
  for (double x : {0.5, -1.0}) {
    const double i = sigmoid(x + 5 * h + 0.1), f = sigmoid(2 * x + 6 * h + 0.2), g = std::tanh(3 * x + 7 * h + 0.3),
                 o = sigmoid(4 * x + 8 * h + 0.4);
    c = f * c + i * g;
    h = o * std::tanh(c);
    expected.push_back(h);
  }
  const auto r = layer(T::from({0.5, -1}, {1, 2, 1}));
  test::require_values(r.output, {expected[0], expected[1]});
  test::require_values(r.h, {h});
  test::require_values(r.c, {c});
}

TEST_CASE("lstm keeps the laws of a module", "[nn]") {
  const tl::random::stream rng{2};
  using lstm = nn::lstm<double, B>;
  test::check_module(lstm::init({.in = 2, .hidden = 2}, rng), {{2, 3, 2}, {1, 2, 2}, {1, 2, 2}},
                     {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}, all_outputs);
  // In training: dropout between the layers draws the same mask from each copy of the module.
  test::check_module(
      lstm::init({.in = 2, .hidden = 2, .layers = 2, .bidirectional = true, .bias = false, .dropout = 0.5}, rng),
      {{2, 2, 2}},
      {"weight_ih_l0", "weight_hh_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse", "weight_ih_l1", "weight_hh_l1",
       "weight_ih_l1_reverse", "weight_hh_l1_reverse"},
      output);
}

TEST_CASE("lstm drops between its layers in training alone", "[nn]") {
  const tl::random::stream rng{3};
  auto layer = nn::lstm<float, B>::init({.in = 2, .hidden = 8, .layers = 2, .dropout = 0.5}, rng);
  const auto x = test::uniform<float>({1, 3, 2}, 4);
  REQUIRE(layer(x).output.to_vector() != layer(x).output.to_vector());
  nn::eval(layer);
  REQUIRE(layer(x).output.to_vector() == layer(x).output.to_vector());
  // One layer has nothing to drop between.
  auto one = nn::lstm<float, B>::init({.in = 2, .hidden = 8, .dropout = 0.5}, rng);
  REQUIRE(one(x).output.to_vector() == one(x).output.to_vector());
}

TEST_CASE("a masked sequence is as its valid part alone", "[nn]") {
  const tl::random::stream rng{5};
  const auto layer = nn::lstm<double, B>::init({.in = 2, .hidden = 3, .layers = 2, .bidirectional = true}, rng);
  const auto x = test::uniform<double>({2, 5, 2}, 6);
  const auto lengths = tl::tensor<std::int64_t, B>::from({5, 2}, {2});
  const auto r = layer(x, {}, tl::sequence_mask(lengths, 5));
  const auto second = layer(tl::slice(tl::slice(x, 0, 1), 1, 0, 2));
  test::require_close(tl::slice(tl::slice(r.output, 0, 1), 1, 0, 2), second.output);
  test::require_close(tl::slice(tl::slice(r.output, 0, 1), 1, 2), tl::tensor<double, B>::zeros({1, 3, 6}), 0);
  test::require_close(tl::slice(r.h, 1, 1), second.h);
  test::require_close(tl::slice(r.c, 1, 1), second.c);
  test::require_close(tl::slice(r.output, 0, 0, 1), layer(tl::slice(x, 0, 0, 1)).output);
}

TEST_CASE("lstm starts within PyTorch's bound and names what does not fit", "[nn]") {
  const tl::random::stream rng{7};
  using lstm = nn::lstm<float, B>;
  auto layer = lstm::init({.in = 3, .hidden = 64, .layers = 2}, rng);
  for (const auto& p : nn::named_parameters(layer)) {
    float largest = 0;
    for (float v : p.value.to_vector()) largest = (std::max)(largest, std::abs(v));
    INFO(p.name);
    REQUIRE(largest <= 0.125f);  // 1 / sqrt(64)
    REQUIRE(largest > 0.12f);
  }
  REQUIRE_THROWS_AS(lstm::init({.in = 3, .hidden = 0}, rng), tl::value_error);
  REQUIRE_THROWS_AS(lstm::init({.in = 3, .hidden = 2, .dropout = 1}, rng), tl::value_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({2, 5, 4})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({5, 3})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({2, 5, 3}), {tl::tensor<float, B>::ones({1, 2, 64}), {}}),
                    tl::shape_error);
}
