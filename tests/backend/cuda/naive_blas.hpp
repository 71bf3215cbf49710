#pragma once

#include <tensorlab/backend/cuda/blas_gemm.hpp>

#include "support/catch.hpp"

namespace test {

/// A column-major BLAS by its definition, which refuses what the real one would.
struct naive_blas {
  static inline int calls = 0;
  static inline tensorlab::compute factors = tensorlab::compute::full;  // of the last call

  template <class T>
  static void call(const void*, const tensorlab::cuda_kernel::blas_call& c, T* out, const T* first, const T* second) {
    ++calls;
    factors = c.factors;
    REQUIRE(c.ld_first >= (std::max)(std::int64_t{1}, c.transpose_first ? c.k : c.m));
    REQUIRE(c.ld_second >= (std::max)(std::int64_t{1}, c.transpose_second ? c.n : c.k));
    REQUIRE(c.ld_out >= (std::max)(std::int64_t{1}, c.m));
    REQUIRE((c.m > 0 && c.n > 0 && c.k > 0 && c.batch > 0));
    for (std::int64_t b = 0; b < c.batch; ++b)
      for (std::int64_t i = 0; i < c.m; ++i)
        for (std::int64_t j = 0; j < c.n; ++j) {
          T sum = 0;
          for (std::int64_t l = 0; l < c.k; ++l)
            sum += first[b * c.step_first + (c.transpose_first ? l + i * c.ld_first : i + l * c.ld_first)] *
                   second[b * c.step_second + (c.transpose_second ? j + l * c.ld_second : l + j * c.ld_second)];
          T& to = out[b * c.step_out + i + j * c.ld_out];
          to = c.accumulate ? to + sum : sum;
        }
  }
};

}  // namespace test
