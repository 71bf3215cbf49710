#pragma once

#include <cmath>
#include <concepts>
#include <limits>
#include <vector>

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/reference/elementwise.hpp>
#include <tensorlab/core/dtype.hpp>
#include <tensorlab/core/math.hpp>
#include <tensorlab/rule/reduce.hpp>

namespace tensorlab::inline v0::detail {

/// Products, convolution, pooling, normalisation and softmax by their defining sums, accumulated in double.
struct reference_layers {
  /// A factor of a product as it enters it.
  template <class T>
  static double factor(T v, compute how) {
    if constexpr (std::same_as<T, float>)
      if (how == compute::bf16) return static_cast<double>(static_cast<float>(bf16(v)));
    return static_cast<double>(v);
  }

  template <class T>
  static void gemm(view<T> y, view<const T> a, view<const T> b, const gemm_epilogue<T>& e) {
    const int r = y.rank();
    const std::int64_t m = y.shape[r - 2], n = y.shape[r - 1], k = a.shape[r - 1];
    const std::int64_t batches = m * n == 0 ? 0 : y.size() / (m * n);
    for (std::int64_t batch = 0; batch < batches; ++batch)
      for (std::int64_t i = 0; i < m; ++i)
        for (std::int64_t j = 0; j < n; ++j) {
          double sum = e.bias != nullptr ? static_cast<double>(e.bias[j]) : 0.0;
          for (std::int64_t l = 0; l < k; ++l)
            sum += factor(a.at((batch * m + i) * k + l), e.factors) * factor(b.at((batch * k + l) * n + j), e.factors);
          T& out = y.at((batch * m + i) * n + j);
          out = static_cast<T>(e.accumulate ? static_cast<double>(out) + sum : sum);
        }
  }

  /// Calls `f(n, k, c, c within the group, h, w, r, s, p, q)` for each product of a convolution.
  template <class F>
  static void for_each_tap(const shape& y, const shape& x, const shape& w, const window_geometry& g, F f) {
    const std::int64_t per_group = y[1] / g.groups;
    for (std::int64_t n = 0; n < y[0]; ++n)
      for (std::int64_t k = 0; k < y[1]; ++k)
        for (std::int64_t p = 0; p < y[2]; ++p)
          for (std::int64_t q = 0; q < y[3]; ++q)
            for (std::int64_t c = 0; c < w[1]; ++c)
              for (std::int64_t r = 0; r < w[2]; ++r)
                for (std::int64_t s = 0; s < w[3]; ++s) {
                  const std::int64_t h = p * g.stride[0] - g.pad_begin[0] + r * g.dilation[0];
                  const std::int64_t v = q * g.stride[1] - g.pad_begin[1] + s * g.dilation[1];
                  if (h < 0 || h >= x[2] || v < 0 || v >= x[3]) continue;
                  f(n, k, k / per_group * w[1] + c, c, h, v, r, s, p, q);
                }
  }
  static std::int64_t number(const shape& s, std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    return ((a * s[1] + b) * s[2] + c) * s[3] + d;
  }

  template <class T>
  static void store(view<T> to, const std::vector<double>& from) {
    for (std::int64_t i = 0; i < to.size(); ++i) to.at(i) = static_cast<T>(from[static_cast<std::size_t>(i)]);
  }

  template <class T>
  static void conv(view<T> y, view<const T> x, view<const T> w, const T* bias, const window_geometry& g) {
    std::vector<double> sum(static_cast<std::size_t>(y.size()), 0.0);
    for_each_tap(y.shape, x.shape, w.shape, g,
                 [&](auto n, auto k, auto c, auto cg, auto h, auto v, auto r, auto s, auto p, auto q) {
                   sum[static_cast<std::size_t>(number(y.shape, n, k, p, q))] +=
                       factor(x.at(number(x.shape, n, c, h, v)), g.factors) *
                       factor(w.at(number(w.shape, k, cg, r, s)), g.factors);
                 });
    if (bias != nullptr)
      for (std::int64_t i = 0; i < y.size(); ++i)
        sum[static_cast<std::size_t>(i)] += static_cast<double>(bias[i / (y.shape[2] * y.shape[3]) % y.shape[1]]);
    store(y, sum);
  }

  template <class T>
  static void conv_dx(view<T> dx, view<const T> dy, view<const T> w, const window_geometry& g) {
    std::vector<double> sum(static_cast<std::size_t>(dx.size()), 0.0);
    for_each_tap(dy.shape, dx.shape, w.shape, g,
                 [&](auto n, auto k, auto c, auto cg, auto h, auto v, auto r, auto s, auto p, auto q) {
                   sum[static_cast<std::size_t>(number(dx.shape, n, c, h, v))] +=
                       factor(dy.at(number(dy.shape, n, k, p, q)), g.factors) *
                       factor(w.at(number(w.shape, k, cg, r, s)), g.factors);
                 });
    store(dx, sum);
  }

  template <class T>
  static void conv_dw(view<T> dw, view<const T> dy, view<const T> x, const window_geometry& g) {
    std::vector<double> sum(static_cast<std::size_t>(dw.size()), 0.0);
    for_each_tap(dy.shape, x.shape, dw.shape, g,
                 [&](auto n, auto k, auto c, auto cg, auto h, auto v, auto r, auto s, auto p, auto q) {
                   sum[static_cast<std::size_t>(number(dw.shape, k, cg, r, s))] +=
                       factor(dy.at(number(dy.shape, n, k, p, q)), g.factors) *
                       factor(x.at(number(x.shape, n, c, h, v)), g.factors);
                 });
    store(dw, sum);
  }

  /// Elements of the window at (p, q) that lie inside the image; `padded` counts those on the padding too.
  template <class F>
  static std::int64_t for_each_in_window(const window_geometry& g, std::int64_t height, std::int64_t width,
                                         std::int64_t p, std::int64_t q, F f) {
    std::int64_t padded = 0;
    for (std::int64_t r = 0; r < g.kernel[0]; ++r)
      for (std::int64_t s = 0; s < g.kernel[1]; ++s) {
        const std::int64_t h = p * g.stride[0] - g.pad_begin[0] + r * g.dilation[0];
        const std::int64_t v = q * g.stride[1] - g.pad_begin[1] + s * g.dilation[1];
        ++padded;
        if (h >= 0 && h < height && v >= 0 && v < width) f(h, v);
      }
    return padded;
  }

  template <class T>
  static void pool(pool_kind kind, view<T> y, view<std::int64_t> position, view<const T> x, const window_geometry& g) {
    for (std::int64_t i = 0; i < y.size(); ++i) {
      const std::int64_t q = i % y.shape[3], p = i / y.shape[3] % y.shape[2], nc = i / (y.shape[2] * y.shape[3]);
      const std::int64_t plane = nc * x.shape[2] * x.shape[3];
      double sum = 0;
      std::int64_t inside = 0, best = -1;
      const std::int64_t padded =
          for_each_in_window(g, x.shape[2], x.shape[3], p, q, [&](std::int64_t h, std::int64_t v) {
            const std::int64_t at = h * x.shape[3] + v;
            const T value = x.at(plane + at);
            sum += static_cast<double>(value);
            ++inside;
            if (best < 0 || rule::max::better(value, x.at(plane + best))) best = at;
          });
      if (kind == pool_kind::max) {
        y.at(i) = best < 0 ? -std::numeric_limits<T>::infinity() : x.at(plane + best);
        position.at(i) = best;
      } else {
        const std::int64_t count = kind == pool_kind::average ? padded : (inside > 0 ? inside : 1);
        y.at(i) = static_cast<T>(sum / static_cast<double>(count));
      }
    }
  }

  template <class T>
  static void pool_dx(pool_kind kind, view<T> dx, view<const T> dy, view<const std::int64_t> position,
                      const window_geometry& g) {
    std::vector<double> sum(static_cast<std::size_t>(dx.size()), 0.0);
    for (std::int64_t i = 0; i < dy.size(); ++i) {
      const std::int64_t q = i % dy.shape[3], p = i / dy.shape[3] % dy.shape[2], nc = i / (dy.shape[2] * dy.shape[3]);
      const std::int64_t plane = nc * dx.shape[2] * dx.shape[3];
      if (kind == pool_kind::max) {
        if (position.at(i) >= 0) sum[static_cast<std::size_t>(plane + position.at(i))] += static_cast<double>(dy.at(i));
        continue;
      }
      std::int64_t inside = 0;
      const std::int64_t padded = for_each_in_window(g, dx.shape[2], dx.shape[3], p, q, [&](auto, auto) { ++inside; });
      const double share =
          static_cast<double>(dy.at(i)) / static_cast<double>(kind == pool_kind::average ? padded : inside);
      for_each_in_window(g, dx.shape[2], dx.shape[3], p, q, [&](std::int64_t h, std::int64_t v) {
        sum[static_cast<std::size_t>(plane + h * dx.shape[3] + v)] += share;
      });
    }
    store(dx, sum);
  }

  /// A double per kept element of `like` (stride 0 marks the summed dimensions), readable by x's row-major numbers.
  struct statistics {
    std::vector<double> values;
    view<double> by_element;
    std::int64_t count;
    template <class U>
    explicit statistics(const view<U>& like) {
      shape kept = like.shape;
      for (int d = 0; d < kept.rank(); ++d)
        if (like.strides[d] == 0) kept[d] = 1;
      values.assign(static_cast<std::size_t>(kept.size()), 0.0);
      by_element = {values.data(), like.shape, broadcast_strides(kept, row_major(kept), like.shape)};
      count = kept.size() == 0 ? 0 : like.size() / kept.size();
    }
    double& operator[](std::int64_t i) const { return by_element.at(i); }
  };

  template <class T>
  static void norm(view<T> y, view<T> mean, view<T> rstd, view<const T> x, view<const T> gamma, view<const T> beta,
                   double eps) {
    const statistics m(mean), v(mean);
    const auto n = static_cast<double>(m.count);
    for (std::int64_t i = 0; i < x.size(); ++i) m[i] += static_cast<double>(x.at(i)) / n;
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const double d = static_cast<double>(x.at(i)) - m[i];
      v[i] += d * d / n;
    }
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const double scale = 1.0 / std::sqrt(v[i] + eps);
      const double hat = (static_cast<double>(x.at(i)) - m[i]) * scale;
      mean.at(i) = static_cast<T>(m[i]);
      rstd.at(i) = static_cast<T>(scale);
      y.at(i) = static_cast<T>(hat * (gamma.data ? static_cast<double>(gamma.at(i)) : 1.0) +
                               (beta.data ? static_cast<double>(beta.at(i)) : 0.0));
    }
  }

  template <class T>
  static void norm_backward(view<T> dx, view<const T> dy, view<const T> x, view<const T> gamma, view<const T> mean,
                            view<const T> rstd) {
    const statistics s1(mean), s2(mean);
    const auto n = static_cast<double>(s1.count);
    const auto scaled = [&](std::int64_t i) {
      return static_cast<double>(dy.at(i)) * (gamma.data ? static_cast<double>(gamma.at(i)) : 1.0);
    };
    const auto hat = [&](std::int64_t i) {
      return (static_cast<double>(x.at(i)) - static_cast<double>(mean.at(i))) * static_cast<double>(rstd.at(i));
    };
    for (std::int64_t i = 0; i < x.size(); ++i) {
      s1[i] += scaled(i) / n;
      s2[i] += scaled(i) * hat(i) / n;
    }
    for (std::int64_t i = 0; i < x.size(); ++i)
      dx.at(i) = static_cast<T>((scaled(i) - s1[i] - hat(i) * s2[i]) * static_cast<double>(rstd.at(i)));
  }

  template <class T>
  static void norm_backward_affine(view<T> dgamma, view<T> dbeta, view<const T> dy, view<const T> x, view<const T> mean,
                                   view<const T> rstd) {
    const statistics g(dgamma), b(dgamma);
    for (std::int64_t i = 0; i < x.size(); ++i) {
      const auto d = static_cast<double>(dy.at(i));
      g[i] += d * (static_cast<double>(x.at(i)) - static_cast<double>(mean.at(i))) * static_cast<double>(rstd.at(i));
      b[i] += d;
    }
    for (std::int64_t i = 0; i < x.size(); ++i) {
      dgamma.at(i) = static_cast<T>(g[i]);
      dbeta.at(i) = static_cast<T>(b[i]);
    }
  }

  template <class T>
  static void softmax(view<T> y, view<const T> x, int axis, bool log) {
    reference_elementwise::for_each_line(x.shape, axis, [&](std::int64_t first, std::int64_t step) {
      const std::int64_t n = x.shape[axis];
      double top = static_cast<double>(x.at(first));
      for (std::int64_t j = 1; j < n; ++j) top = math::maximum(top, static_cast<double>(x.at(first + j * step)));
      double sum = 0;
      for (std::int64_t j = 0; j < n; ++j) sum += std::exp(static_cast<double>(x.at(first + j * step)) - top);
      for (std::int64_t j = 0; j < n; ++j) {
        const double z = static_cast<double>(x.at(first + j * step)) - top;
        y.at(first + j * step) = static_cast<T>(log ? z - std::log(sum) : std::exp(z) / sum);
      }
    });
  }

  template <class T>
  static void softmax_backward(view<T> dx, view<const T> y, view<const T> dy, int axis, bool log) {
    reference_elementwise::for_each_line(y.shape, axis, [&](std::int64_t first, std::int64_t step) {
      const std::int64_t n = y.shape[axis];
      double sum = 0;
      for (std::int64_t j = 0; j < n; ++j) {
        const std::int64_t i = first + j * step;
        sum += static_cast<double>(dy.at(i)) * (log ? 1.0 : static_cast<double>(y.at(i)));
      }
      for (std::int64_t j = 0; j < n; ++j) {
        const std::int64_t i = first + j * step;
        const auto v = static_cast<double>(y.at(i)), g = static_cast<double>(dy.at(i));
        dx.at(i) = static_cast<T>(log ? g - std::exp(v) * sum : v * (g - sum));
      }
    });
  }
};

}  // namespace tensorlab::inline v0::detail
