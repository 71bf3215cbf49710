#include <tensorlab/nn/linear.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

TEST_CASE("linear is x W^T + b", "[nn]") {
  const tl::random::stream rng{1};
  auto layer = nn::linear<float, B>::init({.in = 2, .out = 3}, rng);
  layer.weight = tl::parameter<float, B>(tl::tensor<float, B>::from({1, 2, 3, 4, 5, 6}, {3, 2}));
  layer.bias = tl::parameter<float, B>(tl::tensor<float, B>::from({0.5f, -1, 2}, {3}));
  test::require_values(layer(tl::tensor<float, B>::from({1, -1, 2, 0}, {2, 2})), {-0.5, -2, 1, 2.5, 5, 12});
}

TEST_CASE("linear keeps the laws of a module", "[nn]") {
  const tl::random::stream rng{2};
  test::check_module(nn::linear<double, B>::init({.in = 4, .out = 3}, rng), {{2, 5, 4}}, {"weight", "bias"});
  test::check_module(nn::linear<double, B>::init({.in = 4, .out = 1, .bias = false}, rng), {{4}}, {"weight"});
}

TEST_CASE("linear starts within PyTorch's bound", "[nn]") {
  const tl::random::stream rng{3};
  const auto layer = nn::linear<float, B>::init({.in = 64, .out = 100}, rng);
  float largest = 0;
  for (float v : layer.weight.to_vector()) largest = (std::max)(largest, std::abs(v));
  REQUIRE(largest <= 0.125f);  // 1 / sqrt(64)
  REQUIRE(largest > 0.124f);
  REQUIRE(layer.bias->size() == 100);
}

TEST_CASE("linear names what does not fit", "[nn]") {
  const tl::random::stream rng{4};
  REQUIRE_THROWS_AS((nn::linear<float, B>::init({.in = 0, .out = 1}, rng)), tl::value_error);
  const auto layer = nn::linear<float, B>::init({.in = 3, .out = 2}, rng);
  REQUIRE_THROWS_AS((layer(tl::tensor<float, B>::ones({2, 4}))), tl::shape_error);
  REQUIRE_THROWS_WITH((layer(tl::tensor<float, B>::ones({2, 4}))),
                      Catch::Contains("[2, 4]") && Catch::Contains("4 vs 3"));
}
