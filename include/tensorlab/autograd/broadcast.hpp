#pragma once

#include <tensorlab/autograd/record.hpp>
#include <tensorlab/rule/reduce.hpp>

namespace tensorlab::inline v0 {

template <class T, class B>
tensor<T, B> expand(const tensor<T, B>& x, const shape& s);

/// The sum of `x` over the dimensions along which `s` was broadcast to x's shape: the adjoint of expand.
///
/// **Shapes**: x any shape that `s` broadcasts to; result `s`.
template <class T, class B>
tensor<T, B> sum_to(const tensor<T, B>& x, const shape& s) {
  if (x.shape() == s) return x;
  const int extra = x.rank() - s.rank();
  dims axes;
  for (int i = 0; i < x.rank(); ++i)
    if (i < extra || (s[i - extra] == 1 && x.shape()[i] != 1)) axes.push_back(i);
  shape kept = x.shape();
  for (std::int64_t a : axes) kept[static_cast<int>(a)] = 1;
  auto y = array<T, B>::empty(kept, x.device());
  B::reduce(rule::sum{}, reduction_view(y.view(), x.shape(), axes), x.array().cview());
  return record(
      "sum_to", y.restride(s, row_major(s)),
      [from = x.shape()](const auto&, const auto& dy) { return expand(dy, from); }, x);
}

/// `x` read as the larger shape `s` without a copy. **Throws** shape_error unless x broadcasts to `s`.
template <class T, class B>
tensor<T, B> expand(const tensor<T, B>& x, const shape& s) {
  if (x.shape() == s) return x;
  if (broadcast_shapes("expand", x.shape(), s) != s)
    throw_shape_error(concat("expand: shape ", x.shape(), " does not broadcast to ", s));
  return record(
      "expand", x.array().restride(s, broadcast_strides(x.shape(), x.strides(), s)),
      [from = x.shape()](const auto&, const auto& dy) { return sum_to(dy, from); }, x);
}

}  // namespace tensorlab::inline v0
