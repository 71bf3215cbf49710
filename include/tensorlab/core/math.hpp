#pragma once

#include <cmath>
#include <type_traits>

#include <tensorlab/config.hpp>

/// Scalar functions for rules: plain floating point on both processors; SIMD batches and dual numbers by overloads
/// found through their own namespaces.
namespace tensorlab::inline v0::math {

#define TL_MATH_UNARY(name)                      \
  template <class T>                             \
  TL_HD inline T name(const T& x) {              \
    if constexpr (std::is_floating_point_v<T>) { \
      return std::name(x);                       \
    } else {                                     \
      using std::name;                           \
      return name(x);                            \
    }                                            \
  }
TL_MATH_UNARY(exp)
TL_MATH_UNARY(expm1)
TL_MATH_UNARY(log)
TL_MATH_UNARY(log1p)
TL_MATH_UNARY(sqrt)
TL_MATH_UNARY(sin)
TL_MATH_UNARY(cos)
TL_MATH_UNARY(tan)
TL_MATH_UNARY(asin)
TL_MATH_UNARY(acos)
TL_MATH_UNARY(atan)
TL_MATH_UNARY(tanh)
TL_MATH_UNARY(erf)
TL_MATH_UNARY(floor)
TL_MATH_UNARY(ceil)
#undef TL_MATH_UNARY

template <class T>
TL_HD inline T pow(const T& x, const T& y) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::pow(x, y);
  } else {
    using std::pow;
    return pow(x, y);
  }
}

/// `c ? a : b` for a bool, lane by lane for a SIMD mask.
template <class C, class T>
TL_HD inline T select(const C& c, const T& a, const T& b) {
  if constexpr (std::is_same_v<C, bool>) {
    return c ? a : b;
  } else {
    return select(c, a, b);
  }
}

template <class T>
TL_INLINE TL_HD T abs(const T& x) {
  return math::select(x < T(0), T(-x), x);
}

/// Nearest integer, ties to even.
template <class T>
TL_HD inline T round(const T& x) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::nearbyint(x);
  } else {
    return nearbyint(x);
  }
}

/// The larger; a NaN in either operand gives NaN.
template <class T>
TL_INLINE TL_HD T maximum(const T& a, const T& b) {
  // Only what is new, b, is looked at beside the comparison: a chain of maxima does not wait for it.
  if constexpr (requires { larger(b, a); })
    return math::select(b != b, b, larger(b, a));
  else
    return math::select(a != a, a, math::select(a > b, a, b));
}

/// The smaller; a NaN in either operand gives NaN.
template <class T>
TL_INLINE TL_HD T minimum(const T& a, const T& b) {
  if constexpr (requires { smaller(b, a); })
    return math::select(b != b, b, smaller(b, a));
  else
    return math::select(a != a, a, math::select(a < b, a, b));
}

/// 1 / (1 + e^-x), without overflow.
template <class T>
TL_INLINE TL_HD T sigmoid(const T& x) {
  if constexpr (requires { logistic(x); }) {
    return logistic(x);
  } else {
    const T e = math::exp(T(-math::abs(x)));
    const T p = T(1) / (T(1) + e);
    return math::select(x < T(0), T(e * p), p);
  }
}

}  // namespace tensorlab::inline v0::math
