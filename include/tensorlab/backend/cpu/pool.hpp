#pragma once

#include <limits>

#include <tensorlab/backend/cpu/parallel.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/view.hpp>
#include <tensorlab/rule/reduce.hpp>

namespace tensorlab::inline v0::detail {

/// The elements of a pooling window that lie inside the image: rows [r0, r1) and columns [s0, s1) of the kernel.
struct pool_window {
  std::int64_t h, v;  // where the kernel's corner lies
  std::int64_t r0, r1, s0, s1;

  pool_window(const window_geometry& g, std::int64_t height, std::int64_t width, std::int64_t p, std::int64_t q)
      : h(p * g.stride[0] - g.pad_begin[0]), v(q * g.stride[1] - g.pad_begin[1]) {
    const auto inside = [](std::int64_t at, std::int64_t gap, std::int64_t taps, std::int64_t extent,
                           std::int64_t& first, std::int64_t& last) {
      first = at >= 0 ? 0 : (-at + gap - 1) / gap;
      last = at >= extent ? 0 : (std::min)(taps, (extent - 1 - at) / gap + 1);
      first = (std::min)(first, last);
    };
    inside(h, g.dilation[0], g.kernel[0], height, r0, r1);
    inside(v, g.dilation[1], g.kernel[1], width, s0, s1);
  }
  std::int64_t count() const { return (r1 - r0) * (s1 - s0); }
};

/// Pooling with the channels side by side: the inner loops run over up to `tile` channels of one window.
struct cpu_pool {
  static constexpr std::int64_t tile = 64;

  template <class T>
  static void pool(pool_kind kind, view<T> y, view<std::int64_t> position, view<const T> x, const window_geometry& g) {
    if (y.size() == 0) return;
    const std::int64_t tiles = (y.shape[1] + tile - 1) / tile, rows = y.shape[2];
    const std::int64_t work = (std::min)(tile, y.shape[1]) * y.shape[3] * g.kernel[0] * g.kernel[1];
    parallel_for(y.shape[0] * tiles * rows, work, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t p = i % rows, c = i / rows % tiles * tile, n = i / rows / tiles;
        const std::int64_t lanes = (std::min)(tile, y.shape[1] - c);
        for (std::int64_t q = 0; q < y.shape[3]; ++q) {
          const T* const from = x.data + n * x.strides[0] + c * x.strides[1];
          T* const to = y.data + at(y.strides, n, c, p, q);
          const pool_window window(g, x.shape[2], x.shape[3], p, q);
          if (kind == pool_kind::max)
            largest(to, y.strides[1], position.data + at(position.strides, n, c, p, q), position.strides[1], from, x,
                    window, g, lanes);
          else
            average(to, y.strides[1], from, x, window, g, lanes, divisor(kind, window, g));
        }
      }
    });
  }

  template <class T>
  static void pool_dx(pool_kind kind, view<T> dx, view<const T> dy, view<const std::int64_t> position,
                      const window_geometry& g) {
    if (dx.size() == 0) return;
    const std::int64_t tiles = (dx.shape[1] + tile - 1) / tile;
    const std::int64_t work = (std::min)(tile, dx.shape[1]) * (dx.shape[2] * dx.shape[3] + dy.shape[2] * dy.shape[3]);
    parallel_for(dx.shape[0] * tiles, work, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const std::int64_t c = i % tiles * tile, n = i / tiles, lanes = (std::min)(tile, dx.shape[1] - c);
        T* const to = dx.data + n * dx.strides[0] + c * dx.strides[1];
        for (std::int64_t h = 0; h < dx.shape[2]; ++h)
          for (std::int64_t v = 0; v < dx.shape[3]; ++v)
            for (std::int64_t l = 0; l < lanes; ++l)
              to[h * dx.strides[2] + v * dx.strides[3] + l * dx.strides[1]] = T(0);
        for (std::int64_t p = 0; p < dy.shape[2]; ++p)
          for (std::int64_t q = 0; q < dy.shape[3]; ++q) {
            const T* const from = dy.data + at(dy.strides, n, c, p, q);
            if (kind == pool_kind::max)
              spread_to_largest(to, dx, from, dy.strides[1], position.data + at(position.strides, n, c, p, q),
                                position.strides[1], lanes);
            else
              spread(to, dx, from, dy.strides[1], kind, pool_window(g, dx.shape[2], dx.shape[3], p, q), g, lanes);
          }
      }
    });
  }

 private:
  static std::int64_t at(const strides& s, std::int64_t n, std::int64_t c, std::int64_t p, std::int64_t q) {
    return n * s[0] + c * s[1] + p * s[2] + q * s[3];
  }
  static std::int64_t divisor(pool_kind kind, const pool_window& window, const window_geometry& g) {
    return kind == pool_kind::average ? g.kernel[0] * g.kernel[1] : (std::max)(window.count(), std::int64_t{1});
  }

  /// Calls `f(h, v)` for the window's elements.
  template <class F>
  static void for_each_tap(const pool_window& window, const window_geometry& g, const F& f) {
    for (std::int64_t r = window.r0; r < window.r1; ++r)
      for (std::int64_t s = window.s0; s < window.s1; ++s)
        f(window.h + r * g.dilation[0], window.v + s * g.dilation[1]);
  }

  template <class T>
  static void largest(T* to, std::int64_t to_step, std::int64_t* position, std::int64_t position_step, const T* from,
                      const view<const T>& x, const pool_window& window, const window_geometry& g, std::int64_t lanes) {
    T best[tile];
    std::int64_t where[tile];
    for (std::int64_t l = 0; l < lanes; ++l) {
      best[l] = -std::numeric_limits<T>::infinity();
      where[l] = -1;
    }
    for_each_tap(window, g, [&](std::int64_t h, std::int64_t v) {
      const T* const tap = from + h * x.strides[2] + v * x.strides[3];
      const std::int64_t number = h * x.shape[3] + v;
      for (std::int64_t l = 0; l < lanes; ++l) {
        const T value = tap[l * x.strides[1]];
        const bool take = where[l] < 0 || rule::max::better(value, best[l]);
        best[l] = take ? value : best[l];
        where[l] = take ? number : where[l];
      }
    });
    for (std::int64_t l = 0; l < lanes; ++l) {
      to[l * to_step] = best[l];
      position[l * position_step] = where[l];
    }
  }

  template <class T>
  static void average(T* to, std::int64_t to_step, const T* from, const view<const T>& x, const pool_window& window,
                      const window_geometry& g, std::int64_t lanes, std::int64_t count) {
    double sum[tile] = {};
    for_each_tap(window, g, [&](std::int64_t h, std::int64_t v) {
      const T* const tap = from + h * x.strides[2] + v * x.strides[3];
      for (std::int64_t l = 0; l < lanes; ++l) sum[l] += static_cast<double>(tap[l * x.strides[1]]);
    });
    for (std::int64_t l = 0; l < lanes; ++l) to[l * to_step] = static_cast<T>(sum[l] / static_cast<double>(count));
  }

  template <class T>
  static void spread_to_largest(T* to, const view<T>& dx, const T* from, std::int64_t from_step,
                                const std::int64_t* position, std::int64_t position_step, std::int64_t lanes) {
    for (std::int64_t l = 0; l < lanes; ++l) {
      const std::int64_t where = position[l * position_step];
      if (where < 0) continue;
      const std::int64_t h = where / dx.shape[3], v = where % dx.shape[3];
      to[h * dx.strides[2] + v * dx.strides[3] + l * dx.strides[1]] += from[l * from_step];
    }
  }

  template <class T>
  static void spread(T* to, const view<T>& dx, const T* from, std::int64_t from_step, pool_kind kind,
                     const pool_window& window, const window_geometry& g, std::int64_t lanes) {
    T share[tile];
    const T count = static_cast<T>(divisor(kind, window, g));
    for (std::int64_t l = 0; l < lanes; ++l) share[l] = from[l * from_step] / count;
    for_each_tap(window, g, [&](std::int64_t h, std::int64_t v) {
      T* const tap = to + h * dx.strides[2] + v * dx.strides[3];
      for (std::int64_t l = 0; l < lanes; ++l) tap[l * dx.strides[1]] += share[l];
    });
  }
};

}  // namespace tensorlab::inline v0::detail
