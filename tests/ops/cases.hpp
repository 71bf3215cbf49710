#pragma once

#include <functional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/ops/shape.hpp>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

namespace test {

/// An operand of a case: uniform values of an interval.
struct operand {
  tl::shape shape;
  double lo = -1, hi = 1;
};

/// A differentiable function of tensors on B and on the reference backend.
struct differentiable_case {
  using oracles = std::vector<tl::tensor<double, tl::reference>>;

  std::string name;
  std::vector<operand> operands;
  function on_b;
  std::function<tl::tensor<double, tl::reference>(const oracles&)> on_oracle;

  template <class V>
  typename V::value_type operator()(const V& x) const {
    if constexpr (std::is_same_v<V, tensors>) {
      return on_b(x);
    } else {
      return on_oracle(x);
    }
  }
};

/// The case of a callable that takes a vector of tensors of any backend.
template <class F>
differentiable_case entry(std::string name, std::vector<operand> operands, F f) {
  return {std::move(name), std::move(operands), f, f};
}

/// The backend of a vector of tensors, and constants on it.
template <class V>
using backend_of_list = typename V::value_type::backend_type;
template <class V>
auto constant(const V&, std::initializer_list<std::int64_t> values, const tl::shape& s) {
  return tl::tensor<std::int64_t, backend_of_list<V>>::from(values, s);
}
/// True where the row-major number of an element is not divisible by `period`.
template <class V>
auto mask_for(const V&, const tl::shape& s, std::int64_t period = 3) {
  using ids = tl::tensor<std::int64_t, backend_of_list<V>>;
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < s.size(); ++i) values.push_back(i % period);
  return tl::not_equal(ids::from(std::span<const std::int64_t>(values), s), 0);
}

/// The same elements in memory with the dimensions in reversed order.
inline tl::tensor<double, B> reversed_in_memory(const tl::tensor<double, B>& x) {
  tl::dims back;
  for (int i = x.rank() - 1; i >= 0; --i) back.push_back(i);
  return tl::permute(tl::tensor<double, B>(tl::permute(x, back).array().clone_row_major()), back);
}

/// Each case equals the reference backend, forward and backward, for operands in two memory orders, and has the
/// gradient that central differences give.
inline void require_all(const std::vector<differentiable_case>& cases) {
  for (const differentiable_case& c : cases) {
    INFO(c.name);
    tensors x, reversed;
    for (const operand& o : c.operands) {
      x.push_back(uniform<double>(o.shape, 31 + x.size(), o.lo, o.hi));
      reversed.push_back(reversed_in_memory(x.back()));
    }
    require_same_as_reference<double>(c, x);
    require_same_as_reference<double>(c, reversed);
    require_gradient(c.on_b, x);
  }
}

}  // namespace test
