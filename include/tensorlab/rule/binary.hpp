#pragma once

#include <tensorlab/core/dtype.hpp>
#include <tensorlab/core/type_list.hpp>
#include <tensorlab/rule/concept.hpp>
#include <tensorlab/rule/unary.hpp>

/// Elementwise rules of two or three inputs, with broadcasting. `da` and `db` are formulas over tensors: `apply` is
/// found by argument-dependent lookup where the gradient is taken, so a second derivative needs nothing more.
namespace tensorlab::inline v0::rule {

struct add {  // y = a + b
  static constexpr auto name = "add";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& a, const T& b) { return a + b; }
  static constexpr bool keeps_operands = false;
  template <class X> static X da(const X& dy, const X&, const X&) { return dy; }
  template <class X> static X db(const X& dy, const X&, const X&) { return dy; }
};

struct sub {  // y = a - b
  static constexpr auto name = "sub";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& a, const T& b) { return a - b; }
  static constexpr bool keeps_operands = false;
  template <class X> static X da(const X& dy, const X&, const X&) { return dy; }
  template <class X> static X db(const X& dy, const X&, const X&) { return apply(neg{}, dy); }
};

struct mul {  // y = a b
  static constexpr auto name = "mul";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& a, const T& b) { return a * b; }
  template <class X> static X da(const X& dy, const X&, const X& b) { return apply(mul{}, dy, b); }
  template <class X> static X db(const X& dy, const X& a, const X&) { return apply(mul{}, dy, a); }
};

struct div {  // y = a / b
  static constexpr auto name = "div";
  static constexpr sample_range sample{0.5, 3};
  template <class T> TL_HD static T f(const T& a, const T& b) { return a / b; }
  template <class X> static X da(const X& dy, const X&, const X& b) { return apply(div{}, dy, b); }
  template <class X> static X db(const X& dy, const X& a, const X& b) {
    return apply(neg{}, apply(div{}, apply(mul{}, dy, a), apply(square{}, b)));
  }
};

struct pow {  // y = a^b, a > 0 where the gradient to b is taken
  static constexpr auto name = "pow";
  static constexpr sample_range sample{0.5, 2};
  template <class T> TL_HD static T f(const T& a, const T& b) { return math::pow(a, b); }
  template <class X> static X da(const X& dy, const X& a, const X& b) {
    return apply(mul{}, apply(mul{}, dy, b), apply(pow{}, a, apply(add_scalar{-1}, b)));
  }
  template <class X> static X db(const X& dy, const X& a, const X& b) {
    return apply(mul{}, apply(mul{}, dy, apply(log{}, a)), apply(pow{}, a, b));
  }
};

struct greater_share {  // 1 where a > b, 1/2 where a = b, else 0
  static constexpr auto name = "greater_share";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& a, const T& b) {
    return math::select(a > b, T(1), math::select(a == b, T(0.5), T(0)));
  }
};

struct equal_share {  // 1 where a = b, else 0
  static constexpr auto name = "equal_share";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& a, const T& b) { return math::select(a == b, T(1), T(0)); }
};

struct maximum {  // y = max(a, b); equal operands share the gradient
  static constexpr auto name = "maximum";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& a, const T& b) { return math::maximum(a, b); }
  template <class X> static X da(const X& dy, const X& a, const X& b) {
    return apply(mul{}, dy, apply(greater_share{}, stop_gradient(a), stop_gradient(b)));
  }
  template <class X> static X db(const X& dy, const X& a, const X& b) {
    return apply(mul{}, dy, apply(greater_share{}, stop_gradient(b), stop_gradient(a)));
  }
};

struct minimum {  // y = min(a, b); equal operands share the gradient
  static constexpr auto name = "minimum";
  static constexpr sample_range sample{-3, 3};
  template <class T> TL_HD static T f(const T& a, const T& b) { return math::minimum(a, b); }
  template <class X> static X da(const X& dy, const X& a, const X& b) {
    return apply(mul{}, dy, apply(greater_share{}, stop_gradient(b), stop_gradient(a)));
  }
  template <class X> static X db(const X& dy, const X& a, const X& b) {
    return apply(mul{}, dy, apply(greater_share{}, stop_gradient(a), stop_gradient(b)));
  }
};

struct equal {
  static constexpr auto name = "equal";
  template <class T> TL_HD static auto f(const T& a, const T& b) { return a == b; }
};
struct not_equal {
  static constexpr auto name = "not_equal";
  template <class T> TL_HD static auto f(const T& a, const T& b) { return a != b; }
};
struct less {
  static constexpr auto name = "less";
  template <class T> TL_HD static auto f(const T& a, const T& b) { return a < b; }
};
struct less_equal {
  static constexpr auto name = "less_equal";
  template <class T> TL_HD static auto f(const T& a, const T& b) { return a <= b; }
};
struct greater {
  static constexpr auto name = "greater";
  template <class T> TL_HD static auto f(const T& a, const T& b) { return a > b; }
};
struct greater_equal {
  static constexpr auto name = "greater_equal";
  template <class T> TL_HD static auto f(const T& a, const T& b) { return a >= b; }
};

struct logical_and {
  static constexpr auto name = "logical_and";
  TL_HD static bool f(bool a, bool b) { return a && b; }
};
struct logical_or {
  static constexpr auto name = "logical_or";
  TL_HD static bool f(bool a, bool b) { return a || b; }
};
struct logical_not {
  static constexpr auto name = "logical_not";
  TL_HD static bool f(bool a) { return !a; }
};

struct where {  // y = c ? a : b
  static constexpr auto name = "where";
  template <class T> TL_HD static T f(bool c, const T& a, const T& b) { return c ? a : b; }
};

struct copy {  // y = x
  static constexpr auto name = "copy";
  template <class T> TL_HD static T f(const T& x) { return x; }
};

template <class To> struct convert {  // y = x in another element type
  static constexpr auto name = "convert";
  template <class From> TL_HD static To f(const From& x) { return convert_element<To>(x); }
};

template <class T> struct fill {  // y = c
  T c;
  static constexpr auto name = "fill";
  TL_HD T f() const { return c; }
};

using arithmetic_ops = type_list<add, sub, mul, div, pow, maximum, minimum>;
using share_ops = type_list<greater_share, equal_share>;
using integer_ops = type_list<add, sub, mul, maximum, minimum>;
using comparison_ops = type_list<equal, not_equal, less, less_equal, greater, greater_equal>;
using logical_ops = type_list<logical_and, logical_or>;

}  // namespace tensorlab::inline v0::rule
