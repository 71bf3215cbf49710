#pragma once

#include <tensorlab/ops/cat.hpp>
#include <tensorlab/ops/sort.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// Where an index is the last one along `axis` that names its position.
template <class B>
tensor<bool, B> last_of_equals(const tensor<std::int64_t, B>& index, int axis) {
  const std::int64_t n = index.dim(axis);
  const auto [ascending, order] = sort_arrays(index.array(), axis, false);  // stable: equal ones keep their order
  const tensor<std::int64_t, B> sorted_index(ascending), from(order);
  shape end = index.shape();
  end[axis] = 1;
  const auto ends_run = not_equal(narrow(sorted_index, axis, 1, n - 1), narrow(sorted_index, axis, 0, n - 1));
  const auto last = cat({cast<std::int64_t>(ends_run), tensor<std::int64_t, B>::ones(end, index.device())}, axis);
  const auto none = tensor<std::int64_t, B>::zeros(index.shape(), index.device());
  return equal(scatter_unchecked(none, from, last, axis), 1);
}

}  // namespace detail

/// `x` with elements of `src` in their places: y[.., index[.., j, ..], ..] = src[.., j, ..].
///
/// Where several j name one position the last of them, the largest j, counts on every backend; the others and what x
/// held there get no gradient. **Shapes**: index and src alike, and as x except along `axis`. **Throws** shape_error
/// for other shapes and for an index outside [0, extent of axis), device_error.
template <class T, backend B>
tensor<T, B> scatter(const tensor<T, B>& x, const tensor<std::int64_t, B>& index, const tensor<T, B>& src, int axis) {
  const int a = normalize_axis("scatter", axis, x.rank());
  require_same_device("scatter", x, index, src);
  detail::require_index_shape("scatter", "x", x.shape(), index.shape(), a);
  if (src.shape() != index.shape())
    throw_shape_error(concat("scatter: shapes differ: src ", src.shape(), ", index ", index.shape()));
  detail::require_indices("scatter", index.array(), "x", x.shape(), a);
  if (index.size() == 0) return x;
  const auto counts = detail::scatter_unchecked(tensor<std::int64_t, B>::zeros(x.shape(), x.device()), index,
                                                tensor<std::int64_t, B>::ones(index.shape(), x.device()), a);
  // What is added to -0 stays as it is, a zero's sign included.
  const T nothing = static_cast<T>(-0.0);
  const auto kept = masked_fill(x, not_equal(counts, 0), nothing);
  const auto put = masked_fill(src, logical_not(detail::last_of_equals(index, a)), nothing);
  return detail::scatter_unchecked(kept, index, put, a);
}

}  // namespace tensorlab::inline v0
