#include <tensorlab/nn/gru.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

namespace {

const auto output = [](const auto& m, const auto& x) { return m(x[0]).output; };
const auto all_outputs = [](const auto& m, const auto& x) {
  const auto r = m(x[0], x[1]);
  return tl::sum(r.output, {1}) + tl::sum(r.h, {0}) * 2;
};

}  // namespace

TEST_CASE("gru with known weights, reset after and before the product", "[nn]") {
  const tl::random::stream rng{1};
  using parameter = tl::parameter<double, B>;
  using T = tl::tensor<double, B>;
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  for (const bool after : {true, false}) {
    auto layer = nn::gru<double, B>::init({.in = 1, .hidden = 1, .reset_after = after}, rng);
    REQUIRE(layer.weights[0].bias_hh.has_value() == after);
    layer.weights[0].weight_ih = parameter(T::from({1, 2, 3}, {3, 1}));
    layer.weights[0].weight_hh = parameter(T::from({4, 5, 6}, {3, 1}));
    layer.weights[0].bias_ih = parameter(T::from({0.1, 0.2, 0.3}, {3}));
    if (after) layer.weights[0].bias_hh = parameter(T::from({0, 0, 0.7}, {3}));
    double h = 0.4;
    std::vector<double> expected;
    for (double x : {0.5, -1.0}) {
      const double r = sigmoid(x + 4 * h + 0.1), z = sigmoid(2 * x + 5 * h + 0.2);
      const double n = std::tanh(3 * x + 0.3 + (after ? r * (6 * h + 0.7) : 6 * (r * h)));
      h = (1 - z) * n + z * h;
      expected.push_back(h);
    }
    const auto y = layer(T::from({0.5, -1}, {1, 2, 1}), T::from({0.4}, {1, 1, 1}));
    INFO("reset_after " << after);
    test::require_values(y.output, {expected[0], expected[1]});
    test::require_values(y.h, {h});
  }
}

TEST_CASE("gru keeps the laws of a module", "[nn]") {
  const tl::random::stream rng{2};
  using gru = nn::gru<double, B>;
  test::check_module(gru::init({.in = 2, .hidden = 2}, rng), {{2, 3, 2}, {1, 2, 2}},
                     {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"}, all_outputs);
  test::check_module(gru::init({.in = 2, .hidden = 2, .bidirectional = true, .reset_after = false}, rng),
                     {{2, 3, 2}, {2, 2, 2}},
                     {"weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "weight_ih_l0_reverse", "weight_hh_l0_reverse",
                      "bias_ih_l0_reverse"},
                     [](const auto& m, const auto& x) { return m(x[0], x[1]).output; });
  test::check_module(gru::init({.in = 2, .hidden = 2, .layers = 2, .bias = false, .dropout = 0.5}, rng), {{2, 2, 2}},
                     {"weight_ih_l0", "weight_hh_l0", "weight_ih_l1", "weight_hh_l1"}, output);
}

TEST_CASE("gru has the parameters that Keras's has", "[nn]") {
  const tl::random::stream rng{3};
  auto after = nn::gru<float, B>::init({.in = 160, .hidden = 64}, rng);
  REQUIRE(nn::parameter_count(after) == 3 * 64 * (160 + 64 + 2));
  auto before = nn::gru<float, B>::init({.in = 160, .hidden = 54, .reset_after = false}, rng);
  REQUIRE(nn::parameter_count(before) == 3 * 54 * (160 + 54 + 1));
}

TEST_CASE("a masked sequence of a gru is as its valid part alone", "[nn]") {
  const tl::random::stream rng{5};
  for (const bool after : {true, false}) {
    const auto layer =
        nn::gru<double, B>::init({.in = 2, .hidden = 3, .bidirectional = true, .reset_after = after}, rng);
    const auto x = test::uniform<double>({2, 4, 2}, 6);
    const auto lengths = tl::tensor<std::int64_t, B>::from({3, 4}, {2});
    const auto r = layer(x, {}, tl::sequence_mask(lengths, 4));
    const auto first = layer(tl::slice(tl::slice(x, 0, 0, 1), 1, 0, 3));
    test::require_close(tl::slice(tl::slice(r.output, 0, 0, 1), 1, 0, 3), first.output);
    test::require_close(tl::slice(r.h, 1, 0, 1), first.h);
    test::require_close(tl::slice(r.output, 0, 1), layer(tl::slice(x, 0, 1)).output);
  }
}

TEST_CASE("gru names what does not fit", "[nn]") {
  const tl::random::stream rng{7};
  using gru = nn::gru<float, B>;
  REQUIRE_THROWS_AS(gru::init({.in = 3, .hidden = 2, .layers = 0}, rng), tl::value_error);
  REQUIRE_THROWS_AS(gru::init({.in = 3, .hidden = 2, .dropout = -0.1}, rng), tl::value_error);
  const auto layer = gru::init({.in = 3, .hidden = 2}, rng);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({2, 5, 4})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({2, 5, 3}), tl::tensor<float, B>::ones({2, 2})), tl::shape_error);
}
