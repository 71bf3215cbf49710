#include <tensorlab/precompiled/convolutional.hpp>

#include <tensorlab/nn/convert.hpp>

#include "precompiled/same_layer.hpp"

namespace nn = tensorlab::nn;

TEST_CASE("the library's convolutions and normalisations are the templates'", "[precompiled]") {
  const tensorlab::random::stream rng{5};
  const auto apply = [](auto& m, const auto& x) { return square(m(x)); };
  const auto wide = nn::conv1d<float>::init({.in = 2, .out = 3, .kernel = 3, .padding = 1}, rng);
  test::require_same_layer(wide, nn::to<double>(wide), {2, 2, 7}, apply);
  const auto conv = nn::conv2d<float>::init({.in = 2, .out = 3, .kernel = 3, .stride = 2}, rng);
  test::require_same_layer(conv, nn::to<double>(conv), {2, 2, 7, 5}, apply);
  const auto batch = nn::batch_norm<float>::init({.features = 3});
  test::require_same_layer(batch, nn::to<double>(batch), {4, 3, 2, 2}, apply);
  const auto layer = nn::layer_norm<float>::init({.normalized = {6}});
  test::require_same_layer(layer, nn::to<double>(layer), {3, 6}, apply);
}
