#include <tensorlab/nn/layer_norm.hpp>

#include "support/check_module.hpp"

namespace nn = tl::nn;

TEST_CASE("layer_norm normalises the last dimensions", "[nn]") {
  using T = tl::tensor<double, B>;
  const auto layer = nn::layer_norm<double, B>::init({.normalized = {2}, .eps = 0});
  test::require_values(layer(T::from({1, 3, 10, 4}, {2, 2})), {-1, 1, 1, -1});
  const auto plane = nn::layer_norm<double, B>::init({.normalized = {2, 2}, .eps = 0, .affine = false});
  test::require_values(plane(T::from({0, 0, 0, 4}, {1, 2, 2})),
                       {-1 / std::sqrt(3.0), -1 / std::sqrt(3.0), -1 / std::sqrt(3.0), std::sqrt(3.0)});
}

TEST_CASE("layer_norm keeps the laws of a module", "[nn]") {
  using layer_norm = nn::layer_norm<double, B>;
  test::check_module(layer_norm::init({.normalized = {4}}), {{2, 3, 4}}, {"weight", "bias"});
  test::check_module(layer_norm::init({.normalized = {2, 3}, .eps = 1e-3, .bias = false}), {{2, 2, 3}}, {"weight"});
}

TEST_CASE("layer_norm names what does not fit", "[nn]") {
  using layer_norm = nn::layer_norm<float, B>;
  REQUIRE_THROWS_AS(layer_norm::init({}), tl::value_error);
  REQUIRE_THROWS_AS(layer_norm::init({.normalized = {3, 0}}), tl::value_error);
  REQUIRE_THROWS_AS(layer_norm::init({.normalized = {3}})(tl::tensor<float, B>::ones({3, 2})), tl::shape_error);
}
