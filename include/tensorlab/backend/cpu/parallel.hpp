#pragma once

#include <algorithm>
#include <cstdint>
#include <exception>

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace tensorlab::inline v0::detail {

/// Element operations below which a second thread costs more than it saves.
inline constexpr std::int64_t serial_work = 30000;

/// Threads that a parallel region started here would have: 1 inside another region or without OpenMP.
inline int available_threads() {
#if defined(_OPENMP)
  return omp_in_parallel() ? 1 : omp_get_max_threads();
#else
  return 1;
#endif
}

/// Calls `body(context, begin, end)` on ranges that cover [0, n), by several threads when `n * work` element operations
/// are worth it. Ranges start at multiples of `grain`; which thread runs which is not to matter.
///
/// The first exception that leaves `body` is thrown again here.
inline void parallel_ranges(std::int64_t n, std::int64_t work, std::int64_t grain, const void* context,
                            void (*body)(const void* context, std::int64_t begin, std::int64_t end)) {
  if (n <= 0) return;
  const std::int64_t pieces = (n + grain - 1) / grain;
  const auto threads =
      static_cast<int>((std::min)({std::int64_t{available_threads()}, pieces, 1 + n * work / serial_work}));
  if (threads <= 1) return body(context, 0, n);
#if defined(_OPENMP)
  std::exception_ptr failure;
#pragma omp parallel num_threads(threads)
  {
    const std::int64_t count = omp_get_num_threads(), self = omp_get_thread_num();
    const std::int64_t begin = pieces * self / count * grain, end = (std::min)(pieces * (self + 1) / count * grain, n);
    try {
      if (begin < end) body(context, begin, end);
    } catch (...) {
#pragma omp critical(tensorlab_failure)
      if (!failure) failure = std::current_exception();
    }
  }
  if (failure) std::rethrow_exception(failure);
#endif
}

/// The same for a function object.
template <class F>
void parallel_for(std::int64_t n, std::int64_t work, std::int64_t grain, const F& body) {
  parallel_ranges(n, work, grain, &body,
                  [](const void* f, std::int64_t begin, std::int64_t end) { (*static_cast<const F*>(f))(begin, end); });
}

}  // namespace tensorlab::inline v0::detail
