#include <tensorlab/loss/bce.hpp>
#include <tensorlab/models/behaviour_lstm.hpp>

#include <cmath>
#include <map>

#include "support/backend.hpp"
#include "support/check_module.hpp"
#include "support/hash_fill.hpp"

namespace nn = tl::nn;

namespace {

template <class T>
tl::models::behaviour_lstm<T, B> filled_model() {
  auto m = tl::models::behaviour_lstm<T, B>::init({.features = 169, .classes = 8}, tl::random::stream(1));
  test::hash_fill(m);
  nn::eval(m);
  return m;
}

// The numbers come from the PyTorch program run on the same fill.
const std::initializer_list<double> logits{0.084304,  -0.266608, -0.104442, 0.152325,  -0.148680, -0.329297,
                                           -0.161343, -0.263709, 0.185258,  -0.215816, -0.120061, 0.036755,
                                           -0.223845, -0.403724, -0.229851, -0.391977};

}  // namespace

TEST_CASE("the behaviour network has PyTorch's parameters", "[models]") {
  auto m = tl::models::behaviour_lstm<float, B>::init({.features = 169, .classes = 8}, tl::random::stream(1));
  REQUIRE(nn::parameter_count(m) == 789605);
  std::map<std::string, std::string> shapes;
  for (const auto& p : nn::named_parameters(m)) shapes[p.name] = tl::to_string(p.value.shape());
  REQUIRE(shapes.size() == 2 + 16 + 2 + 2);
  REQUIRE(shapes["pre.0.weight"] == "[169, 169, 3]");
  REQUIRE(shapes["lstm.weight_ih_l0"] == "[512, 169]");
  REQUIRE(shapes["lstm.weight_ih_l1_reverse"] == "[512, 256]");
  REQUIRE(shapes["lstm.bias_hh_l1"] == "[512]");
  REQUIRE(shapes["pool.w.weight"] == "[1, 256]");
  REQUIRE(shapes["head.weight"] == "[8, 256]");
}

TEST_CASE("the behaviour network gives PyTorch's logits", "[models]") {
  const auto m = filled_model<float>();
  test::require_values(m(test::hash_input<float, B>({2, 16, 169})), logits, 1e-5);
}

TEST_CASE("the behaviour network gives PyTorch's loss and gradients", "[models]") {
  auto m = filled_model<float>();
  const auto z = m(test::hash_input<float, B>({2, 16, 169}));
  auto targets = tl::tensor<float, B>::from({0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1}, {2, 8});
  const auto loss =
      tl::loss::bce_with_logits(z, targets, {.pos_weight = tl::tensor<float, B>::from({1, 2, 3, 4, 5, 6, 7, 8}, {8})});
  REQUIRE(loss.item() == Approx(1.134910).epsilon(1e-5));
  loss.backward();
  const std::map<std::string, double> expected{{"pre.0.weight", 0.492746},
                                               {"lstm.weight_ih_l0", 0.407870},
                                               {"lstm.weight_hh_l1_reverse", 0.204781},
                                               {"pool.w.weight", 0.0230634},
                                               {"head.weight", 0.601961}};
  int found = 0;
  for (const auto& p : nn::named_parameters(m)) {
    double squares = 0;
    for (float g : p.value.grad().to_vector()) squares += static_cast<double>(g) * static_cast<double>(g);
    // The softmax over time does not change when all scores move together.
    if (p.name == "pool.w.bias") REQUIRE(std::sqrt(squares) < 1e-6);
    const auto at = expected.find(p.name);
    if (at == expected.end()) continue;
    INFO(p.name);
    REQUIRE(std::sqrt(squares) == Approx(at->second).epsilon(1e-4));
    ++found;
  }
  REQUIRE(found == 5);
}

TEST_CASE("the behaviour network keeps the laws of a module", "[models]") {
  const auto m = tl::models::behaviour_lstm<double, B>::init(
      {.features = 3, .classes = 2, .hidden = 2, .layers = 1, .dropout = 0}, tl::random::stream(1));
  test::check_module(
      m, {{2, 4, 3}},
      {"pre.0.weight", "pre.0.bias", "lstm.weight_ih_l0", "lstm.weight_hh_l0", "lstm.bias_ih_l0", "lstm.bias_hh_l0",
       "lstm.weight_ih_l0_reverse", "lstm.weight_hh_l0_reverse", "lstm.bias_ih_l0_reverse", "lstm.bias_hh_l0_reverse",
       "pool.w.weight", "pool.w.bias", "head.weight", "head.bias"});
}

TEST_CASE("the behaviour network refuses another number of features", "[models]") {
  const auto m = filled_model<float>();
  REQUIRE_THROWS_WITH(m(tl::tensor<float, B>::zeros({2, 16, 34})),
                      Catch::Contains("features differ") && Catch::Contains("(34 vs 169)"));
}

TEST_CASE("an error in the behaviour network tells the part it comes from", "[models]") {
  auto m = filled_model<float>();
  const auto x = tl::tensor<float, B>::zeros({2, 16, 169});
  m.lstm.weights[0].bias_ih = tl::parameter<float, B>(tl::tensor<float, B>::zeros({3}));
  REQUIRE_THROWS_WITH(m(x), Catch::StartsWith("lstm.lstm: b_ih has the wrong shape"));
  std::get<0>(m.pre.layers).bias = tl::parameter<float, B>(tl::tensor<float, B>::zeros({3}));
  REQUIRE_THROWS_WITH(m(x), Catch::StartsWith("pre.0.conv1d: bias must have one value per channel"));
}
