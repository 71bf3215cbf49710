#pragma once

#include <tensorlab/core/math.hpp>

namespace tensorlab::inline v0 {

/// A dual number v + d eps with eps^2 = 0: evaluating f on {x, 1} gives {f(x), f'(x)}.
///
/// `V` is a scalar, a SIMD batch or another dual number.
template <class V>
struct dual {
  V v;
  V d;
  dual() = default;
  TL_HD explicit dual(double c) : v(static_cast<V>(c)), d(static_cast<V>(0)) {}
  TL_HD dual(const V& value, const V& derivative) : v(value), d(derivative) {}

  TL_HD friend dual operator+(const dual& a, const dual& b) { return {V(a.v + b.v), V(a.d + b.d)}; }
  TL_HD friend dual operator-(const dual& a, const dual& b) { return {V(a.v - b.v), V(a.d - b.d)}; }
  TL_HD friend dual operator-(const dual& a) { return {V(-a.v), V(-a.d)}; }
  TL_HD friend dual operator*(const dual& a, const dual& b) { return {V(a.v * b.v), V(a.v * b.d + a.d * b.v)}; }
  TL_HD friend dual operator/(const dual& a, const dual& b) {
    const V q = a.v / b.v;
    return {q, V((a.d - q * b.d) / b.v)};
  }
  TL_HD friend auto operator<(const dual& a, const dual& b) { return a.v < b.v; }
  TL_HD friend auto operator>(const dual& a, const dual& b) { return a.v > b.v; }
  TL_HD friend auto operator<=(const dual& a, const dual& b) { return a.v <= b.v; }
  TL_HD friend auto operator>=(const dual& a, const dual& b) { return a.v >= b.v; }
  TL_HD friend auto operator==(const dual& a, const dual& b) { return a.v == b.v; }
  TL_HD friend auto operator!=(const dual& a, const dual& b) { return a.v != b.v; }
};

template <class C, class V>
TL_HD dual<V> select(const C& c, const dual<V>& a, const dual<V>& b) {
  return {math::select(c, a.v, b.v), math::select(c, a.d, b.d)};
}
template <class V>
TL_HD dual<V> exp(const dual<V>& x) {
  const V e = math::exp(x.v);
  return {e, V(e * x.d)};
}
template <class V>
TL_HD dual<V> expm1(const dual<V>& x) {
  return {math::expm1(x.v), V(math::exp(x.v) * x.d)};
}
template <class V>
TL_HD dual<V> log(const dual<V>& x) {
  return {math::log(x.v), V(x.d / x.v)};
}
template <class V>
TL_HD dual<V> log1p(const dual<V>& x) {
  return {math::log1p(x.v), V(x.d / (V(1) + x.v))};
}
template <class V>
TL_HD dual<V> sqrt(const dual<V>& x) {
  const V r = math::sqrt(x.v);
  return {r, V(x.d / (r + r))};
}
template <class V>
TL_HD dual<V> sin(const dual<V>& x) {
  return {math::sin(x.v), V(math::cos(x.v) * x.d)};
}
template <class V>
TL_HD dual<V> cos(const dual<V>& x) {
  return {math::cos(x.v), V(-math::sin(x.v) * x.d)};
}
template <class V>
TL_HD dual<V> tan(const dual<V>& x) {
  const V t = math::tan(x.v);
  return {t, V((V(1) + t * t) * x.d)};
}
template <class V>
TL_HD dual<V> asin(const dual<V>& x) {
  return {math::asin(x.v), V(x.d / math::sqrt(V(V(1) - x.v * x.v)))};
}
template <class V>
TL_HD dual<V> acos(const dual<V>& x) {
  return {math::acos(x.v), V(-x.d / math::sqrt(V(V(1) - x.v * x.v)))};
}
template <class V>
TL_HD dual<V> atan(const dual<V>& x) {
  return {math::atan(x.v), V(x.d / (V(1) + x.v * x.v))};
}
template <class V>
TL_HD dual<V> tanh(const dual<V>& x) {
  const V t = math::tanh(x.v);
  return {t, V((V(1) - t * t) * x.d)};
}
template <class V>
TL_HD dual<V> erf(const dual<V>& x) {
  const V two_over_sqrt_pi = V(1.1283791670955126);
  return {math::erf(x.v), V(two_over_sqrt_pi * math::exp(V(-x.v * x.v)) * x.d)};
}
template <class V>
TL_HD dual<V> pow(const dual<V>& x, const dual<V>& y) {
  const V p = math::pow(x.v, y.v);
  // The slope of x^0 is 0 at 0 too, where the formula reads 0 inf.
  const V slope = y.v * math::pow(x.v, V(y.v - V(1)));
  const V by_base = math::select(y.v == V(0), math::select(x.v == V(0), V(0), slope), slope) * x.d;
  const V by_exponent = math::select(y.d == V(0), V(0), V(p * math::log(x.v) * y.d));
  return {p, V(by_base + by_exponent)};
}
template <class V>
TL_HD dual<V> floor(const dual<V>& x) {
  return {math::floor(x.v), V(0)};
}
template <class V>
TL_HD dual<V> ceil(const dual<V>& x) {
  return {math::ceil(x.v), V(0)};
}
template <class V>
TL_HD dual<V> nearbyint(const dual<V>& x) {
  return {math::round(x.v), V(0)};
}

}  // namespace tensorlab::inline v0
