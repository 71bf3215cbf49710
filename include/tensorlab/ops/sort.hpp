#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <tensorlab/ops/index.hpp>

namespace tensorlab::inline v0 {

/// Values along an axis with the positions they come from.
template <class T, class B>
struct sorted {
  tensor<T, B> values;
  tensor<std::int64_t, B> positions;
};

namespace detail {

template <class T, class B>
std::pair<array<T, B>, array<std::int64_t, B>> sort_arrays(const array<T, B>& x, int axis, bool descending) {
  auto values = array<T, B>::empty(x.shape(), x.device());
  auto positions = array<std::int64_t, B>::empty(x.shape(), x.device());
  if (x.size() != 0) B::sort(values.view(), positions.view(), x.cview(), axis, descending);
  return {values, positions};
}

}  // namespace detail

/// The elements in order along `axis`; equal ones keep their order, NaN counts as largest. Values have a gradient.
///
/// **Throws** shape_error for an axis outside x.
template <class T, backend B>
sorted<T, B> sort(const tensor<T, B>& x, int axis = -1, bool descending = false) {
  const int a = normalize_axis("sort", axis, x.rank());
  const auto [values, order] = detail::sort_arrays(x.array(), a, descending);
  const tensor<std::int64_t, B> positions(order);
  const auto y = record(
      "sort", values,
      [positions, a](const auto&, const auto& dy) {
        return detail::scatter_unchecked(tensor<T, B>::zeros(dy.shape(), dy.device()), positions, dy, a);
      },
      x);
  return {y, positions};
}

/// The positions that sort `x` along `axis`. **Throws** shape_error, gradient_error for a tracked x.
template <class T, backend B>
tensor<std::int64_t, B> argsort(const tensor<T, B>& x, int axis = -1, bool descending = false) {
  reject_tracked("argsort", x);
  return sort(x, axis, descending).positions;
}

/// The `k` largest (or smallest) elements along `axis`, best first, with their positions. Values have a gradient.
///
/// **Throws** shape_error for an axis outside x or a k outside [0, extent].
template <class T, backend B>
sorted<T, B> topk(const tensor<T, B>& x, std::int64_t k, int axis = -1, bool largest = true) {
  const int a = normalize_axis("topk", axis, x.rank());
  if (k < 0 || k > x.shape()[a])
    throw_shape_error(concat("topk: k outside axis ", a, " of shape ", x.shape(), " (", k, " vs ", x.shape()[a], ")"));
  const tensor<std::int64_t, B> order(detail::sort_arrays(x.array(), a, largest).second);
  const auto positions = contiguous(narrow(order, a, 0, k));
  return {detail::gather_unchecked("topk", x, positions, a), positions};
}

namespace detail {

template <class T, class B>
tensor<T, B> running_sum(const tensor<T, B>& x, int axis, bool reverse) {
  auto y = array<T, B>::empty_like(x.array());
  B::cumulate(rule::sum{}, y.view(), x.array().cview(), axis, reverse);
  return record(
      "cumsum", y, [axis, reverse](const auto&, const auto& dy) { return running_sum(dy, axis, !reverse); }, x);
}

}  // namespace detail

/// y_j = x_0 + .. + x_j along `axis`. **Throws** shape_error for an axis outside x.
template <class T, backend B>
tensor<T, B> cumsum(const tensor<T, B>& x, int axis) {
  return detail::running_sum(x, normalize_axis("cumsum", axis, x.rank()), false);
}

/// y_j = x_0 .. x_j along `axis`. **Throws** shape_error for an axis outside x, gradient_error for a tracked x.
template <class T, backend B>
tensor<T, B> cumprod(const tensor<T, B>& x, int axis) {
  const int a = normalize_axis("cumprod", axis, x.rank());
  reject_tracked("cumprod", x);
  auto y = array<T, B>::empty_like(x.array());
  B::cumulate(rule::prod{}, y.view(), x.array().cview(), a, false);
  return unrecorded("cumprod", y);
}

/// The different values of `x` in ascending order, found on the host.
///
/// **Shapes**: x [n]; result [m]. **Throws** shape_error for another rank, gradient_error for a tracked x.
template <class T, backend B>
tensor<T, B> unique(const tensor<T, B>& x) {
  reject_tracked("unique", x);
  if (x.rank() != 1) throw_shape_error(concat("unique: x must have rank 1: x ", x.shape()));
  std::vector<T> v = x.to_vector();
  std::sort(v.begin(), v.end());
  v.erase(std::unique(v.begin(), v.end()), v.end());
  return tensor<T, B>::from(std::span<const T>(v), {static_cast<std::int64_t>(v.size())}, x.device());
}

}  // namespace tensorlab::inline v0
