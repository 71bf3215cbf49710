#pragma once

#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/kernel/image.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// y = x * w + bias by the defining sum: a lane per output.
template <class T>
struct conv_body {
  image<T> y;
  image<const T> x, w;
  const T* bias;
  window_axis vertical, horizontal;
  std::int64_t per_group;  // outputs of a group

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, y, [&](const std::int64_t* at) {
      const std::int64_t first = at[1] / per_group * w.extent[1];
      T sum = T(0);
      const auto add = [&](std::int64_t r, std::int64_t s, std::int64_t h, std::int64_t v) {
        const std::int64_t from = x.offset(at[0], first, h, v), weight = w.offset(at[1], 0, r, s);
        for (std::int64_t c = 0; c < w.extent[1]; ++c)
          sum += x.data[from + c * x.stride[1]] * w.data[weight + c * w.stride[1]];
      };
      for_each_input(vertical, horizontal, at, x.extent, add);
      if (bias != nullptr) sum += bias[at[1]];
      y.at(at[0], at[1], at[2], at[3]) = sum;
    });
  }
};

/// dx gathers from the outputs that saw it: a lane per input.
template <class T>
struct conv_dx_body {
  image<T> dx;
  image<const T> dy, w;
  window_axis vertical, horizontal;
  std::int64_t per_group;

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, dx, [&](const std::int64_t* at) {
      const std::int64_t group = at[1] / w.extent[1], c = at[1] % w.extent[1];
      T sum = T(0);
      const auto add = [&](std::int64_t r, std::int64_t s, std::int64_t p, std::int64_t q) {
        const std::int64_t from = dy.offset(at[0], group * per_group, p, q);
        const std::int64_t weight = w.offset(group * per_group, c, r, s);
        for (std::int64_t k = 0; k < per_group; ++k)
          sum += dy.data[from + k * dy.stride[1]] * w.data[weight + k * w.stride[0]];
      };
      for_each_output(vertical, horizontal, at, dy.extent[2], dy.extent[3], add);
      dx.at(at[0], at[1], at[2], at[3]) = sum;
    });
  }
};

/// dw sums dy x over the positions of all images; slices are weights. Operands dy, x, the input's row and column, dw:
/// the positions in the image are linear in the loops too, so the padding is a test of two offsets.
template <class T>
struct conv_dw_fold {
  using state = T;
  static constexpr int operands = 5;
  const T* dy;
  const T* x;
  T* dw;
  std::int64_t height, width, first_row, first_column, first;  // where x's padded corner lies

  TL_HD state identity() const { return T(0); }
  TL_HD state step(const state& s, const std::int64_t* at) const {
    const std::int64_t h = first_row + at[2], v = first_column + at[3];
    if (h < 0 || h >= height || v < 0 || v >= width) return s;
    return s + dy[at[0]] * x[first + at[1]];
  }
  TL_HD state combine(const state& a, const state& b) const { return a + b; }
  TL_HD void finish(const std::int64_t* at, const state& s) const { dw[at[4]] = s; }
};

}  // namespace tensorlab::inline v0::simt_kernel
