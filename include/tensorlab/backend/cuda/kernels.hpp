#pragma once

#include <cstdint>
#include <type_traits>

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/update_batch.hpp>
#include <tensorlab/backend/view.hpp>
#include <tensorlab/rule/binary.hpp>

namespace tensorlab::inline v0::cuda_kernel {

// Declared for the host compiler; cuda/kernels.cuh defines them and cuda/kernels.cu instantiates them for the library's
// rules and element types. A rule of your own is instantiated in a .cu file that includes cuda/instances.cuh.

template <class R, class U, class... Ts>
void map(const R& rule, const view<U>& y, const view<const Ts>&... x);
template <class R, class U, class... Ts>
void generate(const R& rule, const view<U>& y, const view<const Ts>&... x);
template <class R, class T>
void update(const update_batch<R, T>& batch);
template <class R, class T>
void reduce(const R& rule, const view<T>& y, const view<const T>& x);
template <class R, class T>
void arg_reduce(const R& rule, const view<std::int64_t>& y, const view<const T>& x, int axis);
template <class R, class T>
void cumulate(const R& rule, const view<T>& y, const view<const T>& x, int axis, bool reverse);
template <class T>
void sort(const view<T>& values, const view<std::int64_t>& positions, const view<const T>& x, int axis,
          bool descending);
template <class T>
void gather(const view<T>& y, const view<const T>& x, const view<const std::int64_t>& index, int axis);
template <class T>
void scatter_add(const view<T>& y, const view<const T>& x, const view<const std::int64_t>& index, int axis);
template <class T>
void bucketize(const view<std::int64_t>& y, const view<const T>& x, const view<const T>& edges, bool right);
template <class T>
void gemm(const view<T>& y, const view<const T>& a, const view<const T>& b, const gemm_epilogue<T>& e);
template <class T>
void conv(const view<T>& y, const view<const T>& x, const view<const T>& w, const T* bias, const window_geometry& g);
template <class T>
void conv_dx(const view<T>& dx, const view<const T>& dy, const view<const T>& w, const window_geometry& g);
template <class T>
void conv_dw(const view<T>& dw, const view<const T>& dy, const view<const T>& x, const window_geometry& g);
template <class T>
void pool(pool_kind kind, const view<T>& y, const view<std::int64_t>& position, const view<const T>& x,
          const window_geometry& g);
template <class T>
void pool_dx(pool_kind kind, const view<T>& dx, const view<const T>& dy, const view<const std::int64_t>& position,
             const window_geometry& g);
template <class T>
void norm(const view<T>& y, const view<T>& mean, const view<T>& rstd, const view<const T>& x,
          const view<const T>& gamma, const view<const T>& beta, double eps);
template <class T>
void norm_backward(const view<T>& dx, const view<const T>& dy, const view<const T>& x, const view<const T>& gamma,
                   const view<const T>& mean, const view<const T>& rstd);
template <class T>
void norm_backward_affine(const view<T>& dgamma, const view<T>& dbeta, const view<const T>& dy, const view<const T>& x,
                          const view<const T>& mean, const view<const T>& rstd);
template <class T>
void softmax(const view<T>& y, const view<const T>& x, int axis, bool log);
template <class T>
void softmax_backward(const view<T>& dx, const view<const T>& y, const view<const T>& dy, int axis, bool log);

// These are defined in cuda/recurrent.cuh and instantiated in cuda/recurrent.cu.
template <class T>
void lstm(const view<T>& h, const view<T>& c, const view<T>& gates, const view<const T>& w_hh,
          const view<const bool>& mask, bool reverse, compute factors);
template <class T>
void lstm_both(const view<T>& h_a, const view<T>& c_a, const view<T>& gates_a, const view<const T>& w_a,
               const view<T>& h_b, const view<T>& c_b, const view<T>& gates_b, const view<const T>& w_b,
               const view<const bool>& mask, compute factors);
template <class T>
void lstm_backward(const view<T>& dgates, const view<T>& dh, const view<T>& dc, const view<const T>& dy,
                   const view<const T>& c, const view<const T>& gates, const view<const T>& w_hh,
                   const view<const bool>& mask, bool reverse, compute factors);
template <class T>
void gru(const view<T>& h, const view<T>& gates, const view<T>& inner, const view<const T>& w_hh, const T* b_n,
         const view<const bool>& mask, bool reverse, bool reset_after, compute factors);
template <class T>
void gru_both(const view<T>& h_a, const view<T>& gates_a, const view<T>& inner_a, const view<const T>& w_a,
              const T* b_a, const view<T>& h_b, const view<T>& gates_b, const view<T>& inner_b,
              const view<const T>& w_b, const T* b_b, const view<const bool>& mask, bool reset_after, compute factors);
template <class T>
void gru_backward(const view<T>& dgates, const view<T>& dinner, const view<T>& dh, const view<const T>& dy,
                  const view<const T>& h, const view<const T>& gates, const view<const T>& inner,
                  const view<const T>& w_hh, const view<const bool>& mask, bool reverse, bool reset_after,
                  compute factors);

/// An integer of the size of `T`: rules that only move elements have one kernel per size, not per type.
template <class T>
using bits = std::conditional_t<
    sizeof(T) == 8, std::uint64_t,
    std::conditional_t<sizeof(T) == 4, std::uint32_t, std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint8_t>>>;

template <class T>
view<bits<T>> as_bits(const view<T>& v) {
  return {reinterpret_cast<bits<T>*>(v.data), v.shape, v.strides};
}
template <class T>
view<const bits<T>> as_bits(const view<const T>& v) {
  return {reinterpret_cast<const bits<T>*>(v.data), v.shape, v.strides};
}

/// Calls `map` with the same kernel for rules that differ in no more than the type of what they move.
template <class R, class U, class... Ts>
void dispatch_map(const R& rule, const view<U>& y, const view<const Ts>&... x) {
  cuda_kernel::map<R, U, Ts...>(rule, y, x...);
}
template <class T>
void dispatch_map(const rule::copy& rule, const view<T>& y, const view<const T>& x) {
  cuda_kernel::map<rule::copy, bits<T>, bits<T>>(rule, as_bits(y), as_bits(x));
}
template <class T>
void dispatch_map(const rule::convert<T>&, const view<T>& y, const view<const T>& x) {
  dispatch_map(rule::copy{}, y, x);
}
template <class T>
void dispatch_map(const rule::fill<T>& rule, const view<T>& y) {
  cuda_kernel::map<rule::fill<bits<T>>, bits<T>>({v0::detail::bit_copy<bits<T>>(rule.c)}, as_bits(y));
}
template <class T>
void dispatch_map(const rule::where& rule, const view<T>& y, const view<const bool>& c, const view<const T>& a,
                  const view<const T>& b) {
  cuda_kernel::map<rule::where, bits<T>, bool, bits<T>, bits<T>>(rule, as_bits(y), c, as_bits(a), as_bits(b));
}

}  // namespace tensorlab::inline v0::cuda_kernel
