#pragma once

#include <tensorlab/backend/simt/kernel/fold.hpp>
#include <tensorlab/core/math.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Mean and reciprocal standard deviation of a slice, by running moments that are combined pairwise (Chan, Golub and
/// LeVeque, 1983): no cancellation however far the mean lies from zero. Operands x, mean, rstd.
template <class T>
struct moments_fold {
  struct state {
    T count, mean, squares;
  };
  static constexpr int operands = 3;
  double eps;
  const T* x;
  T* mean;
  T* rstd;

  TL_HD state identity() const { return {T(0), T(0), T(0)}; }
  TL_HD state step(const state& s, const std::int64_t* at) const {
    const T value = x[at[0]], d = value - s.mean;
    const T n = s.count + T(1), m = s.mean + d / n;
    return {n, m, s.squares + d * (value - m)};
  }
  TL_HD state combine(const state& a, const state& b) const {
    if (a.count == T(0)) return b;
    if (b.count == T(0)) return a;
    const T n = a.count + b.count, share = b.count / n, d = b.mean - a.mean;
    return {n, a.mean + d * share, a.squares + b.squares + d * d * a.count * share};
  }
  TL_HD void finish(const std::int64_t* at, const state& s) const {
    mean[at[1]] = s.mean;
    rstd[at[2]] = T(1) / math::sqrt(T(s.squares / math::maximum(s.count, T(1)) + static_cast<T>(eps)));
  }
};

/// y = (x - mean) rstd gamma + beta: a lane per element; operands y, x, mean, rstd, gamma, beta.
template <class T>
struct normalize_body {
  nest<6> walk;
  T* y;
  const T* x;
  const T* mean;
  const T* rstd;
  const T* gamma;
  const T* beta;

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, walk, [&](const std::int64_t* at) {
      T v = (x[at[1]] - mean[at[2]]) * rstd[at[3]];
      if (gamma != nullptr) v *= gamma[at[4]];
      if (beta != nullptr) v += beta[at[5]];
      y[at[0]] = v;
    });
  }
};

/// Two sums over a slice of dy: of scaled dy and of scaled dy times the normalised x, with scale gamma or 1.
template <class T>
struct norm_sums {
  T plain, hat;
};

/// Operands dy, x, gamma, mean, rstd, first, second (where the two sums go; either may be null).
template <class T>
struct norm_sums_fold {
  using state = norm_sums<T>;
  static constexpr int operands = 7;
  const T* dy;
  const T* x;
  const T* gamma;
  const T* mean;
  const T* rstd;
  T* plain;
  T* hat;

  TL_HD state identity() const { return {T(0), T(0)}; }
  TL_HD state step(const state& s, const std::int64_t* at) const {
    const T d = gamma != nullptr ? dy[at[0]] * gamma[at[2]] : dy[at[0]];
    return {s.plain + d, s.hat + d * (x[at[1]] - mean[at[3]]) * rstd[at[4]]};
  }
  TL_HD state combine(const state& a, const state& b) const { return {a.plain + b.plain, a.hat + b.hat}; }
  TL_HD void finish(const std::int64_t* at, const state& s) const {
    if (plain != nullptr) plain[at[5]] = s.plain;
    if (hat != nullptr) hat[at[6]] = s.hat;
  }
};

/// dx = (dy gamma - mean(dy gamma) - x^ mean(dy gamma x^)) rstd: a lane per element; operands dx, dy, x, gamma, mean,
/// rstd, sums (both sums are laid out alike).
template <class T>
struct norm_dx_body {
  nest<7> walk;
  T* dx;
  const T* dy;
  const T* x;
  const T* gamma;
  const T* mean;
  const T* rstd;
  const T* plain;
  const T* hat;
  T share;  // 1 / elements of a slice

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, walk, [&](const std::int64_t* at) {
      const T scale = rstd[at[5]], x_hat = (x[at[2]] - mean[at[4]]) * scale;
      const T d = gamma != nullptr ? dy[at[1]] * gamma[at[3]] : dy[at[1]];
      dx[at[0]] = (d - plain[at[6]] * share - x_hat * (hat[at[6]] * share)) * scale;
    });
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
