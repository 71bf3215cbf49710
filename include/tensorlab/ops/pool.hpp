#pragma once

#include <algorithm>

#include <tensorlab/ops/index.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/shape.hpp>
#include <tensorlab/ops/window.hpp>

namespace tensorlab::inline v0 {

/// How a 2-D maximum moves: `{.kernel = 3, .stride = 2, .padding = 1}`; the stride is the kernel unless given.
struct max_pool2d_options {
  window_pair kernel;
  window_pair stride = kernel;
  window_padding padding = 0;
  window_pair dilation = 1;
};

/// How a 2-D average moves; `count_include_pad` divides by the kernel's size also where it covers padding.
struct avg_pool2d_options {
  window_pair kernel;
  window_pair stride = kernel;
  window_padding padding = 0;
  bool count_include_pad = true;
};

/// How a 1-D maximum moves.
struct max_pool1d_options {
  std::int64_t kernel;
  std::int64_t stride = kernel;
  line_padding padding = 0;
  std::int64_t dilation = 1;
};

/// How a 1-D average moves.
struct avg_pool1d_options {
  std::int64_t kernel;
  std::int64_t stride = kernel;
  line_padding padding = 0;
  bool count_include_pad = true;
};

namespace detail {

inline void check_pool(const char* op, const shape& x, const window_geometry& g) {
  check_window(op, g, x, "kernel", x.rank() == 3 ? shape{g.kernel[1]} : shape{g.kernel[0], g.kernel[1]});
  for (std::size_t i = 0; i < 2; ++i) {
    const std::int64_t reach = g.dilation[i] * (g.kernel[i] - 1) + 1, pad = (std::max)(g.pad_begin[i], g.pad_end[i]);
    if (pad >= reach)
      throw_value_error(concat(op, ": a window would lie in the padding alone: padding ", pad, ", kernel ", reach));
  }
}

inline shape pooled_shape(const shape& x, const window_geometry& g) {
  return {x[0], x[1], g.out(0, x[2]), g.out(1, x[3])};
}

// The gradient of a maximum picks and puts elements at fixed positions of the planes; each is the other's adjoint.

template <class T, class B>
tensor<T, B> plane_pick(const tensor<T, B>& x, const array<std::int64_t, B>& position);

template <class T, class B>
tensor<T, B> max_pool_gradient(const tensor<T, B>& dy, const array<std::int64_t, B>& position, const window_geometry& g,
                               const shape& x, const strides& x_strides) {
  auto dx = array<T, B>::empty(x, image_strides<B>(x, x, x_strides), dy.device());
  B::pool_dx(pool_kind::max, dx.view(), dy.array().cview(), position.cview(), g);
  return record(
      "max_pool2d_dx", dx,
      [position](const backward_context&, const tensor<T, B>& ddx) { return plane_pick(ddx, position); }, dy);
}

/// y[n, c, p, q] = x[n, c, position[n, c, p, q]], the position counted within the plane.
template <class T, class B>
tensor<T, B> plane_pick(const tensor<T, B>& x, const array<std::int64_t, B>& position) {
  const shape s = position.shape(), flat{s[0], s[1], s[2] * s[3]};
  const tensor<std::int64_t, B> index(position.contiguous());
  return reshape(gather_unchecked("max_pool2d_pick", flatten(x, 2, 3), reshape(index, flat), 2), s);
}

template <class T, class B>
tensor<T, B> max_pool(const tensor<T, B>& x, const window_geometry& g) {
  const shape s = pooled_shape(x.shape(), g);
  auto y = array<T, B>::empty(s, image_strides<B>(s, x.shape(), x.strides()), x.device());
  auto position = array<std::int64_t, B>::empty(s, y.strides(), x.device());
  B::pool(pool_kind::max, y.view(), position.view(), x.array().cview(), g);
  return record(
      "max_pool2d", y,
      [g, position, from = x.shape(), st = x.strides()](const backward_context&, const tensor<T, B>& dy) {
        return max_pool_gradient(dy, position, g, from, st);
      },
      x);
}

template <class T, class B>
tensor<T, B> avg_pool_gradient(const tensor<T, B>& dy, pool_kind kind, const window_geometry& g, const shape& x,
                               const strides& x_strides);

template <class T, class B>
tensor<T, B> avg_pool(const tensor<T, B>& x, pool_kind kind, const window_geometry& g) {
  const shape s = pooled_shape(x.shape(), g);
  auto y = array<T, B>::empty(s, image_strides<B>(s, x.shape(), x.strides()), x.device());
  B::pool(kind, y.view(), view<std::int64_t>{nullptr, s, y.strides()}, x.array().cview(), g);
  return record(
      "avg_pool2d", y,
      [g, kind, from = x.shape(), st = x.strides()](const backward_context&, const tensor<T, B>& dy) {
        return avg_pool_gradient(dy, kind, g, from, st);
      },
      x);
}

template <class T, class B>
tensor<T, B> avg_pool_gradient(const tensor<T, B>& dy, pool_kind kind, const window_geometry& g, const shape& x,
                               const strides& x_strides) {
  auto dx = array<T, B>::empty(x, image_strides<B>(x, x, x_strides), dy.device());
  B::pool_dx(kind, dx.view(), dy.array().cview(), view<const std::int64_t>{nullptr, dy.shape(), dy.strides()}, g);
  return record(
      "avg_pool2d_dx", dx,
      [g, kind](const backward_context&, const tensor<T, B>& ddx) { return avg_pool(ddx, kind, g); }, dy);
}

inline pool_kind average_kind(bool count_include_pad) {
  return count_include_pad ? pool_kind::average : pool_kind::average_without_padding;
}

}  // namespace detail

/// The largest element of each window; padding counts as -infinity, the first of equal elements takes the gradient, NaN
/// wins.
///
/// **Shapes**: x [N, C, H, W] -> [N, C, P, Q], P = floor((H + padding - dilation (kernel - 1) - 1) / stride) + 1.
/// **Throws** shape_error, value_error.
template <class T, backend B>
tensor<T, B> max_pool2d(const tensor<T, B>& x, const max_pool2d_options& o) {
  x.template dims<4>("max_pool2d: input");
  const auto g = detail::make_geometry(o.kernel, o.stride, o.dilation, o.padding);
  detail::check_pool("max_pool2d", x.shape(), g);
  return detail::max_pool(x, g);
}

/// The mean of each window, over the kernel's size or over the elements inside the image.
///
/// **Shapes**: x [N, C, H, W] -> [N, C, P, Q], P = floor((H + padding - kernel) / stride) + 1. **Throws** shape_error,
/// value_error.
template <class T, backend B>
tensor<T, B> avg_pool2d(const tensor<T, B>& x, const avg_pool2d_options& o) {
  x.template dims<4>("avg_pool2d: input");
  const auto g = detail::make_geometry(o.kernel, o.stride, 1, o.padding);
  detail::check_pool("avg_pool2d", x.shape(), g);
  return detail::avg_pool(x, detail::average_kind(o.count_include_pad), g);
}

/// As max_pool2d along one dimension: x [N, C, L]. **Throws** shape_error, value_error.
template <class T, backend B>
tensor<T, B> max_pool1d(const tensor<T, B>& x, const max_pool1d_options& o) {
  x.template dims<3>("max_pool1d: input");
  const auto g = detail::make_geometry({1, o.kernel}, {1, o.stride}, {1, o.dilation}, {{0, 0}, o.padding});
  detail::check_pool("max_pool1d", x.shape(), g);
  return squeeze(detail::max_pool(unsqueeze(x, 2), g), 2);
}

/// As avg_pool2d along one dimension: x [N, C, L]. **Throws** shape_error, value_error.
template <class T, backend B>
tensor<T, B> avg_pool1d(const tensor<T, B>& x, const avg_pool1d_options& o) {
  x.template dims<3>("avg_pool1d: input");
  const auto g = detail::make_geometry({1, o.kernel}, {1, o.stride}, 1, {{0, 0}, o.padding});
  detail::check_pool("avg_pool1d", x.shape(), g);
  return squeeze(detail::avg_pool(unsqueeze(x, 2), detail::average_kind(o.count_include_pad), g), 2);
}

/// The mean over all positions: [N, C, ...] -> [N, C]. **Throws** shape_error below rank 3.
template <class T, backend B>
tensor<T, B> global_avg_pool(const tensor<T, B>& x) {
  if (x.rank() < 3) throw_shape_error(concat("global_avg_pool: expected [N, C, ...], got shape ", x.shape()));
  dims spatial;
  for (int i = 2; i < x.rank(); ++i) spatial.push_back(i);
  return mean(x, spatial);
}

}  // namespace tensorlab::inline v0
