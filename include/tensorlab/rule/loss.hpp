#pragma once

#include <tensorlab/core/type_list.hpp>
#include <tensorlab/rule/concept.hpp>

/// Rules of losses.
namespace tensorlab::inline v0::rule {

struct smooth_l1 {  // l = d^2 / (2 beta) for |d| < beta, else |d| - beta / 2
  double beta = 1;
  static constexpr auto name = "smooth_l1";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& d) const {
    const T a = math::abs(d);
    return math::select(a < T(beta), T(d * d * T(beta > 0 ? 0.5 / beta : 0)), T(a - T(0.5 * beta)));
  }
  template <class T> TL_HD T df(const T& d) const {
    const T sign = math::select(d > T(0), T(1), math::select(d < T(0), T(-1), T(0)));
    return math::select(math::abs(d) < T(beta), T(d * T(beta > 0 ? 1 / beta : 0)), sign);
  }
};

struct huber {  // l = d^2 / 2 for |d| < delta, else delta (|d| - delta / 2)
  double delta = 1;
  static constexpr auto name = "huber";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& d) const {
    const T a = math::abs(d);
    return math::select(a < T(delta), T(T(0.5) * d * d), T(T(delta) * (a - T(0.5 * delta))));
  }
  template <class T> TL_HD T df(const T& d) const { return math::minimum(math::maximum(d, T(-delta)), T(delta)); }
};

struct bce_with_logits {  // l = (1 - y) z + (1 + (p - 1) y) (ln(1 + e^-|z|) + max(-z, 0)), of z, y and p
  static constexpr auto name = "bce_with_logits";
  template <class T> TL_HD static T f(const T& z, const T& y, const T& p) {
    const T q = T(1) + (p - T(1)) * y;
    return (T(1) - y) * z + q * (math::log1p(math::exp(T(-math::abs(z)))) + math::maximum(T(-z), T(0)));
  }
};

struct bce_with_logits_chain {  // dz = dl ((1 - y) - (1 + (p - 1) y) sigmoid(-z)), of dl, z, y and p
  static constexpr auto name = "bce_with_logits";
  template <class T> TL_HD static T f(const T& dl, const T& z, const T& y, const T& p) {
    const T q = T(1) + (p - T(1)) * y;
    return dl * ((T(1) - y) - q * math::sigmoid(T(-z)));
  }
};

struct cross_entropy_chain {  // dz = dl (p - spread) of ln p and dl, without what the target's place gets besides
  double spread = 0;
  static constexpr auto name = "cross_entropy";
  template <class T> TL_HD T f(const T& log_p, const T& dl) const { return (math::exp(log_p) - T(spread)) * dl; }
};

/// Differentiable rules of one input.
using loss_ops = type_list<smooth_l1, huber>;
/// Rules of several inputs, as their comments list them.
using loss_formula_ops = type_list<bce_with_logits, bce_with_logits_chain, cross_entropy_chain>;

}  // namespace tensorlab::inline v0::rule
