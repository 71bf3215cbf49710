#pragma once

#include <tensorlab/rule/concept.hpp>

namespace tensorlab::inline v0 {

namespace rule {

/// Rules of one input one after the other, as a rule: y = last(..(second(first(x)))).
///
/// Its derivative is the product of theirs, each at what it saves; the tape keeps x alone.
template <differentiable_rule First, differentiable_rule... Rest> struct fused {
  First first;
  fused<Rest...> rest;
  static constexpr auto name = "fused";
  static constexpr save saves = save::input;
  template <class T> TL_HD T f(const T& x) const { return rest.f(first.f(x)); }
  template <class T> TL_HD T df(const T& x) const {
    const T y = first.f(x);
    return derivative(first, First::saves == save::output ? y : x) * rest.df(y);
  }
};
template <differentiable_rule Last> struct fused<Last> {
  Last last;
  static constexpr auto name = Last::name;
  static constexpr save saves = save::input;
  template <class T> TL_HD T f(const T& x) const { return last.f(x); }
  template <class T> TL_HD T df(const T& x) const {
    if constexpr (Last::saves == save::output)
      return derivative(last, last.f(x));
    else
      return derivative(last, x);
  }
};

}  // namespace rule

/// Rules of one input as one, whose passes forward and back read and write memory once:
/// `apply(fuse(rule::mul_scalar{0.5}, rule::tanh{}, rule::add_scalar{1}), x)`.
///
/// The settings of all rules together may take 32 bytes. On cuda its kernels are compiled in a `.cu` file of the
/// program's, as those of a rule of its own.
template <differentiable_rule... Rules> constexpr auto fuse(const Rules&... rules) {
  static_assert(sizeof...(Rules) > 0, "fuse: at least one rule");
  if constexpr (sizeof...(Rules) == 1)
    return rule::fused<Rules...>{rules...};
  else
    return [](const auto& first, const auto&... rest) { return rule::fused<Rules...>{first, fuse(rest...)}; }(rules...);
}

}  // namespace tensorlab::inline v0
