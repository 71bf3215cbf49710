#pragma once

#include <cstddef>
#include <cstdint>

#include <xsimd/xsimd.hpp>

/// Elementary functions of float batches, in few instructions: without branches, and exact enough for the layers that
/// spend their time in them.
namespace tensorlab::inline v0::detail {

template <class A>
using float_batch = xsimd::batch<float, A>;

/// c[0] + c[1] x + c[2] x^2 + ...
template <class A, std::size_t Count>
float_batch<A> polynomial(const float_batch<A>& x, const float (&c)[Count]) {
  float_batch<A> y(c[Count - 1]);
#pragma GCC unroll 16
  for (int i = static_cast<int>(Count) - 2; i >= 0; --i) y = xsimd::fma(y, x, float_batch<A>(c[i]));
  return y;
}

/// The nearest number within [lo, hi]; NaN for NaN.
template <class A>
float_batch<A> within(const float_batch<A>& x, float lo, float hi) {
  return (xsimd::min)(float_batch<A>(hi), (xsimd::max)(float_batch<A>(lo), x));
}

/// x 2^n for whole numbers n in [-160, 160].
template <class A>
float_batch<A> scale_by_power(const float_batch<A>& x, const float_batch<A>& n) {
#if XSIMD_WITH_AVX512F
  if constexpr (sizeof(float_batch<A>) == 64) {
    return float_batch<A>(_mm512_scalef_ps(x.data, n.data));
  } else
#endif
  {
    using native = typename float_batch<A>::register_type;
    using ints = xsimd::batch<std::int32_t, A>;
    const ints whole = xsimd::to_int(n), half = whole >> 1;
    // Two factors, for 2^n itself may be too small or too large for a float.
    const auto power = [](const ints& k) { return float_batch<A>((native)((k + ints(127)) << 23).data); };
    return x * power(half) * power(whole - half);
  }
}

/// e^x, at most 1.2 units in the last place off; 0.9 where the processor multiplies and adds at once.
///
/// x = n ln 2 + r with |r| <= ln(2) / 2, e^r by a minimax polynomial (Cody and Waite, "Software manual for the
/// elementary functions", 1980).
template <class A>
float_batch<A> exp_of(const float_batch<A>& x) {
  // Beyond these bounds the result is 0 or infinite.
  const float_batch<A> v = within(x, -104.0f, 89.0f);
  const float_batch<A> n = xsimd::nearbyint(v * float_batch<A>(1.44269504f));
  // ln 2 in two parts: n times the first one is exact.
  const float_batch<A> r =
      xsimd::fma(n, float_batch<A>(2.12194440e-4f), xsimd::fma(n, float_batch<A>(-0.693359375f), v));
  constexpr float c[] = {1, 1, 0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558f2p-5f, 0x1.123a2p-7f, 0x1.6a23cep-10f};
  return scale_by_power(polynomial(r, c), n);
}

/// y, within [-1, 1], for |x| < limit, and the sign of x from there on; NaN for NaN.
template <class A>
float_batch<A> saturated(const float_batch<A>& y, const float_batch<A>& x, float limit) {
  return xsimd::select(xsimd::abs(x) >= float_batch<A>(limit), xsimd::copysign(float_batch<A>(1.0f), x),
                       within(y, -1.0f, 1.0f));
}

/// The error function, at most 3.5e-7 off, within [-1, 1].
///
/// x P(x^2) / Q(x^2), a minimax approximation of relative error 1.4e-8 up to where the function rounds to 1.
template <class A>
float_batch<A> erf_of(const float_batch<A>& x) {
  constexpr float limit = 3.8325069f;
  const float_batch<A> v = within(x, -limit, limit), t = v * v;
  constexpr float p[] = {1.1283791522584954f,    0.18729088874390834f,   0.05241635524413123f,
                         0.0036520452978236017f, 0.0002859340090539403f, 2.1233504875065354e-06f};
  constexpr float q[] = {1,
                         0.4993151349854493f,
                         0.1128934109755197f,
                         0.01474106853742593f,
                         0.0011415483044517833f,
                         3.8900071009413766e-05f};
  return saturated(v * polynomial(t, p) / polynomial(t, q), x, limit);
}

/// The hyperbolic tangent, at most 4e-7 off, within [-1, 1].
///
/// x P(x^2) / Q(x^2), a minimax approximation of relative error 6.5e-9 up to 8, from where on 1 is taken.
template <class A>
float_batch<A> tanh_of(const float_batch<A>& x) {
  constexpr float limit = 7.9988117f;
  const float_batch<A> v = within(x, -limit, limit), t = v * v;
  constexpr float p[] = {0.9999999936660873f, 0.1344463934475818f, 0.0035717673853226804f, 2.1897536510478348e-05f,
                         1.5234650989066725e-08f};
  constexpr float q[] = {1, 0.4677796670854095f, 0.026165083177229806f, 0.00034115723303360015f,
                         8.524120790690441e-07f};
  return saturated(v * polynomial(t, p) / polynomial(t, q), x, limit);
}

}  // namespace tensorlab::inline v0::detail
