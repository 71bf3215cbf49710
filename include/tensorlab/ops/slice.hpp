#pragma once

#include <limits>

#include <tensorlab/ops/reshape.hpp>

namespace tensorlab::inline v0 {

/// As the `stop` of a slice: to the end of the axis.
inline constexpr std::int64_t to_end = (std::numeric_limits<std::int64_t>::max)();

namespace detail {

/// Which elements of an array a window takes: along each axis `extent` elements from `start` on, `step` apart.
struct window {
  dims start;
  shape extent;
  dims step;

  static window whole(const shape& s) { return {dims::filled(s.rank(), 0), s, dims::filled(s.rank(), 1)}; }
};

template <class T, class B>
array<T, B> window_of(const array<T, B>& x, const window& w) {
  strides st = x.strides();
  std::int64_t offset = 0;
  for (int i = 0; i < x.rank(); ++i) {
    if (w.extent[i] > 0) offset += w.start[i] * st[i];
    st[i] *= w.step[i];
  }
  return x.restride(w.extent, st, offset);
}

template <class T, class B>
tensor<T, B> embed(const char* name, const tensor<T, B>& x, const shape& to, const window& w, T value);

/// The window `w` of `x` as a view; its adjoint is embed.
template <class T, class B>
tensor<T, B> crop(const char* name, const tensor<T, B>& x, const window& w) {
  return record(
      name, window_of(x.array(), w),
      [name, w, from = x.shape()](const auto&, const auto& dy) { return embed(name, dy, from, w, T(0)); }, x);
}

/// An array of shape `to` that holds `x` in the window `w` and `value` elsewhere; its adjoint is crop.
template <class T, class B>
tensor<T, B> embed(const char* name, const tensor<T, B>& x, const shape& to, const window& w, T value) {
  auto y = array<T, B>::empty(to, dense_like(to, x.strides()), x.device());
  if (to.size() != x.size()) B::map(rule::fill<T>{value}, y.view());
  B::map(rule::copy{}, window_of(y, w).view(), x.array().cview());
  return record(
      name, y, [name, w](const auto&, const auto& dy) { return crop(name, dy, w); }, x);
}

}  // namespace detail

/// The elements start, start + step, ... before stop along `axis`, as a view.
///
/// As in Python, negative positions count from the end and both ends are cut to the axis. **Throws** shape_error for an
/// axis outside x, value_error for a step below 1.
template <class T, backend B>
tensor<T, B> slice(const tensor<T, B>& x, int axis, std::int64_t start, std::int64_t stop = to_end,
                   std::int64_t step = 1) {
  const int a = normalize_axis("slice", axis, x.rank());
  if (step < 1) throw_value_error(concat("slice: step must be at least 1: ", step, "; use flip to reverse"));
  const std::int64_t n = x.shape()[a];
  const auto place = [n](std::int64_t i) { return i < 0 ? (i + n < 0 ? 0 : i + n) : (i > n ? n : i); };
  const std::int64_t first = place(start), last = place(stop);
  auto w = detail::window::whole(x.shape());
  w.start[a] = first;
  w.extent[a] = last > first ? (last - first + step - 1) / step : 0;
  w.step[a] = step;
  return detail::crop("slice", x, w);
}

/// `length` elements from `start` on along `axis`, as a view. **Throws** shape_error if they are not all there.
template <class T, backend B>
tensor<T, B> narrow(const tensor<T, B>& x, int axis, std::int64_t start, std::int64_t length) {
  const int a = normalize_axis("narrow", axis, x.rank());
  if (start < 0 || length < 0 || start + length > x.shape()[a])
    throw_shape_error(concat("narrow: elements ", start, " to ", start + length, " of axis ", a, " of shape ",
                             x.shape(), " (", start + length, " vs ", x.shape()[a], ")"));
  auto w = detail::window::whole(x.shape());
  w.start[a] = start;
  w.extent[a] = length;
  return detail::crop("narrow", x, w);
}

/// Element `index` along `axis`, as a view without that dimension; a negative index counts from the end.
///
/// **Throws** shape_error for an axis or an index outside x. To take all elements one by one use unbind: its gradient
/// is put together once.
template <class T, backend B>
tensor<T, B> select(const tensor<T, B>& x, int axis, std::int64_t index) {
  const int a = normalize_axis("select", axis, x.rank());
  const std::int64_t n = x.shape()[a], i = index < 0 ? index + n : index;
  if (i < 0 || i >= n)
    throw_shape_error(concat("select: index outside axis ", a, " of shape ", x.shape(), " (", index, " vs ", n, ")"));
  return squeeze(narrow(x, a, i, 1), a);
}

}  // namespace tensorlab::inline v0
