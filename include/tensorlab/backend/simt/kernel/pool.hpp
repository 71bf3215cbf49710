#pragma once

#include <limits>

#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/kernel/image.hpp>
#include <tensorlab/rule/reduce.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Maximum (with its position) or average over a window: a lane per output.
template <class T>
struct pool_body {
  pool_kind kind;
  image<T> y;
  image<std::int64_t> position;
  image<const T> x;
  window_axis vertical, horizontal;

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, y, [&](const std::int64_t* at) {
      T sum = T(0), best = -std::numeric_limits<T>::infinity();
      std::int64_t inside = 0, where = -1;
      const auto take = [&](std::int64_t, std::int64_t, std::int64_t h, std::int64_t v) {
        const T value = x.at(at[0], at[1], h, v);
        ++inside;
        sum += value;
        if (where < 0 || rule::max::better(value, best)) {
          best = value;
          where = h * x.extent[3] + v;
        }
      };
      for_each_input(vertical, horizontal, at, x.extent, take);
      T& to = y.at(at[0], at[1], at[2], at[3]);
      if (kind == pool_kind::max) {
        to = best;
        if (position.data != nullptr) position.at(at[0], at[1], at[2], at[3]) = where;
      } else {
        const std::int64_t all = kind == pool_kind::average ? vertical.kernel * horizontal.kernel : inside;
        to = sum / static_cast<T>(all > 0 ? all : 1);
      }
    });
  }
};

/// dx gathers from the windows that hold it: a lane per input.
template <class T>
struct pool_dx_body {
  pool_kind kind;
  image<T> dx;
  image<const T> dy;
  image<const std::int64_t> position;
  window_axis vertical, horizontal;

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, dx, [&](const std::int64_t* at) {
      T sum = T(0);
      for (std::int64_t r = vertical.kernel - 1; r >= 0; --r) {  // so that the outputs come in their order
        const std::int64_t p = vertical.output(at[2], r, dy.extent[2]);
        if (p < 0) continue;
        for (std::int64_t s = horizontal.kernel - 1; s >= 0; --s) {
          const std::int64_t q = horizontal.output(at[3], s, dy.extent[3]);
          if (q >= 0) sum += share(at, p, q);
        }
      }
      dx.at(at[0], at[1], at[2], at[3]) = sum;
    });
  }

 private:
  TL_HD T share(const std::int64_t* at, std::int64_t p, std::int64_t q) const {
    const T gradient = dy.at(at[0], at[1], p, q);
    if (kind == pool_kind::max)
      return position.at(at[0], at[1], p, q) == at[2] * dx.extent[3] + at[3] ? gradient : T(0);
    if (kind == pool_kind::average) return gradient / static_cast<T>(vertical.kernel * horizontal.kernel);
    return gradient / static_cast<T>(inside(vertical, p, dx.extent[2]) * inside(horizontal, q, dx.extent[3]));
  }

  TL_HD static std::int64_t inside(const window_axis& axis, std::int64_t out, std::int64_t extent) {
    std::int64_t n = 0;
    for (std::int64_t tap = 0; tap < axis.kernel; ++tap) {
      const std::int64_t in = axis.input(out, tap);
      if (in >= 0 && in < extent) ++n;
    }
    return n;
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
