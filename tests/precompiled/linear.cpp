#include <tensorlab/precompiled/linear.hpp>

#include <tensorlab/nn/convert.hpp>

#include "precompiled/same_layer.hpp"

namespace nn = tensorlab::nn;

TEST_CASE("the library's linear layer is the template's", "[precompiled]") {
  const tensorlab::random::stream rng{5};
  const auto layer = nn::linear<float>::init({.in = 3, .out = 2}, rng);
  test::require_same_layer(layer, nn::to<double>(layer), {4, 3}, [](auto& m, const auto& x) { return m(x); });
}
