#pragma once

#include <cstdint>

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/core/shape.hpp>

namespace tensorlab::inline v0 {

/// A number per spatial dimension: `2` for both, or `{height, width}`.
struct window_pair {
  std::int64_t height, width;
  constexpr window_pair(std::int64_t both) : height(both), width(both) {}
  constexpr window_pair(std::int64_t h, std::int64_t w) : height(h), width(w) {}
  friend constexpr bool operator==(const window_pair&, const window_pair&) = default;
};

/// Padding before and after one dimension.
struct padding_sides {
  std::int64_t begin = 0, end = 0;
  friend constexpr bool operator==(const padding_sides&, const padding_sides&) = default;
};

/// Padding of height and width: `1`, `{height, width}`, or `{{top, bottom}, {left, right}}`.
struct window_padding {
  padding_sides height, width;
  constexpr window_padding(std::int64_t all) : height{all, all}, width{all, all} {}
  constexpr window_padding(std::int64_t h, std::int64_t w) : height{h, h}, width{w, w} {}
  constexpr window_padding(const padding_sides& h, const padding_sides& w) : height(h), width(w) {}
  friend constexpr bool operator==(const window_padding&, const window_padding&) = default;
};

/// Padding of one dimension: `1` on each side, or `{begin, end}`.
struct line_padding : padding_sides {
  constexpr line_padding(std::int64_t both) : padding_sides{both, both} {}
  constexpr line_padding(std::int64_t b, std::int64_t e) : padding_sides{b, e} {}
};

/// TensorFlow's SAME padding of one dimension: the output has ceil(in / stride) elements, and an odd remainder goes to
/// the end.
///
/// total = max((ceil(in / stride) - 1) stride + (kernel - 1) dilation + 1 - in, 0), begin = floor(total / 2).
constexpr padding_sides same_padding(std::int64_t in, std::int64_t kernel, std::int64_t stride = 1,
                                     std::int64_t dilation = 1) {
  const std::int64_t out = (in + stride - 1) / stride;
  const std::int64_t missing = (out - 1) * stride + (kernel - 1) * dilation + 1 - in;
  const std::int64_t total = missing > 0 ? missing : 0;
  return {total / 2, total - total / 2};
}

/// SAME padding for an image [N, C, H, W] or any shape whose last two dimensions are height and width.
inline window_padding same_padding(const shape& image, const window_pair& kernel, const window_pair& stride = 1,
                                   const window_pair& dilation = 1) {
  if (image.rank() < 2) throw_shape_error(concat("same_padding: no height and width in shape ", image));
  const int r = image.rank();
  return {same_padding(image[r - 2], kernel.height, stride.height, dilation.height),
          same_padding(image[r - 1], kernel.width, stride.width, dilation.width)};
}

namespace detail {

inline window_geometry make_geometry(const window_pair& kernel, const window_pair& stride, const window_pair& dilation,
                                     const window_padding& p, std::int64_t groups = 1) {
  return {{kernel.height, kernel.width},   {stride.height, stride.width}, {dilation.height, dilation.width},
          {p.height.begin, p.width.begin}, {p.height.end, p.width.end},   groups};
}

/// **Throws** value_error for a window that cannot move, shape_error for one that does not fit the padded image.
///
/// `image` is [N, C, H, W] or [N, C, L].
inline void check_window(const char* op, const window_geometry& g, const shape& image, const char* second,
                         const shape& second_shape) {
  const bool line = image.rank() == 3;
  for (int i = line ? 1 : 0; i < 2; ++i) {
    const auto a = static_cast<std::size_t>(i);
    const char* side = line ? "length" : i == 0 ? "height" : "width";
    if (g.kernel[a] < 1) throw_value_error(concat(op, ": kernel ", side, " must be at least 1, got ", g.kernel[a]));
    if (g.stride[a] < 1) throw_value_error(concat(op, ": stride must be at least 1, got ", g.stride[a]));
    if (g.dilation[a] < 1) throw_value_error(concat(op, ": dilation must be at least 1, got ", g.dilation[a]));
    if (g.pad_begin[a] < 0 || g.pad_end[a] < 0)
      throw_value_error(concat(op, ": padding must not be negative, got ", g.pad_begin[a], " and ", g.pad_end[a]));
    const std::int64_t in = image[image.rank() - 2 + i] + g.pad_begin[a] + g.pad_end[a];
    const std::int64_t reach = g.dilation[a] * (g.kernel[a] - 1) + 1;
    if (reach > in)
      throw_shape_error(concat(op, ": kernel is larger than the padded input: input ", image, ", ", second, " ",
                               second_shape, " (", side, " ", reach, " vs ", in, ")"));
  }
}

template <class B>
constexpr bool prefers_channels_last() {
  if constexpr (requires { B::prefers_channels_last; })
    return B::prefers_channels_last;
  else
    return false;
}

/// Strides of an image op's output: channels-last for a channels-last input, and always where the backend prefers it.
template <class B>
strides image_strides(const shape& out, const shape& in, const strides& in_strides) {
  // With one channel or one pixel both orders are the same memory; row-major then.
  const bool input_is = !is_row_major(in, in_strides) && is_channels_last(in, in_strides);
  return prefers_channels_last<B>() || input_is ? channels_last(out) : row_major(out);
}

}  // namespace detail

}  // namespace tensorlab::inline v0
