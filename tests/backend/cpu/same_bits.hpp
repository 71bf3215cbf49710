#pragma once

#if defined(_OPENMP)
#include <omp.h>
#endif

#include "backend/both.hpp"

namespace test {

inline void set_threads(int n) {
#if defined(_OPENMP)
  omp_set_num_threads(n);
#else
  (void)n;
#endif
}

/// Runs `body(output)` with 1, 2 and 3 threads and requires the same bits.
template <class F>
void require_same_bits(const tl::shape& s, const F& body) {
  const int before = tl::detail::available_threads();
  std::vector<std::vector<float>> results;
  for (int n : {1, 2, 3}) {
    set_threads(n);
    auto y = tl::array<float, B>::full(s, 0.0f);
    body(y);
    results.push_back(y.to_host());
  }
  set_threads(before);
  REQUIRE(results[0] == results[1]);
  REQUIRE(results[0] == results[2]);
}

}  // namespace test
