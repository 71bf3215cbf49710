#pragma once

#include <array>
#include <cmath>

#include <tensorlab/ops/index.hpp>
#include <tensorlab/ops/unary.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// `x` at the places `at` along an axis, between whose elements it runs straight and beyond whose ends it is constant.
template <class T, class B>
tensor<T, B> interpolate(const tensor<T, B>& x, const tensor<double, B>& at, int axis) {
  const auto last = static_cast<double>(x.shape()[axis] - 1);
  const auto place = clamp(at, 0.0, last), low = floor(place), high = clamp(low + 1.0, 0.0, last);
  shape line = dims::filled(x.rank(), 1);
  line[axis] = at.size();
  const auto a = index_select(x, cast<std::int64_t>(low), axis), b = index_select(x, cast<std::int64_t>(high), axis);
  return a + (b - a) * reshape(cast<T>(place - low), line);
}

/// `x` resized along one axis.
template <class T, class B>
tensor<T, B> resize_axis(const tensor<T, B>& x, std::int64_t size, int axis, bool align_corners) {
  const std::int64_t from = x.shape()[axis];
  if (from == size) return x;
  const double step = !align_corners ? static_cast<double>(from) / static_cast<double>(size)
                      : size > 1     ? static_cast<double>(from - 1) / static_cast<double>(size - 1)
                                     : 0.0;
  const double first = align_corners ? 0.0 : step / 2 - 0.5;
  return interpolate(x, tensor<double, B>::arange(size, 0, 1, x.device()) * step + first, axis);
}

inline void require_pixels(const char* op, std::int64_t h, std::int64_t w, std::int64_t height, std::int64_t width) {
  if (h < 1 || w < 1 || height < 1 || width < 1)
    throw_value_error(concat(op, ": images must have pixels: from ", h, " x ", w, " to ", height, " x ", width));
}

}  // namespace detail

/// Images of another size, whose pixels are interpolated linearly between the four nearest ones, without smoothing.
///
/// Pixel i of the result lies at (i + 1/2) H / height - 1/2 of x, so that the images' edges meet; with `align_corners`
/// at i (H - 1) / (height - 1), so that the middles of the corner pixels meet.
/// **Shapes**: x [N, C, H, W]; result [N, C, height, width]. **Throws** shape_error for another rank, value_error for
/// images without pixels.
template <std::floating_point T, backend B>
tensor<T, B> resize_bilinear(const tensor<T, B>& x, std::int64_t height, std::int64_t width,
                             bool align_corners = false) {
  const auto [n, c, h, w] = x.template dims<4>("resize_bilinear: x");
  detail::require_pixels("resize_bilinear", h, w, height, width);
  return detail::resize_axis(detail::resize_axis(x, height, 2, align_corners), width, 3, align_corners);
}

/// Images moved by an affine map, whose pixels are interpolated linearly between the four nearest ones.
///
/// With the matrix {a, b, s, d, e, t}, what lies in column u and row v of x moves to column a u + b v + s and row d u +
/// e v + t of the result. Around the images lies `fill`.
/// **Shapes**: x [N, C, H, W]; result [N, C, height, width]. **Throws** shape_error for another rank, value_error for
/// images without pixels and for a matrix that has no inverse. The gradient reaches x, not the matrix.
template <std::floating_point T, backend B>
tensor<T, B> warp_affine(const tensor<T, B>& x, const std::array<double, 6>& matrix, std::int64_t height,
                         std::int64_t width, std::type_identity_t<T> fill = 0) {
  using positions = tensor<double, B>;
  const auto [n, c, h, w] = x.template dims<4>("warp_affine: x");
  detail::require_pixels("warp_affine", h, w, height, width);
  const auto [a, b, s, d, e, t] = matrix;
  const double scale = 1 / (a * e - b * d);
  if (!std::isfinite(scale * (a + b + s + d + e + t)))
    throw_value_error(concat("warp_affine: the matrix has no inverse: ", a, " ", b, " ", s, " / ", d, " ", e, " ", t));
  const auto u = positions::arange(width, -s, 1, x.device());
  const auto v = reshape(positions::arange(height, -t, 1, x.device()), {height, 1});
  const auto column = u * (e * scale) - v * (b * scale), row = v * (a * scale) - u * (d * scale);
  const auto left = floor(column), top = floor(row);
  const auto right_share = column - left, bottom_share = row - top;
  const auto within = [](const positions& at, std::int64_t extent) {
    return logical_and(greater_equal(at, 0.0), less(at, static_cast<double>(extent)));
  };
  const auto zero = positions::scalar(0, x.device());
  const auto pixels = reshape(x, {n, c, h * w});
  tensor<T, B> y;
  positions covered = zero;
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 2; ++j) {
      const auto r = top + double(i), q = left + double(j);
      const auto inside = logical_and(within(r, h), within(q, w));
      const auto share =
          where(inside, (i ? bottom_share : 1.0 - bottom_share) * (j ? right_share : 1.0 - right_share), zero);
      const auto index = cast<std::int64_t>(where(inside, r * static_cast<double>(w) + q, zero));
      const auto part = index_select(pixels, flatten(index), 2) * cast<T>(flatten(share));
      y = y.defined() ? y + part : part;
      covered = covered + share;
    }
  if (fill != 0) y = y + cast<T>(flatten(1.0 - covered)) * fill;
  return reshape(y, {n, c, height, width});
}

}  // namespace tensorlab::inline v0
