#pragma once

#include <algorithm>
#include <chrono>

#include <tensorlab/backend/array.hpp>
#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/geometry.hpp>

namespace tensorlab::inline v0 {

namespace detail {

template <class B>
double measured_bf16_gain(int device) {
  // So large that neither calls nor transfers count, and some milliseconds in all.
  const std::int64_t n = B::host_accessible ? 320 : 2048;
  const auto a = array<float, B>::full({n, n}, 0.5f, device), b = array<float, B>::full({n, n}, -1.25f, device);
  const auto y = array<float, B>::empty({n, n}, device);
  using clock = std::chrono::steady_clock;
  const auto once = [&](compute factors) {
    const auto start = clock::now();
    B::gemm(y.view(), a.cview(), b.cview(), gemm_epilogue<float>{nullptr, false, factors});
    B::synchronize(device);
    return std::chrono::duration<double>(clock::now() - start).count();
  };
  once(compute::full);
  once(compute::bf16);
  double full = once(compute::full), rounded = once(compute::bf16);
  // The best of several in turns: other programs slow single runs of either kind.
  for (int i = 0; i < 5; ++i) {
    full = (std::min)(full, once(compute::full));
    rounded = (std::min)(rounded, once(compute::bf16));
  }
  return full / rounded;
}

}  // namespace detail

/// How many times as fast backend `B` multiplies matrices of float with factors rounded to bf16.
///
/// Measured once in a process, on `device` and with the threads there are at the first call. 0 for backends that only
/// imitate the rounding.
template <backend B>
double bf16_gain(int device = 0) {
  if constexpr (requires { requires B::has_bf16_products; }) {
    static const double gain = detail::measured_bf16_gain<B>(device);
    return gain;
  } else {
    return 0;
  }
}

/// bf16 where `bf16_gain<B>()` is at least `least`, else full: `const tl::autocast
/// scope(tl::faster_compute<tl::cpu>());`.
///
/// The answer depends on the machine and on what else it does meanwhile: a run that is to be repeated to the bit keeps
/// the answer and names it the next time.
template <backend B>
compute faster_compute(double least = 1.2, int device = 0) {
  return bf16_gain<B>(device) >= least ? compute::bf16 : compute::full;
}

}  // namespace tensorlab::inline v0
