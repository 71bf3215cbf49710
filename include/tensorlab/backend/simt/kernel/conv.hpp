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
    const std::int64_t count = y.size(), step = global_size(g);
    for (std::int64_t i = global_rank(g); i < count; i += step) {
      std::int64_t at[4];
      y.coordinates(i, at);
      const std::int64_t first = at[1] / per_group * w.extent[1];
      T sum = T(0);
      for (std::int64_t r = 0; r < vertical.kernel; ++r) {
        const std::int64_t h = vertical.input(at[2], r);
        if (h < 0 || h >= x.extent[2]) continue;
        for (std::int64_t s = 0; s < horizontal.kernel; ++s) {
          const std::int64_t v = horizontal.input(at[3], s);
          if (v < 0 || v >= x.extent[3]) continue;
          const T* from = &x.at(at[0], first, h, v);
          const T* weight = &w.at(at[1], 0, r, s);
          for (std::int64_t c = 0; c < w.extent[1]; ++c) sum += from[c * x.stride[1]] * weight[c * w.stride[1]];
        }
      }
      if (bias != nullptr) sum += bias[at[1]];
      y.at(at[0], at[1], at[2], at[3]) = sum;
    }
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
    const std::int64_t count = dx.size(), step = global_size(g);
    for (std::int64_t i = global_rank(g); i < count; i += step) {
      std::int64_t at[4];
      dx.coordinates(i, at);
      const std::int64_t group = at[1] / w.extent[1], c = at[1] % w.extent[1];
      T sum = T(0);
      for (std::int64_t r = 0; r < vertical.kernel; ++r) {
        const std::int64_t p = vertical.output(at[2], r, dy.extent[2]);
        if (p < 0) continue;
        for (std::int64_t s = 0; s < horizontal.kernel; ++s) {
          const std::int64_t q = horizontal.output(at[3], s, dy.extent[3]);
          if (q < 0) continue;
          const T* from = &dy.at(at[0], group * per_group, p, q);
          const T* weight = &w.at(group * per_group, c, r, s);
          for (std::int64_t k = 0; k < per_group; ++k) sum += from[k * dy.stride[1]] * weight[k * w.stride[0]];
        }
      }
      dx.at(at[0], at[1], at[2], at[3]) = sum;
    }
  }
};

/// dw sums over the positions of all images: a group per weight.
template <class T>
struct conv_dw_body {
  image<T> dw;
  image<const T> dy, x;
  window_axis vertical, horizontal;
  std::int64_t per_group;

  template <class G>
  TL_HD void operator()(G& g) const {
    const std::int64_t count = dw.size(), positions = dy.extent[2] * dy.extent[3], terms = dy.extent[0] * positions;
    for (std::int64_t i = g.index(); i < count; i += g.count()) {
      std::int64_t at[4];
      dw.coordinates(i, at);
      const std::int64_t c = at[0] / per_group * dw.extent[1] + at[1];
      T sum = T(0);
      for (std::int64_t j = g.rank(); j < terms; j += g.size()) {
        const std::int64_t n = j / positions, p = j % positions / dy.extent[3], q = j % dy.extent[3];
        const std::int64_t h = vertical.input(p, at[2]), v = horizontal.input(q, at[3]);
        if (h < 0 || h >= x.extent[2] || v < 0 || v >= x.extent[3]) continue;
        sum += dy.at(n, at[0], p, q) * x.at(n, c, h, v);
      }
      sum = group_reduce(g, sum, 1, [](const T& a, const T& b) { return a + b; });
      if (g.rank() == 0) dw.at(at[0], at[1], at[2], at[3]) = sum;
    }
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
