#pragma once

#include <cstdint>

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/view.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// A [N, C, H, W] operand: a pointer with four strides, and the order its elements are numbered in.
template <class T>
struct image {
  T* data;
  std::int64_t extent[4], stride[4];
  bool channels_last;

  image() = default;
  explicit image(const view<T>& v)
      : data(v.data), channels_last(v.shape[1] > 1 && v.strides[1] < v.strides[3] && v.strides[1] < v.strides[2]) {
    for (int d = 0; d < 4; ++d) {
      extent[d] = v.shape[d];
      stride[d] = v.strides[d];
    }
  }

  TL_HD std::int64_t size() const { return extent[0] * extent[1] * extent[2] * extent[3]; }
  TL_HD std::int64_t offset(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const {
    return n * stride[0] + c * stride[1] + h * stride[2] + w * stride[3];
  }
  TL_HD T& at(std::int64_t n, std::int64_t c, std::int64_t h, std::int64_t w) const { return data[offset(n, c, h, w)]; }

  /// The coordinates of the element with a number in memory order, so that neighbouring lanes touch neighbouring
  /// elements.
  TL_HD void coordinates(std::int64_t i, std::int64_t* at) const {
    const std::int64_t inner = channels_last ? extent[1] : 1;
    const std::int64_t c = i % inner;
    i /= inner;
    at[3] = i % extent[3];
    i /= extent[3];
    at[2] = i % extent[2];
    i /= extent[2];
    at[1] = channels_last ? c : i % extent[1];
    at[0] = channels_last ? i : i / extent[1];
  }
};

/// Calls `f(coordinates)` for the elements of an image that are this lane's among those of all groups.
template <class G, class T, class F>
TL_HD void for_each_element(const G& g, const image<T>& im, const F& f) {
  const std::int64_t count = im.size(), step = global_size(g);
  for (std::int64_t i = global_rank(g); i < count; i += step) {
    std::int64_t at[4];
    im.coordinates(i, at);
    f(at);
  }
}

/// One axis of a window: which input position an output position and a tap meet at, and the way back.
struct window_axis {
  std::int64_t kernel, stride, dilation, pad;

  window_axis() = default;
  window_axis(const window_geometry& g, int axis)
      : kernel(g.kernel[static_cast<std::size_t>(axis)]),
        stride(g.stride[static_cast<std::size_t>(axis)]),
        dilation(g.dilation[static_cast<std::size_t>(axis)]),
        pad(g.pad_begin[static_cast<std::size_t>(axis)]) {}

  TL_HD std::int64_t input(std::int64_t out, std::int64_t tap) const { return out * stride - pad + tap * dilation; }
  /// The output position whose tap meets input position `in`, or -1.
  TL_HD std::int64_t output(std::int64_t in, std::int64_t tap, std::int64_t outputs) const {
    const std::int64_t from = in + pad - tap * dilation;
    if (from < 0 || from % stride != 0) return -1;
    const std::int64_t out = from / stride;
    return out < outputs ? out : -1;
  }
};

/// Calls `f(r, s, h, v)` for the taps of the window at the output `at` that meet a position of an image with these
/// extents.
template <class F>
TL_HD void for_each_input(const window_axis& vertical, const window_axis& horizontal, const std::int64_t* at,
                          const std::int64_t* extent, const F& f) {
  for (std::int64_t r = 0; r < vertical.kernel; ++r) {
    const std::int64_t h = vertical.input(at[2], r);
    if (h < 0 || h >= extent[2]) continue;
    for (std::int64_t s = 0; s < horizontal.kernel; ++s) {
      const std::int64_t v = horizontal.input(at[3], s);
      if (v >= 0 && v < extent[3]) f(r, s, h, v);
    }
  }
}

/// Calls `f(r, s, p, q)` for the taps through which the input `at` reaches an output of these extents.
template <class F>
TL_HD void for_each_output(const window_axis& vertical, const window_axis& horizontal, const std::int64_t* at,
                           std::int64_t height, std::int64_t width, const F& f) {
  for (std::int64_t r = 0; r < vertical.kernel; ++r) {
    const std::int64_t p = vertical.output(at[2], r, height);
    if (p < 0) continue;
    for (std::int64_t s = 0; s < horizontal.kernel; ++s) {
      const std::int64_t q = horizontal.output(at[3], s, width);
      if (q >= 0) f(r, s, p, q);
    }
  }
}

}  // namespace tensorlab::inline v0::simt_kernel
