#pragma once

#include <cstdint>

#include <tensorlab/core/dual.hpp>

namespace tensorlab::inline v0 {

/// What an elementwise rule's derivative is a function of, and so what its tape node keeps.
enum class save : std::uint8_t { none, input, output };

/// The interval a rule is sampled on by its tests: inside its domain, away from its kinks' singular values.
struct sample_range {
  double lo, hi;
};

/// A rule with a first derivative written out: `df(v)`, where v is the input or the output as `saves` says.
template <class R>
concept has_df = requires(const R& r, double v) {
  r.df(v);
};

/// A differentiable unary rule: `f` and either `df` or a derivative by dual numbers of its input.
template <class R>
concept differentiable_rule = requires {
  R::saves;
};

/// f'(v) of a rule, by `df` where it is written out, else by a dual number.
template <class R, class V> TL_HD V derivative(const R& r, const V& v) {
  if constexpr (has_df<R>) {
    return r.df(v);
  } else {
    return r.f(dual<V>(v, V(1))).d;
  }
}

/// dx = dy f'(v): the backward pass of a unary rule in one kernel; v is what the rule saves.
template <class R> struct chain {
  R rule;
  static constexpr auto name = R::name;
  template <class V> TL_HD V f(const V& dy, const V& v) const { return dy * derivative(rule, v); }
};

/// dy ddx f''(v), where f'' is the derivative of f' with respect to what the rule saves: the second backward pass.
template <class R> struct chain2 {
  R rule;
  static constexpr auto name = R::name;
  template <class V> TL_HD V f(const V& ddx, const V& dy, const V& v) const {
    return ddx * dy * derivative(rule, dual<V>(v, V(1))).d;
  }
};

}  // namespace tensorlab::inline v0
