#pragma once

#include <concepts>
#include <type_traits>

#include <tensorlab/autograd/apply.hpp>

/// Elementwise functions of one tensor: any shape to the same shape and memory order, with gradient unless said
/// otherwise. The rules with their derivatives are in rule/unary.hpp.
namespace tensorlab::inline v0 {

/// -x.
template <std::floating_point T, backend B>
tensor<T, B> operator-(const tensor<T, B>& x) {
  return apply(rule::neg{}, x);
}

/// e^x.
template <std::floating_point T, backend B>
tensor<T, B> exp(const tensor<T, B>& x) {
  return apply(rule::exp{}, x);
}

/// e^x - 1, exact near 0.
template <std::floating_point T, backend B>
tensor<T, B> expm1(const tensor<T, B>& x) {
  return apply(rule::expm1{}, x);
}

/// The natural logarithm ln x; -inf at 0, NaN below.
template <std::floating_point T, backend B>
tensor<T, B> log(const tensor<T, B>& x) {
  return apply(rule::log{}, x);
}

/// ln(1 + x), exact near 0.
template <std::floating_point T, backend B>
tensor<T, B> log1p(const tensor<T, B>& x) {
  return apply(rule::log1p{}, x);
}

/// x^(1/2); NaN below 0.
template <std::floating_point T, backend B>
tensor<T, B> sqrt(const tensor<T, B>& x) {
  return apply(rule::sqrt{}, x);
}

/// x^(-1/2).
template <std::floating_point T, backend B>
tensor<T, B> rsqrt(const tensor<T, B>& x) {
  return apply(rule::rsqrt{}, x);
}

/// 1 / x.
template <std::floating_point T, backend B>
tensor<T, B> reciprocal(const tensor<T, B>& x) {
  return apply(rule::reciprocal{}, x);
}

/// x^2.
template <std::floating_point T, backend B>
tensor<T, B> square(const tensor<T, B>& x) {
  return apply(rule::square{}, x);
}

/// |x|, with slope 0 at 0.
template <std::floating_point T, backend B>
tensor<T, B> abs(const tensor<T, B>& x) {
  return apply(rule::abs{}, x);
}

/// The sine of x in radians.
template <std::floating_point T, backend B>
tensor<T, B> sin(const tensor<T, B>& x) {
  return apply(rule::sin{}, x);
}

/// The cosine of x in radians.
template <std::floating_point T, backend B>
tensor<T, B> cos(const tensor<T, B>& x) {
  return apply(rule::cos{}, x);
}

/// The tangent of x in radians.
template <std::floating_point T, backend B>
tensor<T, B> tan(const tensor<T, B>& x) {
  return apply(rule::tan{}, x);
}

/// The angle in [-pi/2, pi/2] whose sine is x in [-1, 1].
template <std::floating_point T, backend B>
tensor<T, B> asin(const tensor<T, B>& x) {
  return apply(rule::asin{}, x);
}

/// The angle in [0, pi] whose cosine is x in [-1, 1].
template <std::floating_point T, backend B>
tensor<T, B> acos(const tensor<T, B>& x) {
  return apply(rule::acos{}, x);
}

/// The angle in (-pi/2, pi/2) whose tangent is x.
template <std::floating_point T, backend B>
tensor<T, B> atan(const tensor<T, B>& x) {
  return apply(rule::atan{}, x);
}

/// The error function 2 / sqrt(pi) int_0^x e^(-t^2) dt.
template <std::floating_point T, backend B>
tensor<T, B> erf(const tensor<T, B>& x) {
  return apply(rule::erf{}, x);
}

/// The largest integer not above x. **Throws** gradient_error for a tracked x.
template <std::floating_point T, backend B>
tensor<T, B> floor(const tensor<T, B>& x) {
  return apply(rule::floor{}, x);
}

/// The smallest integer not below x. **Throws** gradient_error for a tracked x.
template <std::floating_point T, backend B>
tensor<T, B> ceil(const tensor<T, B>& x) {
  return apply(rule::ceil{}, x);
}

/// The nearest integer, ties to even. **Throws** gradient_error for a tracked x.
template <std::floating_point T, backend B>
tensor<T, B> round(const tensor<T, B>& x) {
  return apply(rule::round{}, x);
}

/// -1, 0 or 1. **Throws** gradient_error for a tracked x.
template <std::floating_point T, backend B>
tensor<T, B> sign(const tensor<T, B>& x) {
  return apply(rule::sign{}, x);
}

/// min(max(x, lo), hi), with slope 1 on [lo, hi] and 0 outside. **Throws** value_error for lo > hi.
template <std::floating_point T, backend B>
tensor<T, B> clamp(const tensor<T, B>& x, double lo, double hi) {
  if (lo > hi) throw_value_error(concat("clamp: the lower bound is above the upper one (", lo, " vs ", hi, ")"));
  return apply(rule::clamp{lo, hi}, x);
}

/// x^p; NaN for a negative x with a fractional p.
template <std::floating_point T, backend B>
tensor<T, B> pow(const tensor<T, B>& x, double p) {
  if (p == 2) return square(x);
  return apply(rule::pow_scalar{p}, x);
}

namespace detail {

/// A number that can be an operand beside a tensor of T: integers stay integers.
template <class S, class T>
concept operand_of = std::is_arithmetic_v<S> &&
    (std::floating_point<T> ? true : std::integral<S>)&&!std::same_as<T, bool>;

template <class T, class B, class S>
tensor<T, B> scalar_beside(const tensor<T, B>& x, S c) {
  return tensor<T, B>::scalar(static_cast<T>(c), x.device());
}

}  // namespace detail

/// x + c.
template <class T, backend B, detail::operand_of<T> S>
tensor<T, B> operator+(const tensor<T, B>& x, S c) {
  if constexpr (std::floating_point<T>) {
    return apply(rule::add_scalar{static_cast<double>(c)}, x);
  } else {
    return apply(rule::add{}, x, detail::scalar_beside(x, c));
  }
}
template <class T, backend B, detail::operand_of<T> S>
tensor<T, B> operator+(S c, const tensor<T, B>& x) {
  return x + c;
}

/// x - c.
template <class T, backend B, detail::operand_of<T> S>
tensor<T, B> operator-(const tensor<T, B>& x, S c) {
  if constexpr (std::floating_point<T>) {
    return apply(rule::add_scalar{-static_cast<double>(c)}, x);
  } else {
    return apply(rule::sub{}, x, detail::scalar_beside(x, c));
  }
}
/// c - x.
template <class T, backend B, detail::operand_of<T> S>
tensor<T, B> operator-(S c, const tensor<T, B>& x) {
  if constexpr (std::floating_point<T>) {
    return apply(rule::subtract_from{static_cast<double>(c)}, x);
  } else {
    return apply(rule::sub{}, detail::scalar_beside(x, c), x);
  }
}

/// c x.
template <class T, backend B, detail::operand_of<T> S>
tensor<T, B> operator*(const tensor<T, B>& x, S c) {
  if constexpr (std::floating_point<T>) {
    return apply(rule::mul_scalar{static_cast<double>(c)}, x);
  } else {
    return apply(rule::mul{}, x, detail::scalar_beside(x, c));
  }
}
template <class T, backend B, detail::operand_of<T> S>
tensor<T, B> operator*(S c, const tensor<T, B>& x) {
  return x * c;
}

/// x / c, correctly rounded.
template <std::floating_point T, backend B, detail::operand_of<T> S>
tensor<T, B> operator/(const tensor<T, B>& x, S c) {
  return apply(rule::div_scalar{static_cast<double>(c)}, x);
}
/// c / x.
template <std::floating_point T, backend B, detail::operand_of<T> S>
tensor<T, B> operator/(S c, const tensor<T, B>& x) {
  return apply(rule::divide_into{static_cast<double>(c)}, x);
}

}  // namespace tensorlab::inline v0
