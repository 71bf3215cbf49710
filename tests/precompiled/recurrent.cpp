#include <tensorlab/precompiled/recurrent.hpp>

#include <tensorlab/nn/convert.hpp>

#include "precompiled/same_layer.hpp"

namespace nn = tensorlab::nn;

TEST_CASE("the library's recurrent layers are the templates'", "[precompiled]") {
  const tensorlab::random::stream rng{5};
  const auto apply = [](auto& m, const auto& x) { return m(x).output; };
  const auto lstm = nn::lstm<float>::init({.in = 3, .hidden = 5, .bidirectional = true}, rng);
  test::require_same_layer(lstm, nn::to<double>(lstm), {2, 4, 3}, apply);
  const auto gru = nn::gru<float>::init({.in = 3, .hidden = 5, .layers = 2}, rng);
  test::require_same_layer(gru, nn::to<double>(gru), {2, 4, 3}, apply);
}

TEST_CASE("the library's pooling by attention is the template's", "[precompiled]") {
  const tensorlab::random::stream rng{6};
  const auto pool = nn::attention_pool<float>::init({.in = 3}, rng);
  test::require_same_layer(pool, nn::to<double>(pool), {2, 4, 3}, [](auto& m, const auto& x) { return m(x); });
}
