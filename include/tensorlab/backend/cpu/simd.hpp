#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <xsimd/xsimd.hpp>

#include <tensorlab/backend/cpu/elementary.hpp>
#include <tensorlab/config.hpp>
#include <tensorlab/core/dual.hpp>

namespace tensorlab::inline v0::detail {

// Without optimisation the compiler's AVX-512 intrinsics are macros that xsimd's batches do not pass through.
#if !defined(__OPTIMIZE__) && XSIMD_WITH_AVX512F && XSIMD_WITH_AVX2
using simd_architecture = xsimd::avx2;
#else
using simd_architecture = xsimd::default_arch;
#endif

/// The lanes of a pack that a comparison holds in.
template <class T>
struct pack_mask {
  xsimd::batch_bool<T, simd_architecture> lanes;
  friend pack_mask operator!(const pack_mask& a) { return {!a.lanes}; }
  friend pack_mask operator&&(const pack_mask& a, const pack_mask& b) { return {a.lanes & b.lanes}; }
  friend pack_mask operator||(const pack_mask& a, const pack_mask& b) { return {a.lanes | b.lanes}; }
};

/// A processor register of floats or doubles as a value that rules compute with: an xsimd batch under the operators and
/// functions of the scalar type.
///
/// It is a type of its own because xsimd's `!=` is false for NaN before version 9, its `pow` loses digits with large
/// results, and its `erf` of double is 70 units in the last place off and NaN for huge arguments.
template <class T>
struct pack {
  using batch = xsimd::batch<T, simd_architecture>;
  using mask = pack_mask<T>;
  static constexpr int size = static_cast<int>(batch::size);

  batch lanes;

  pack() = default;
  pack(const batch& b) : lanes(b) {}
  template <class S>
  requires std::is_arithmetic_v<S>
  explicit pack(S value) : lanes(static_cast<T>(value)) {}

  static pack load(const T* p) { return batch::load_unaligned(p); }
  void store(T* p) const { lanes.store_unaligned(p); }

  friend pack operator+(const pack& a, const pack& b) { return a.lanes + b.lanes; }
  friend pack operator-(const pack& a, const pack& b) { return a.lanes - b.lanes; }
  friend pack operator*(const pack& a, const pack& b) { return a.lanes * b.lanes; }
  friend pack operator/(const pack& a, const pack& b) { return a.lanes / b.lanes; }
  friend pack operator-(const pack& a) { return -a.lanes; }
  pack& operator+=(const pack& b) { return *this = *this + b; }
  pack& operator-=(const pack& b) { return *this = *this - b; }
  pack& operator*=(const pack& b) { return *this = *this * b; }
  pack& operator/=(const pack& b) { return *this = *this / b; }

  friend mask operator<(const pack& a, const pack& b) { return {a.lanes < b.lanes}; }
  friend mask operator>(const pack& a, const pack& b) { return {a.lanes > b.lanes}; }
  friend mask operator<=(const pack& a, const pack& b) { return {a.lanes <= b.lanes}; }
  friend mask operator>=(const pack& a, const pack& b) { return {a.lanes >= b.lanes}; }
  friend mask operator==(const pack& a, const pack& b) { return {a.lanes == b.lanes}; }
  friend mask operator!=(const pack& a, const pack& b) { return {!(a.lanes == b.lanes)}; }

  friend pack select(const mask& c, const pack& a, const pack& b) { return xsimd::select(c.lanes, a.lanes, b.lanes); }

  /// One of a and b; NaN if b is.
  friend pack larger(const pack& a, const pack& b) { return (xsimd::max)(a.lanes, b.lanes); }
  friend pack smaller(const pack& a, const pack& b) { return (xsimd::min)(a.lanes, b.lanes); }

  /// a b + c, rounded once where the processor can.
  friend pack fma(const pack& a, const pack& b, const pack& c) { return xsimd::fma(a.lanes, b.lanes, c.lanes); }
  friend pack exp(const pack& x) {
    if constexpr (sizeof(T) == sizeof(float))
      return exp_of(x.lanes);
    else
      return xsimd::exp(x.lanes);
  }
  /// 1 / (1 + e^-x); 0 where e^-x overflows.
  friend pack logistic(const pack& x) { return pack(1) / (pack(1) + exp(-x)); }
  friend pack expm1(const pack& x) { return xsimd::expm1(x.lanes); }
  friend pack log(const pack& x) { return xsimd::log(x.lanes); }
  friend pack log1p(const pack& x) { return xsimd::log1p(x.lanes); }
  friend pack sqrt(const pack& x) { return xsimd::sqrt(x.lanes); }
  friend pack sin(const pack& x) { return xsimd::sin(x.lanes); }
  friend pack cos(const pack& x) { return xsimd::cos(x.lanes); }
  friend pack tan(const pack& x) { return xsimd::tan(x.lanes); }
  friend pack asin(const pack& x) { return xsimd::asin(x.lanes); }
  friend pack acos(const pack& x) { return xsimd::acos(x.lanes); }
  friend pack atan(const pack& x) { return xsimd::atan(x.lanes); }
  friend pack tanh(const pack& x) {
    if constexpr (sizeof(T) == sizeof(float))
      return tanh_of(x.lanes);
    else
      return xsimd::tanh(x.lanes);
  }
  friend pack erf(const pack& x) {
    if constexpr (sizeof(T) == sizeof(float)) {
      return erf_of(x.lanes);
    } else {
      return by_lane(x, x, [](T a, T) { return std::erf(a); });
    }
  }
  friend pack floor(const pack& x) { return xsimd::floor(x.lanes); }
  friend pack ceil(const pack& x) { return xsimd::ceil(x.lanes); }
  friend pack nearbyint(const pack& x) { return xsimd::nearbyint(x.lanes); }
  friend pack pow(const pack& x, const pack& y) {
    return by_lane(x, y, [](T a, T b) { return std::pow(a, b); });
  }

 private:
  template <class F>
  static pack by_lane(const pack& x, const pack& y, F f) {
    T a[size], b[size];
    x.store(a);
    y.store(b);
    for (int i = 0; i < size; ++i) a[i] = f(a[i], b[i]);
    return load(a);
  }
};

/// `count` elements that lie `step` bytes apart, repeating the first one in the lanes that are left.
template <class T>
[[gnu::noinline]] pack<T> load_strided(const char* p, std::int64_t step, int count) {
  T lanes[pack<T>::size];
  for (int i = 0; i < pack<T>::size; ++i) lanes[i] = *reinterpret_cast<const T*>(p + (i < count ? i : 0) * step);
  return pack<T>::load(lanes);
}
template <class T>
[[gnu::noinline]] void store_strided(pack<T> v, char* p, std::int64_t step, int count) {
  T lanes[pack<T>::size];
  v.store(lanes);
  for (int i = 0; i < count; ++i) *reinterpret_cast<T*>(p + i * step) = lanes[i];
}

/// The first `count` lanes, at least one, of elements side by side; those that are left repeat the first one.
template <class T>
TL_INLINE pack<T> load_head(const T* p, int count) {
  return load_strided<T>(reinterpret_cast<const char*>(p), sizeof(T), count);
}
template <class T>
TL_INLINE void store_head(const pack<T>& v, T* p, int count) {
  store_strided(v, reinterpret_cast<char*>(p), sizeof(T), count);
}
#if defined(__OPTIMIZE__) && XSIMD_WITH_AVX512F
TL_INLINE pack<float> load_head(const float* p, int count) {
  return pack<float>(_mm512_mask_loadu_ps(_mm512_set1_ps(*p), static_cast<__mmask16>((1u << count) - 1), p));
}
TL_INLINE pack<double> load_head(const double* p, int count) {
  return pack<double>(_mm512_mask_loadu_pd(_mm512_set1_pd(*p), static_cast<__mmask8>((1u << count) - 1), p));
}
TL_INLINE void store_head(const pack<float>& v, float* p, int count) {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << count) - 1), v.lanes);
}
TL_INLINE void store_head(const pack<double>& v, double* p, int count) {
  _mm512_mask_storeu_pd(p, static_cast<__mmask8>((1u << count) - 1), v.lanes);
}
#endif

template <class T>
TL_INLINE pack<T> load_some(const char* p, std::int64_t step, int count) {
  const T* const first = reinterpret_cast<const T*>(p);
  if (step == sizeof(T)) return count == pack<T>::size ? pack<T>::load(first) : load_head(first, count);
  if (step == 0) return pack<T>(*first);
  return load_strided<T>(p, step, count);
}
template <class T>
TL_INLINE void store_some(const pack<T>& v, char* p, std::int64_t step, int count) {
  T* const first = reinterpret_cast<T*>(p);
  if (step == sizeof(T)) return count == pack<T>::size ? v.store(first) : store_head(v, first, count);
  store_strided(v, p, step, count);
}

/// The combination of all lanes, in pairs: lane i with lane i + width / 2, and so on.
template <class T, class F, int Distance = pack<T>::size / 2>
T fold_lanes(const pack<T>& v, const F& combine) {
  if constexpr (Distance == 0) {
    return v.lanes.get(0);
  } else {
    typedef T lanes __attribute__((vector_size(sizeof(v.lanes))));
    const lanes all = (lanes)(v.lanes.data);
    const lanes moved = [&]<int... Lane>(std::integer_sequence<int, Lane...>) {
      return __builtin_shufflevector(all, all, ((Lane + Distance) % pack<T>::size)...);
    }
    (std::make_integer_sequence<int, pack<T>::size>());
    using batch = typename pack<T>::batch;
    const batch other((typename batch::register_type)(moved));
    return fold_lanes<T, F, Distance / 2>(combine(v, pack<T>(other)), combine);
  }
}

}  // namespace tensorlab::inline v0::detail
