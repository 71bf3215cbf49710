#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tensorlab/autograd/gradcheck.hpp>
#include <tensorlab/ops/shape.hpp>

#include "support/backend.hpp"

namespace test {

/// Tensors whose elements lie in memory in every way an op has to take: none, one, dense, strided, broadcast, many.
template <class T, class Backend = B>
std::vector<std::pair<std::string, tl::tensor<T, Backend>>> layouts(double lo, double hi) {
  std::uint64_t seed = 100;
  const auto u = [&](const tl::shape& s) { return uniform<T, Backend>(s, seed++, lo, hi); };
  return {{"rank 0", u({})},
          {"no elements", u({2, 0, 3})},
          {"one element", u({1})},
          {"dense", u({3, 5})},
          {"transposed", tl::transpose(u({4, 3}))},
          {"every other column", tl::slice(u({3, 9}), 1, 1, 9, 2)},
          {"rows from the middle", tl::slice(u({7, 4}), 0, 2, 6)},
          {"channels last", tl::permute(u({2, 3, 2, 4}), {0, 3, 1, 2})},
          {"broadcast", tl::expand(u({3, 1, 2}), {3, 4, 2})},
          {"more than a vector and a thread", u({67, 331})}};
}

/// Pairs of shapes that broadcast.
inline std::vector<std::pair<tl::shape, tl::shape>> broadcast_pairs() {
  return {{{2, 3}, {2, 3}},
          {{}, {2, 2}},
          {{3}, {2, 3}},
          {{2, 1}, {1, 3}},
          {{1}, {1}},
          {{2, 3, 1}, {3, 4}},
          {{0, 3}, {1, 3}},
          {{4, 1, 2}, {1, 3, 1}},
          {{}, {}},
          {{5, 1}, {5, 7}},
          {{2, 1, 1, 2}, {2, 3, 2, 1}}};
}

using tensors = std::vector<tl::tensor<double, B>>;
/// A function to differentiate; one type for all of them, so that gradcheck is compiled once.
using function = std::function<tl::tensor<double, B>(const tensors&)>;

/// Checks the gradients of `f` by central differences.
inline void require_gradient(const function& f, const tensors& x) {
  const auto result = tl::gradcheck(f, x);
  INFO(result.message);
  REQUIRE(result.ok);
}

/// Checks first and second derivatives of `f`, the second under a square so that linear functions have one too.
inline void require_gradients(const function& f, const tensors& x) {
  require_gradient(f, x);
  const function squared = [&](const tensors& v) { return tl::apply(tl::rule::square{}, f(v)); };
  const auto result = tl::gradcheck_twice(squared, x);
  INFO("second derivative: " << result.message);
  REQUIRE(result.ok);
}

}  // namespace test
