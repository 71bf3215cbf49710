#pragma once

#include <cmath>

#include <tensorlab/backend/cpu/channel_norm.hpp>
#include <tensorlab/backend/cpu/elementwise.hpp>
#include <tensorlab/backend/cpu/moments.hpp>
#include <tensorlab/rule/binary.hpp>

namespace tensorlab::inline v0::detail {

/// The maps that normalisation is made of, on packs. xhat = (x - mean) rstd.
namespace norm_rule {

struct normalise {  // xhat gamma + beta
  template <class V>
  static V f(const V& x, const V& mean, const V& rstd, const V& gamma, const V& beta) {
    return (x - mean) * rstd * gamma + beta;
  }
};

struct gradient {  // (dy gamma - s1 - xhat s2) rstd
  template <class V>
  static V f(const V& dy, const V& gamma, const V& x, const V& mean, const V& rstd, const V& s1, const V& s2) {
    return (dy * gamma - s1 - (x - mean) * rstd * s2) * rstd;
  }
};

struct channel_gradient {  // (dy - dbeta / n - xhat dgamma / n) gamma rstd
  double share;
  template <class V>
  V f(const V& dy, const V& gamma, const V& x, const V& mean, const V& rstd, const V& dbeta, const V& dgamma) const {
    return (dy - (dbeta + (x - mean) * rstd * dgamma) * V(share)) * gamma * rstd;
  }
};

}  // namespace norm_rule

/// A normalisation whose statistics are each of one gapless line: the line stays in the cache while it is read again.
template <class T>
struct norm_lines {
  static constexpr int width = pack<T>::size;

  std::int64_t n;
  std::int64_t step[loop_plan::max_operands];  // along a line, in bytes
  double eps;

  /// Calls f(load, i, count) for the packs of a line, load(k) being operand k's from element i on.
  template <class F>
  TL_INLINE void for_each(char* const* at, int operands, const F& f) const {
    bool dense = true;
    for (int k = 0; k < operands; ++k) dense = dense && step[k] == sizeof(T);
    std::int64_t i = 0;
    if (dense) {
      for (; i + width <= n; i += width)
        f([&](int k) { return pack<T>::load(reinterpret_cast<const T*>(at[k]) + i); }, i, width);
    }
    for (; i < n; i += width) {
      const int count = static_cast<int>((std::min)(std::int64_t{width}, n - i));
      f([&](int k) { return load_some<T>(at[k] + i * step[k], step[k], count); }, i, count);
    }
  }

  /// Operands: y, x, gamma, beta, then mean and rstd.
  static void forward(const void* context, char* const* data, const std::int64_t* steps, std::int64_t,
                      std::int64_t lines) {
    const norm_lines self = *static_cast<const norm_lines*>(context);
    const double count = static_cast<double>(self.n);
    for (std::int64_t l = 0; l < lines; ++l) {
      char* at[6];
      for (int k = 0; k < 6; ++k) at[k] = data[k] + l * steps[k];
      const pack_run<T> x{at[1], self.step[1], self.n};
      const pack<T> about(x.sum([](const pack<T>& v) { return v; }) / count);
      const double sum = x.sum([&](const pack<T>& v) { return v - about; });
      const double squares = x.sum([&](const pack<T>& v) { return (v - about) * (v - about); });
      const double off = sum / count;
      const T mean = static_cast<T>(static_cast<double>(about.lanes.get(0)) + off);
      const T rstd = static_cast<T>(1.0 / std::sqrt((squares - off * sum) / count + self.eps));
      *reinterpret_cast<T*>(at[4]) = mean;
      *reinterpret_cast<T*>(at[5]) = rstd;
      const pack<T> m(mean), r(rstd);
      self.for_each(at, 4, [&](const auto& load, std::int64_t i, int some) {
        store_some<T>(norm_rule::normalise::f(load(1), m, r, load(2), load(3)), at[0] + i * sizeof(T), sizeof(T), some);
      });
    }
  }

  /// Operands: dx, dy, x, then mean, rstd and gamma.
  static void backward(const void* context, char* const* data, const std::int64_t* steps, std::int64_t,
                       std::int64_t lines) {
    const norm_lines self = *static_cast<const norm_lines*>(context);
    for (std::int64_t l = 0; l < lines; ++l) {
      char* at[6];
      for (int k = 0; k < 6; ++k) at[k] = data[k] + l * steps[k];
      double sums[2] = {};
      gradient_sums<T, true>::along(nullptr, reinterpret_cast<char*>(sums), at + 1, self.step + 1, self.n);
      const double share = 1.0 / static_cast<double>(self.n);
      const pack<T> s1(sums[0] * share), s2(sums[1] * share);
      const pack<T> m(*reinterpret_cast<const T*>(at[3])), r(*reinterpret_cast<const T*>(at[4]));
      char* const terms[] = {at[0], at[1], at[2], at[5]};
      norm_lines dense = self;
      dense.step[3] = self.step[5];
      dense.for_each(terms, 4, [&](const auto& load, std::int64_t i, int some) {
        store_some<T>(norm_rule::gradient::f(load(1), load(3), load(2), m, r, s1, s2), at[0] + i * sizeof(T), sizeof(T),
                      some);
      });
    }
  }
};

/// An absent operand is one number everywhere.
template <class T>
view<const T> given_or(const view<const T>& v, const T& number, const view<const T>& like) {
  return v.data != nullptr ? v : view<const T>{&number, like.shape, dims::filled(like.rank(), 0)};
}

struct cpu_norm {
  template <class T>
  static void norm(view<T> y, view<T> mean, view<T> rstd, view<const T> x, view<const T> gamma, view<const T> beta,
                   double eps) {
    if (x.size() == 0) return;
    static constexpr T one(1), zero(0);
    gamma = given_or(gamma, one, x);
    beta = given_or(beta, zero, x);
    if (run_lines_of(&norm_lines<T>::forward, eps, mean, y, x, gamma, beta, mean, rstd)) return;
    if (const pixel_rows p = pixels_of(mean, y, x); p.rows > 0 && is_per_channel(p, gamma) && is_per_channel(p, beta)) {
      channel_moments(p, x.data, eps, mean, rstd);
      const channel_numbers<T, 3> numbers(p.channels);
      fill_forward_numbers(numbers, p, mean, rstd, gamma, beta);
      return for_each_pixel<T, 1>(
          p, y.data, {x.data}, numbers,
          [](const auto& v, const auto& m, const auto& scale, const auto& shift) { return fma(v - m, scale, shift); });
    }
    if (mean.strides == rstd.strides) {
      reduce_together(moments<T>{eps, bytes_between(mean, rstd)}, 3 * sizeof(double), mean, x);
    } else {
      const statistics<T> pair(mean);
      reduce_together(moments<T>{eps, bytes_between(pair.first, pair.second)}, 3 * sizeof(double), pair.first, x);
      cpu_elementwise::map(rule::copy{}, mean, view<const T>(pair.first));
      cpu_elementwise::map(rule::copy{}, rstd, view<const T>(pair.second));
    }
    cpu_elementwise::map(norm_rule::normalise{}, y, x, view<const T>(mean), view<const T>(rstd), gamma, beta);
  }

  template <class T>
  static void norm_backward(view<T> dx, view<const T> dy, view<const T> x, view<const T> gamma, view<const T> mean,
                            view<const T> rstd) {
    if (x.size() == 0) return;
    static constexpr T one(1);
    gamma = given_or(gamma, one, x);
    if (run_lines_of(&norm_lines<T>::backward, 0, mean, dx, dy, x, mean, rstd, gamma)) return;
    const statistics<T> s(mean);
    reduce_together(gradient_sums<T, true>{1.0 / elements_per_statistic(mean), bytes_between(s.first, s.second)},
                    2 * sizeof(double), s.first, dy, x, mean, rstd, gamma);
    cpu_elementwise::map(norm_rule::gradient{}, dx, dy, gamma, x, mean, rstd, view<const T>(s.first),
                         view<const T>(s.second));
  }

  template <class T>
  static void norm_backward_affine(view<T> dgamma, view<T> dbeta, view<const T> dy, view<const T> x, view<const T> mean,
                                   view<const T> rstd) {
    if (dgamma.strides == dbeta.strides)
      return reduce_together(gradient_sums<T, false>{1.0, bytes_between(dbeta, dgamma)}, 2 * sizeof(double), dbeta, dy,
                             x, mean, rstd);
    const statistics<T> s(dgamma);
    reduce_together(gradient_sums<T, false>{1.0, bytes_between(s.first, s.second)}, 2 * sizeof(double), s.first, dy, x,
                    mean, rstd);
    cpu_elementwise::map(rule::copy{}, dbeta, view<const T>(s.first));
    cpu_elementwise::map(rule::copy{}, dgamma, view<const T>(s.second));
  }

  template <class T>
  static void norm_backward_channels(view<T> dx, view<T> dgamma, view<T> dbeta, view<const T> dy, view<const T> x,
                                     view<const T> gamma, view<const T> mean, view<const T> rstd) {
    if (x.size() == 0) return;
    static constexpr T one(1);
    gamma = given_or(gamma, one, x);
    const double share = 1.0 / elements_per_statistic(mean);
    if (const pixel_rows p = pixels_of(mean, dx, dy, x); p.rows > 0 && is_per_channel(p, gamma)) {
      channel_gradient_sums(p, dy.data, x.data, mean, rstd, dbeta, dgamma);
      const channel_numbers<T, 5> numbers(p.channels);
      static constexpr T zero(0);
      fill_forward_numbers(numbers, p, mean, rstd, gamma, given_or(view<const T>{}, zero, x));
      fill_backward_numbers(numbers, p, rstd, dgamma, dbeta);
      return for_each_pixel<T, 2>(p, dx.data, {dy.data, x.data}, numbers, channel_gradient_of{});
    }
    norm_backward_affine(dgamma, dbeta, dy, x, mean, rstd);
    cpu_elementwise::map(norm_rule::channel_gradient{share}, dx, dy, gamma, x, mean, rstd, view<const T>(dbeta),
                         view<const T>(dgamma));
  }

 private:
  /// Two statistics of the kind of `like`, in memory of their own.
  template <class T>
  struct statistics {
    template <class U>
    explicit statistics(const view<U>& like) : memory(2 * kept(like).size()) {
      const strides st = broadcast_strides(kept(like), row_major(kept(like)), like.shape);
      first = {memory.data(), like.shape, st};
      second = {memory.data() + kept(like).size(), like.shape, st};
    }
    template <class U>
    static shape kept(const view<U>& like) {
      shape s = like.shape;
      for (int d = 0; d < s.rank(); ++d)
        if (like.strides[d] == 0) s[d] = 1;
      return s;
    }

    scratch<T> memory;
    view<T> first, second;
  };

  template <class T>
  static std::ptrdiff_t bytes_between(const view<T>& from, const view<T>& to) {
    return (to.data - from.data) * static_cast<std::ptrdiff_t>(sizeof(T));
  }

  template <class R, class T, class... Ts>
  static void reduce_together(const R& rule, std::size_t accumulator, const view<T>& y, const view<Ts>&... x) {
    const loop_operand operands[] = {operand(y), operand(x)...};
    reduce_plan(y.shape, operands, 1 + sizeof...(Ts))
        .run({&rule, static_cast<std::int64_t>(accumulator), &R::init, &R::along, &R::across, &R::combine, &R::store});
  }

  /// Runs `row` over the lines that `statistic` is of, if every operand has them without a gap or constant.
  template <class T, class S, class... Ts>
  static bool run_lines_of(row_function row, double eps, const view<S>& statistic, const view<T>& y,
                           const view<Ts>&... x) {
    const loop_operand operands[] = {operand(y), operand(x)...};
    constexpr int count = 1 + sizeof...(Ts);
    shape lines = y.shape, along = y.shape;
    for (int d = 0; d < y.rank(); ++d) (statistic.strides[d] == 0 ? lines : along)[d] = 1;
    const loop_plan line(along, operands, count);
    if (line.outer != 0 || line.inner < pack<T>::size || line.step[0] != sizeof(T)) return false;
    norm_lines<T> context{line.inner, {}, eps};
    for (int k = 0; k < count; ++k) {
      if (line.step[k] != 0 && line.step[k] != sizeof(T)) return false;
      context.step[k] = line.step[k];
    }
    run_plan(loop_plan(lines, operands, count), &context, row, 4 * line.inner);
    return true;
  }

  template <class T>
  static double elements_per_statistic(const view<T>& statistic) {
    std::int64_t n = 1;
    for (int d = 0; d < statistic.rank(); ++d)
      if (statistic.strides[d] == 0) n *= statistic.shape[d];
    return static_cast<double>(n);
  }
};

}  // namespace tensorlab::inline v0::detail
