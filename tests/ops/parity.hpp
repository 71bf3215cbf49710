#pragma once

#include <map>
#include <string>
#include <vector>

#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/shape.hpp>

#include "support/backend.hpp"

namespace test {

/// Runs `f`, generic over the backend, forward and backward on B and on the reference backend and compares everything.
/// The inputs keep their memory layout on B; undefined ones stay undefined.
template <class T, class F>
void require_same_as_reference(const F& f, std::vector<tl::tensor<T, B>> x, double factor = 16) {
  std::vector<tl::tensor<T, tl::reference>> e;
  for (auto& v : x) {
    e.push_back(v.defined() ? on_reference(v) : tl::tensor<T, tl::reference>());
    if (!v.defined()) continue;
    v = tl::stop_gradient(v).requires_grad(true);
    e.back().requires_grad(true);
  }
  const auto y = f(x);
  const auto expected = f(e);
  require_close(y, expected, factor);
  const auto weights = uniform<T>(y.shape(), 77);
  y.backward(weights);
  expected.backward(on_reference(weights));
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO("gradient of input " << i);
    if (x[i].defined()) require_close(x[i].grad(), e[i].grad(), factor * 4);
  }
}

/// Compares two functions of the same operands on B, forward and backward.
template <class T, class F, class G>
void require_same_function(const F& f, const G& g, const std::vector<tl::tensor<T, B>>& operands, double factor = 16) {
  std::vector<tl::tensor<T, B>> x, e;
  for (const auto& v : operands) {
    x.push_back(v.defined() ? tl::stop_gradient(v).requires_grad(true) : v);
    e.push_back(v.defined() ? tl::stop_gradient(v).requires_grad(true) : v);
  }
  const auto y = f(x), expected = g(e);
  require_close(y, expected, factor);
  const auto weights = uniform<T>(y.shape(), 78);
  y.backward(weights);
  expected.backward(weights);
  for (std::size_t i = 0; i < x.size(); ++i) {
    INFO("gradient of input " << i);
    // No gradient and a gradient of zeros say the same.
    const auto gradient = [i](const auto& v) { return v[i].grad().defined() ? v[i].grad() : v[i] * 0; };
    if (x[i].defined()) require_close(gradient(x), gradient(e), factor * 4);
  }
}

/// The deterministic values of tests/golden/fill.py.
template <class T>
tl::tensor<T, B> golden_fill(const tl::shape& s, std::uint64_t key) {
  std::vector<T> values;
  for (std::int64_t i = 0; i < s.size(); ++i) {
    auto h = static_cast<std::uint32_t>(static_cast<std::uint64_t>(i + 1) * 2654435761u + key * 974711u);
    h ^= h >> 15;
    h *= 2246822519u;
    h ^= h >> 13;
    values.push_back(static_cast<T>(static_cast<double>(h) / 2147483648.0 - 1));
  }
  return tl::tensor<T, B>::from(std::span<const T>(values), s);
}

using golden_table = std::map<std::string, std::vector<double>>;

template <class T>
void require_golden(const golden_table& table, const std::string& name, const tl::tensor<T, B>& got) {
  INFO(name);
  const std::vector<double>& values = table.at(name);
  REQUIRE(got.size() == static_cast<std::int64_t>(values.size()));
  const std::vector<T> expected(values.begin(), values.end());
  require_close(got, tl::tensor<T, B>::from(std::span<const T>(expected), got.shape()), 4);
}

/// Fills with keys 1, 2, ... as leaves, the result of `f` and, started from the fill with key 10, all gradients.
template <class T, class F>
void require_golden_case(const golden_table& table, const std::string& name,
                         const std::vector<std::pair<std::string, tl::shape>>& operands, const F& f) {
  std::vector<tl::tensor<T, B>> x;
  for (const auto& input : operands) x.push_back(golden_fill<T>(input.second, x.size() + 1).requires_grad(true));
  const auto y = f(x);
  require_golden(table, name + " y", y);
  y.backward(golden_fill<T>(y.shape(), 10));
  for (std::size_t i = 0; i < x.size(); ++i) require_golden(table, name + " d" + operands[i].first, x[i].grad());
}

/// `x` [N, C, ...] with the same values in (N, ..., C) memory.
template <class T>
tl::tensor<T, B> to_channels_last(const tl::tensor<T, B>& x) {
  auto y = tl::array<T, B>::empty(x.shape(), tl::channels_last(x.shape()));
  B::map(tl::rule::copy{}, y.view(), x.array().cview());
  return tl::tensor<T, B>(y);
}

}  // namespace test
