#pragma once

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/nest.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// y = a b, with bias and accumulation: a lane per element, any strides. `outputs` numbers y's elements; operands y, a
/// (without its step along k), b (without its step along k), bias.
template <class T>
struct gemm_body {
  nest<4> outputs;
  std::int64_t k, a_step, b_step;
  bool accumulate;
  T* y;
  const T* a;
  const T* b;
  const T* bias;

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, outputs, [&](const std::int64_t* at) {
      const T* left = a + at[1];
      const T* right = b + at[2];
      T sum = T(0);
      for (std::int64_t l = 0; l < k; ++l) sum += left[l * a_step] * right[l * b_step];
      if (bias != nullptr) sum += bias[at[3]];
      y[at[0]] = accumulate ? y[at[0]] + sum : sum;
    });
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
