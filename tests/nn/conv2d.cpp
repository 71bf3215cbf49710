#include <tensorlab/nn/conv2d.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

TEST_CASE("conv2d slides its kernel", "[nn]") {
  const tl::random::stream rng{1};
  auto layer = nn::conv2d<float, B>::init({.in = 1, .out = 1, .kernel = {1, 2}, .stride = {2, 1}}, rng);
  layer.weight = tl::parameter<float, B>(tl::tensor<float, B>::from({1, 10}, {1, 1, 1, 2}));
  layer.bias = tl::parameter<float, B>(tl::tensor<float, B>::from({0.5f}, {1}));
  test::require_values(layer(tl::tensor<float, B>::from({1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 1, 3, 3})),
                       {21.5, 32.5, 87.5, 98.5});
}

TEST_CASE("conv2d keeps the laws of a module", "[nn]") {
  const tl::random::stream rng{2};
  using conv2d = nn::conv2d<double, B>;
  test::check_module(conv2d::init({.in = 2, .out = 3, .kernel = 3, .padding = 1}, rng), {{1, 2, 4, 3}},
                     {"weight", "bias"});
  test::check_module(conv2d::init({.in = 4,
                                   .out = 4,
                                   .kernel = {3, 1},
                                   .stride = {1, 2},
                                   .padding = {{1, 0}, {0, 1}},
                                   .dilation = {2, 1},
                                   .groups = 4,
                                   .bias = false},
                                  rng),
                     {{1, 4, 5, 3}}, {"weight"});
}

TEST_CASE("conv2d starts within PyTorch's bound", "[nn]") {
  const tl::random::stream rng{3};
  const auto layer = nn::conv2d<float, B>::init({.in = 32, .out = 16, .kernel = {4, 2}, .groups = 4}, rng);
  REQUIRE(layer.weight.shape() == tl::shape{16, 8, 4, 2});
  float largest = 0;
  for (float v : layer.weight.to_vector()) largest = (std::max)(largest, std::abs(v));
  REQUIRE(largest <= 0.125f);  // 1 / sqrt(8 * 4 * 2)
  REQUIRE(largest > 0.124f);
}

TEST_CASE("conv2d names what does not fit", "[nn]") {
  const tl::random::stream rng{4};
  using conv2d = nn::conv2d<float, B>;
  REQUIRE_THROWS_AS(conv2d::init({.in = 1, .out = 1, .kernel = {3, 0}}, rng), tl::value_error);
  REQUIRE_THROWS_AS(conv2d::init({.in = 4, .out = 3, .groups = 2}, rng), tl::value_error);
  const auto layer = conv2d::init({.in = 2, .out = 2, .kernel = 3}, rng);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({1, 1, 5, 5})), tl::shape_error);
  REQUIRE_THROWS_AS(layer(tl::tensor<float, B>::ones({2, 5, 5})), tl::shape_error);
}
