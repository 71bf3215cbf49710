#include <tensorlab/nn/conv1d.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

TEST_CASE("conv1d slides its kernel", "[nn]") {
  const tl::random::stream rng{1};
  auto layer = nn::conv1d<float, B>::init({.in = 1, .out = 1, .kernel = 2, .stride = 2, .padding = {1, 0}}, rng);
  layer.weight = tl::parameter<float, B>(tl::tensor<float, B>::from({1, 10}, {1, 1, 2}));
  layer.bias = tl::parameter<float, B>(tl::tensor<float, B>::from({0.5f}, {1}));
  test::require_values(layer(tl::tensor<float, B>::from({1, 2, 3, 4, 5}, {1, 1, 5})), {10.5, 32.5, 54.5});
}

TEST_CASE("conv1d keeps the laws of a module", "[nn]") {
  const tl::random::stream rng{2};
  using conv1d = nn::conv1d<double, B>;
  test::check_module(conv1d::init({.in = 3, .out = 2, .kernel = 3, .padding = 1}, rng), {{2, 3, 5}},
                     {"weight", "bias"});
  test::check_module(
      conv1d::init({.in = 4, .out = 4, .kernel = 2, .stride = 2, .dilation = 2, .groups = 2, .bias = false}, rng),
      {{1, 4, 6}}, {"weight"});
}

TEST_CASE("conv1d starts within PyTorch's bound", "[nn]") {
  const tl::random::stream rng{3};
  const auto layer = nn::conv1d<float, B>::init({.in = 32, .out = 64, .kernel = 8, .groups = 4}, rng);
  REQUIRE(layer.weight.shape() == tl::shape{64, 8, 8});
  float largest = 0;
  for (float v : layer.weight.to_vector()) largest = (std::max)(largest, std::abs(v));
  for (float v : layer.bias->to_vector()) REQUIRE(std::abs(v) <= 0.125f);  // 1 / sqrt(8 * 8)
  REQUIRE(largest <= 0.125f);
  REQUIRE(largest > 0.124f);
}

TEST_CASE("conv1d names what does not fit", "[nn]") {
  const tl::random::stream rng{4};
  using conv1d = nn::conv1d<float, B>;
  REQUIRE_THROWS_AS(conv1d::init({.in = 1, .out = 0}, rng), tl::value_error);
  REQUIRE_THROWS_WITH(conv1d::init({.in = 3, .out = 4, .groups = 2}, rng), Catch::StartsWith("conv1d: 3 "));
  const auto layer = conv1d::init({.in = 2, .out = 2, .kernel = 3}, rng);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({1, 3, 5})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({1, 2, 2})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({2, 5})), tl::shape_error);
}
