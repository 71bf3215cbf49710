#pragma once

#include <cmath>

#include <tensorlab/backend/cpu/reduce.hpp>

namespace tensorlab::inline v0::detail {

/// The reductions and maps that normalisation is made of, on packs. xhat = (x - mean) rstd.
namespace norm_rule {

struct plus {
  template <class T>
  static T init() {
    return T(0);
  }
  template <class V>
  static V combine(const V& a, const V& b) {
    return a + b;
  }
};

struct mean : plus {  // sum x / n
  double share;
  template <class V>
  static V load(const V& x) {
    return x;
  }
  double finish(double sum) const { return sum * share; }
};

struct inverse_deviation : plus {  // 1 / sqrt(sum (x - mean)^2 / n + eps)
  double share, eps;
  template <class V>
  static V load(const V& x, const V& mean) {
    const V d = x - mean;
    return d * d;
  }
  double finish(double sum) const { return 1.0 / std::sqrt(sum * share + eps); }
};

struct normalise {  // xhat gamma + beta
  template <class V>
  static V f(const V& x, const V& mean, const V& rstd, const V& gamma, const V& beta) {
    return (x - mean) * rstd * gamma + beta;
  }
};

struct scaled_mean : plus {  // sum dy gamma / n
  double share;
  template <class V>
  static V load(const V& dy, const V& gamma) {
    return dy * gamma;
  }
  double finish(double sum) const { return sum * share; }
};

struct scaled_projection : plus {  // sum dy gamma xhat / n
  double share;
  template <class V>
  static V load(const V& dy, const V& gamma, const V& x, const V& mean, const V& rstd) {
    return dy * gamma * ((x - mean) * rstd);
  }
  double finish(double sum) const { return sum * share; }
};

struct gradient {  // (dy gamma - s1 - xhat s2) rstd
  template <class V>
  static V f(const V& dy, const V& gamma, const V& x, const V& mean, const V& rstd, const V& s1, const V& s2) {
    return (dy * gamma - s1 - (x - mean) * rstd * s2) * rstd;
  }
};

struct projection : plus {  // sum dy xhat
  template <class V>
  static V load(const V& dy, const V& x, const V& mean, const V& rstd) {
    return dy * ((x - mean) * rstd);
  }
};

struct total : plus {  // sum dy
  template <class V>
  static V load(const V& dy) {
    return dy;
  }
};

}  // namespace norm_rule

struct cpu_norm {
  template <class T>
  static void norm(view<T> y, view<T> mean, view<T> rstd, view<const T> x, view<const T> gamma, view<const T> beta,
                   double eps) {
    if (x.size() == 0) return;
    static constexpr T one(1), zero(0);
    const double share = 1.0 / elements_per_statistic(mean);
    const view<const T> m = mean, r = rstd;
    reduce_inputs(norm_rule::mean{{}, share}, mean, x);
    reduce_inputs(norm_rule::inverse_deviation{{}, share, eps}, rstd, x, m);
    cpu_elementwise::map(norm_rule::normalise{}, y, x, m, r, given_or(gamma, one, x), given_or(beta, zero, x));
  }

  template <class T>
  static void norm_backward(view<T> dx, view<const T> dy, view<const T> x, view<const T> gamma, view<const T> mean,
                            view<const T> rstd) {
    if (x.size() == 0) return;
    static constexpr T one(1);
    const double share = 1.0 / elements_per_statistic(mean);
    const view<const T> scale = given_or(gamma, one, x);
    shape kept = mean.shape;
    for (int d = 0; d < kept.rank(); ++d)
      if (mean.strides[d] == 0) kept[d] = 1;
    const scratch<T> sums(2 * kept.size());
    const strides st = broadcast_strides(kept, row_major(kept), x.shape);
    const view<T> s1{sums.data(), x.shape, st}, s2{sums.data() + kept.size(), x.shape, st};
    reduce_inputs(norm_rule::scaled_mean{{}, share}, s1, dy, scale);
    reduce_inputs(norm_rule::scaled_projection{{}, share}, s2, dy, scale, x, mean, rstd);
    cpu_elementwise::map(norm_rule::gradient{}, dx, dy, scale, x, mean, rstd, view<const T>(s1), view<const T>(s2));
  }

  template <class T>
  static void norm_backward_affine(view<T> dgamma, view<T> dbeta, view<const T> dy, view<const T> x, view<const T> mean,
                                   view<const T> rstd) {
    reduce_inputs(norm_rule::projection{}, dgamma, dy, x, mean, rstd);
    reduce_inputs(norm_rule::total{}, dbeta, dy);
  }

 private:
  template <class T>
  static double elements_per_statistic(const view<T>& statistic) {
    std::int64_t n = 1;
    for (int d = 0; d < statistic.rank(); ++d)
      if (statistic.strides[d] == 0) n *= statistic.shape[d];
    return static_cast<double>(n);
  }

  /// An absent operand is one number everywhere.
  template <class T>
  static view<const T> given_or(const view<const T>& v, const T& number, const view<const T>& like) {
    return v.data != nullptr ? v : view<const T>{&number, like.shape, dims::filled(like.rank(), 0)};
  }
};

}  // namespace tensorlab::inline v0::detail
