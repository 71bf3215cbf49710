#pragma once

#include <tensorlab/core/type_list.hpp>
#include <tensorlab/rule/concept.hpp>

/// Elementwise rules of one input. Each has `f`, the value it `saves` for the backward pass, `df` as a function of that
/// value (or none: dual numbers), and the interval its tests sample. To add one: the struct and its name in a list
/// below.
namespace tensorlab::inline v0::rule {

struct neg {  // y = -x
  static constexpr auto name = "neg";
  static constexpr save saves = save::none;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return -x; }
  template <class T> TL_HD static T df(const T&) { return T(-1); }
};

struct exp {  // y = e^x
  static constexpr auto name = "exp";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::exp(x); }
  template <class T> TL_HD static T df(const T& y) { return y; }
};

struct expm1 {  // y = e^x - 1
  static constexpr auto name = "expm1";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::expm1(x); }
  template <class T> TL_HD static T df(const T& y) { return y + T(1); }
};

struct log {  // y = ln x
  static constexpr auto name = "log";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{0.1, 4};
  template <class T> TL_HD static T f(const T& x) { return math::log(x); }
  template <class T> TL_HD static T df(const T& x) { return T(1) / x; }
};

struct log1p {  // y = ln(1 + x)
  static constexpr auto name = "log1p";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-0.8, 4};
  template <class T> TL_HD static T f(const T& x) { return math::log1p(x); }
  template <class T> TL_HD static T df(const T& x) { return T(1) / (T(1) + x); }
};

struct sqrt {  // y = x^(1/2)
  static constexpr auto name = "sqrt";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{0.1, 4};
  template <class T> TL_HD static T f(const T& x) { return math::sqrt(x); }
  template <class T> TL_HD static T df(const T& y) { return T(0.5) / y; }
};

struct rsqrt {  // y = x^(-1/2)
  static constexpr auto name = "rsqrt";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{0.2, 4};
  template <class T> TL_HD static T f(const T& x) { return T(1) / math::sqrt(x); }
  template <class T> TL_HD static T df(const T& y) { return T(-0.5) * y * y * y; }
};

struct reciprocal {  // y = 1 / x
  static constexpr auto name = "reciprocal";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{0.3, 4};
  template <class T> TL_HD static T f(const T& x) { return T(1) / x; }
  template <class T> TL_HD static T df(const T& y) { return -y * y; }
};

struct square {  // y = x^2
  static constexpr auto name = "square";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return x * x; }
  template <class T> TL_HD static T df(const T& x) { return x + x; }
};

struct abs {  // y = |x|, with slope 0 at 0
  static constexpr auto name = "abs";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::abs(x); }
  template <class T> TL_HD static T df(const T& x) {
    return math::select(x > T(0), T(1), math::select(x < T(0), T(-1), T(0)));
  }
};

struct sin {
  static constexpr auto name = "sin";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::sin(x); }
  template <class T> TL_HD static T df(const T& x) { return math::cos(x); }
};

struct cos {
  static constexpr auto name = "cos";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::cos(x); }
  template <class T> TL_HD static T df(const T& x) { return -math::sin(x); }
};

struct tan {
  static constexpr auto name = "tan";
  static constexpr save saves = save::output;
  static constexpr sample_range sample{-1.2, 1.2};
  template <class T> TL_HD static T f(const T& x) { return math::tan(x); }
  template <class T> TL_HD static T df(const T& y) { return T(1) + y * y; }
};

struct asin {
  static constexpr auto name = "asin";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-0.9, 0.9};
  template <class T> TL_HD static T f(const T& x) { return math::asin(x); }
};

struct acos {
  static constexpr auto name = "acos";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-0.9, 0.9};
  template <class T> TL_HD static T f(const T& x) { return math::acos(x); }
};

struct atan {
  static constexpr auto name = "atan";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::atan(x); }
};

struct erf {  // y = 2 / sqrt(pi) int_0^x e^(-t^2) dt
  static constexpr auto name = "erf";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-2.5, 2.5};
  template <class T> TL_HD static T f(const T& x) { return math::erf(x); }
  template <class T> TL_HD static T df(const T& x) { return T(1.1283791670955126) * math::exp(T(-x * x)); }
};

struct floor {
  static constexpr auto name = "floor";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::floor(x); }
};

struct ceil {
  static constexpr auto name = "ceil";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::ceil(x); }
};

struct round {  // ties to even
  static constexpr auto name = "round";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) { return math::round(x); }
};

struct sign {  // -1, 0 or 1
  static constexpr auto name = "sign";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& x) {
    return math::select(x > T(0), T(1), math::select(x < T(0), T(-1), T(0)));
  }
};

struct clamp {  // y = min(max(x, lo), hi); slope 1 on [lo, hi]
  double lo = -1, hi = 1;
  static constexpr auto name = "clamp";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& x) const { return math::minimum(math::maximum(x, T(lo)), T(hi)); }
  template <class T> TL_HD T df(const T& x) const {
    return math::select(x < T(lo), T(0), math::select(x > T(hi), T(0), T(1)));
  }
};

struct add_scalar {  // y = x + c
  double c = 0.75;
  static constexpr auto name = "add_scalar";
  static constexpr save saves = save::none;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& x) const { return x + T(c); }
  template <class T> TL_HD static T df(const T&) { return T(1); }
};

struct mul_scalar {  // y = c x
  double c = 0.75;
  static constexpr auto name = "mul_scalar";
  static constexpr save saves = save::none;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& x) const { return x * T(c); }
  template <class T> TL_HD T df(const T&) const { return T(c); }
};

struct div_scalar {  // y = x / c
  double c = 0.75;
  static constexpr auto name = "div_scalar";
  static constexpr save saves = save::none;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& x) const { return x / T(c); }
  template <class T> TL_HD T df(const T&) const { return T(1 / c); }
};

struct subtract_from {  // y = c - x
  double c = 0.75;
  static constexpr auto name = "subtract_from";
  static constexpr save saves = save::none;
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD T f(const T& x) const { return T(c) - x; }
  template <class T> TL_HD static T df(const T&) { return T(-1); }
};

struct divide_into {  // y = c / x
  double c = 0.75;
  static constexpr auto name = "divide_into";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{0.3, 4};
  template <class T> TL_HD T f(const T& x) const { return T(c) / x; }
  template <class T> TL_HD T df(const T& x) const { return T(-c) / (x * x); }
};

struct pow_scalar {  // y = x^p
  double p = 2.5;
  static constexpr auto name = "pow_scalar";
  static constexpr save saves = save::input;
  static constexpr sample_range sample{0.2, 3};
  template <class T> TL_HD T f(const T& x) const { return math::pow(x, T(p)); }
  template <class T> TL_HD T df(const T& x) const { return p == 0 ? T(0) : T(T(p) * math::pow(x, T(p - 1))); }
};

using elementary_ops =
    type_list<neg, exp, expm1, log, log1p, sqrt, rsqrt, reciprocal, square, abs, sin, cos, tan, asin, acos, atan, erf,
              clamp, add_scalar, mul_scalar, div_scalar, subtract_from, divide_into, pow_scalar>;
using discrete_ops = type_list<floor, ceil, round, sign>;

}  // namespace tensorlab::inline v0::rule
