#include <tensorlab/ops/rnn.hpp>

#include "support/backend.hpp"

namespace {

using T = tl::tensor<double, B>;

/// Weights of zero: the gates are one half and the candidates zero, whatever comes in.
tl::rnn_weights<double, B> silent(std::int64_t gates) {
  return {T::zeros({gates, 2}), T::zeros({gates, 1}), T::zeros({gates}), T::zeros({gates})};
}

}  // namespace

TEST_CASE("one header brings the recurrent layers of every kind", "[ops][rnn]") {
  const T x = T::ones({1, 3, 2}), start = T::full({1, 1, 1}, 8.0);
  const auto lstm = tl::lstm(x, {T::zeros({1, 1, 1}), start}, {silent(4)});
  test::require_values(lstm.c, {1});  // 8 halved three times
  test::require_values(lstm.y, {0.5 * std::tanh(4.0), 0.5 * std::tanh(2.0), 0.5 * std::tanh(1.0)});
  const auto gru = tl::gru(x, start, {silent(3)});
  test::require_values(gru.y, {4, 2, 1});
  test::require_values(gru.h, {1});
}
