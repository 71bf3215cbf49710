#pragma once

#pragma nv_diag_suppress 554  // view's conversion to a view of const, in a view of const

#include <tensorlab/backend/cuda/launch.cuh>
#include <tensorlab/backend/cuda/primitives.hpp>
#include <tensorlab/backend/simt/recurrent.hpp>

/// Definitions of the recurrent primitives of cuda/kernels.hpp: the simt bodies with the GPU's launcher, and cuBLAS for
/// the products of large layers.
namespace tensorlab::inline v0::cuda_kernel {

using recurrences = simt_kernel::recurrent_primitives<launcher, primitives>;

template <class T>
void lstm(const view<T>& h, const view<T>& c, const view<T>& gates, const view<const T>& w_hh,
          const view<const bool>& mask, bool reverse, compute factors) {
  recurrences::lstm(h, c, gates, w_hh, mask, reverse, factors);
}
template <class T>
void lstm_both(const view<T>& h_a, const view<T>& c_a, const view<T>& gates_a, const view<const T>& w_a,
               const view<T>& h_b, const view<T>& c_b, const view<T>& gates_b, const view<const T>& w_b,
               const view<const bool>& mask, compute factors) {
  recurrences::lstm_both(h_a, c_a, gates_a, w_a, h_b, c_b, gates_b, w_b, mask, factors);
}
template <class T>
void lstm_backward(const view<T>& dgates, const view<T>& dh, const view<T>& dc, const view<const T>& dy,
                   const view<const T>& c, const view<const T>& gates, const view<const T>& w_hh,
                   const view<const bool>& mask, bool reverse, compute factors) {
  recurrences::lstm_backward(dgates, dh, dc, dy, c, gates, w_hh, mask, reverse, factors);
}
template <class T>
void gru(const view<T>& h, const view<T>& gates, const view<T>& inner, const view<const T>& w_hh, const T* b_n,
         const view<const bool>& mask, bool reverse, bool reset_after, compute factors) {
  recurrences::gru(h, gates, inner, w_hh, b_n, mask, reverse, reset_after, factors);
}
template <class T>
void gru_both(const view<T>& h_a, const view<T>& gates_a, const view<T>& inner_a, const view<const T>& w_a,
              const T* b_a, const view<T>& h_b, const view<T>& gates_b, const view<T>& inner_b,
              const view<const T>& w_b, const T* b_b, const view<const bool>& mask, bool reset_after, compute factors) {
  recurrences::gru_both(h_a, gates_a, inner_a, w_a, b_a, h_b, gates_b, inner_b, w_b, b_b, mask, reset_after, factors);
}
template <class T>
void gru_backward(const view<T>& dgates, const view<T>& dinner, const view<T>& dh, const view<const T>& dy,
                  const view<const T>& h, const view<const T>& gates, const view<const T>& inner,
                  const view<const T>& w_hh, const view<const bool>& mask, bool reverse, bool reset_after,
                  compute factors) {
  recurrences::gru_backward(dgates, dinner, dh, dy, h, gates, inner, w_hh, mask, reverse, reset_after, factors);
}

}  // namespace tensorlab::inline v0::cuda_kernel
