#pragma once

#include <tensorlab/core/type_list.hpp>
#include <tensorlab/rule/concept.hpp>

/// Rules of the primitive `update`: `f(p, g, state..)` changes a parameter and its states in place, given the gradient.
/// `states` is their number; states start as zero; gradients count `factor` times. To add one: the struct and its name
/// in the list below.
namespace tensorlab::inline v0::rule {

struct sgd {  // p -= lr (g + l2 p)
  double lr = 0, l2 = 0, factor = 1;
  static constexpr auto name = "sgd";
  static constexpr int states = 0;
  template <class V> TL_HD void f(V& p, const V& g) const { p = p - V(lr) * (V(factor) * g + V(l2) * p); }
};

struct sgd_momentum {  // b = momentum b + intake (g + l2 p);  p -= lr (direct (g + l2 p) + buffered b)
  double lr = 0, l2 = 0, momentum = 0, intake = 1, direct = 0, buffered = 1, factor = 1;
  static constexpr auto name = "sgd_momentum";
  static constexpr int states = 1;
  template <class V> TL_HD void f(V& p, const V& g, V& b) const {
    const V d = V(factor) * g + V(l2) * p;
    b = V(momentum) * b + V(intake) * d;
    p = p - V(lr) * (V(direct) * d + V(buffered) * b);
  }
};

struct adam {  // m, v: moving averages of d = g + l2 p and d^2;  p = keep p - step m / (correction sqrt(v) + eps)
  double step = 0, correction = 1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, l2 = 0, keep = 1, factor = 1;
  static constexpr auto name = "adam";
  static constexpr int states = 2;
  template <class V> TL_HD void f(V& p, const V& g, V& m, V& v) const {
    const V d = V(factor) * g + V(l2) * p;
    m = V(beta1) * m + V(1 - beta1) * d;
    v = V(beta2) * v + V(1 - beta2) * (d * d);
    p = V(keep) * p - V(step) * (m / (V(correction) * math::sqrt(v) + V(eps)));
  }
};

struct adam_amsgrad {  // as adam, with the largest v so far in its place
  double step = 0, correction = 1, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, l2 = 0, keep = 1, factor = 1;
  static constexpr auto name = "adam_amsgrad";
  static constexpr int states = 3;
  template <class V> TL_HD void f(V& p, const V& g, V& m, V& v, V& largest) const {
    const V d = V(factor) * g + V(l2) * p;
    m = V(beta1) * m + V(1 - beta1) * d;
    v = V(beta2) * v + V(1 - beta2) * (d * d);
    largest = math::maximum(largest, v);
    p = V(keep) * p - V(step) * (m / (V(correction) * math::sqrt(largest) + V(eps)));
  }
};

struct rmsprop {  // v: moving average of d^2, d = g + l2 p;  p -= lr d / (sqrt(v) + eps)
  double lr = 0, alpha = 0.99, eps = 1e-8, l2 = 0, factor = 1;
  static constexpr auto name = "rmsprop";
  static constexpr int states = 1;
  template <class V> TL_HD void f(V& p, const V& g, V& v) const {
    const V d = V(factor) * g + V(l2) * p;
    v = V(alpha) * v + V(1 - alpha) * (d * d);
    p = p - V(lr) * (d / (math::sqrt(v) + V(eps)));
  }
};

struct rmsprop_general {  // a: moving average of d;  b = momentum b + d / (sqrt(v - a^2, or v) + eps);  p -= lr b
  double lr = 0, alpha = 0.99, eps = 1e-8, l2 = 0, momentum = 0;
  bool centered = false;
  double factor = 1;
  static constexpr auto name = "rmsprop_general";
  static constexpr int states = 3;
  template <class V> TL_HD void f(V& p, const V& g, V& v, V& a, V& b) const {
    const V d = V(factor) * g + V(l2) * p;
    v = V(alpha) * v + V(1 - alpha) * (d * d);
    V variance = v;
    if (centered) {
      a = V(alpha) * a + V(1 - alpha) * d;
      // The variance of nearly constant gradients can round to below zero.
      variance = math::maximum(V(v - a * a), V(0));
    }
    b = V(momentum) * b + d / (math::sqrt(variance) + V(eps));
    p = p - V(lr) * b;
  }
};

struct moving_average {  // p = decay p + (1 - decay) g
  double decay = 0.999;
  static constexpr auto name = "moving_average";
  static constexpr int states = 0;
  template <class V> TL_HD void f(V& p, const V& g) const { p = V(decay) * p + V(1 - decay) * g; }
};

using update_ops = type_list<sgd, sgd_momentum, adam, adam_amsgrad, rmsprop, rmsprop_general, moving_average>;

}  // namespace tensorlab::inline v0::rule
