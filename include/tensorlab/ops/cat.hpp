#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include <tensorlab/ops/slice.hpp>

namespace tensorlab::inline v0 {

/// The tensors one after the other along `axis`.
///
/// **Shapes**: equal except along `axis`. The result has the first one's memory order. **Throws** shape_error for no
/// tensors, an axis outside them or other extents that differ; device_error.
template <class T, backend B>
tensor<T, B> cat(std::span<const tensor<T, B>> xs, int axis) {
  if (xs.empty()) throw_shape_error("cat: no tensors given");
  const auto& first = xs[0];
  const int a = normalize_axis("cat", axis, first.rank());
  shape s = first.shape();
  s[a] = 0;
  for (const auto& x : xs) {
    require_same_device("cat", first, x);
    shape rest = x.shape();
    if (rest.rank() == s.rank()) rest[a] = first.shape()[a];
    if (rest != first.shape())
      throw_shape_error(concat("cat: shapes differ beside axis ", a, ": ", first.shape(), ", ", x.shape()));
    s[a] += x.shape()[a];
  }
  auto y = array<T, B>::empty(s, dense_like(s, first.strides()), first.device());
  auto w = detail::window::whole(s);
  std::vector<std::int64_t> sizes;
  for (const auto& x : xs) {
    w.extent[a] = x.shape()[a];
    B::map(rule::copy{}, detail::window_of(y, w).view(), x.array().cview());
    w.start[a] += w.extent[a];
    sizes.push_back(w.extent[a]);
  }
  return record(
      "cat", y,
      [a, sizes](const auto& c, const auto& dy) {
        std::vector<tensor<T, B>> g(sizes.size());
        std::int64_t start = 0;
        for (std::size_t i = 0; i < sizes.size(); ++i) {
          if (c.needs(i)) g[i] = narrow(dy, a, start, sizes[i]);
          start += sizes[i];
        }
        return g;
      },
      xs);
}
template <class T, backend B>
tensor<T, B> cat(const std::vector<tensor<T, B>>& xs, int axis) {
  return cat(std::span<const tensor<T, B>>(xs), axis);
}
template <class T, backend B>
tensor<T, B> cat(std::initializer_list<tensor<T, B>> xs, int axis) {
  return cat(std::span<const tensor<T, B>>(xs.begin(), xs.size()), axis);
}

/// The tensors side by side along an extra dimension at `axis`.
///
/// **Shapes**: all equal. **Throws** shape_error for no tensors or shapes that differ.
template <class T, backend B>
tensor<T, B> stack(std::span<const tensor<T, B>> xs, int axis) {
  if (xs.empty()) throw_shape_error("stack: no tensors given");
  std::vector<tensor<T, B>> rows;
  for (const auto& x : xs) {
    if (x.shape() != xs[0].shape()) throw_shape_error(concat("stack: shapes differ: ", xs[0].shape(), ", ", x.shape()));
    rows.push_back(unsqueeze(x, axis));
  }
  return cat(rows, normalize_axis("stack", axis, xs[0].rank() + 1));
}
template <class T, backend B>
tensor<T, B> stack(const std::vector<tensor<T, B>>& xs, int axis = 0) {
  return stack(std::span<const tensor<T, B>>(xs), axis);
}
template <class T, backend B>
tensor<T, B> stack(std::initializer_list<tensor<T, B>> xs, int axis = 0) {
  return stack(std::span<const tensor<T, B>>(xs.begin(), xs.size()), axis);
}

}  // namespace tensorlab::inline v0
