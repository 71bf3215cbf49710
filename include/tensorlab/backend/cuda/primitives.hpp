#pragma once

#include <memory>

#include <tensorlab/backend/cuda/kernels.hpp>
#include <tensorlab/core/graph.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// An empty CUDA graph for the device that `at` lies on, to be captured beside this thread's stream and launched on it.
std::unique_ptr<graph> make_graph(const void* at);

/// The primitives that cuda/kernels.hpp declares, by their arguments alone.
struct primitives {
  template <class R, class U, class... Ts>
  static void map(const R& rule, view<U> y, view<Ts>... x) {
    cuda_kernel::dispatch_map(rule, y, view<const std::remove_const_t<Ts>>{x.data, x.shape, x.strides}...);
  }
  template <class R, class U, class... Ts>
  static void generate(const R& rule, view<U> y, view<Ts>... x) {
    cuda_kernel::generate<R, U, std::remove_const_t<Ts>...>(
        rule, y, view<const std::remove_const_t<Ts>>{x.data, x.shape, x.strides}...);
  }
  template <class R, class T>
  static void update(const update_batch<R, T>& batch) {
    cuda_kernel::update<R, T>(batch);
  }
  template <class R, class T>
  static void reduce(const R& rule, view<T> y, view<const T> x) {
    cuda_kernel::reduce<R, T>(rule, y, x);
  }
  template <class R, class T>
  static void arg_reduce(const R& rule, view<std::int64_t> y, view<const T> x, int axis) {
    cuda_kernel::arg_reduce<R, T>(rule, y, x, axis);
  }
  template <class R, class T>
  static void cumulate(const R& rule, view<T> y, view<const T> x, int axis, bool reverse) {
    cuda_kernel::cumulate<R, T>(rule, y, x, axis, reverse);
  }
  template <class T>
  static void sort(view<T> values, view<std::int64_t> positions, view<const T> x, int axis, bool descending) {
    cuda_kernel::sort<T>(values, positions, x, axis, descending);
  }
  template <class T>
  static void gather(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    cuda_kernel::gather<cuda_kernel::bits<T>>(cuda_kernel::as_bits(y), cuda_kernel::as_bits(x), index, axis);
  }
  template <class T>
  static void scatter_add(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    cuda_kernel::scatter_add<T>(y, x, index, axis);
  }
  template <class T>
  static void bucketize(view<std::int64_t> y, view<const T> x, view<const T> edges, bool right) {
    cuda_kernel::bucketize<T>(y, x, edges, right);
  }
  template <class T>
  static void gemm(view<T> y, view<const T> a, view<const T> b, const gemm_epilogue<T>& e) {
    cuda_kernel::gemm<T>(y, a, b, e);
  }
  template <class T>
  static void conv(view<T> y, view<const T> x, view<const T> w, const T* bias, const window_geometry& g) {
    cuda_kernel::conv<T>(y, x, w, bias, g);
  }
  template <class T>
  static void conv_dx(view<T> dx, view<const T> dy, view<const T> w, const window_geometry& g) {
    cuda_kernel::conv_dx<T>(dx, dy, w, g);
  }
  template <class T>
  static void conv_dw(view<T> dw, view<const T> dy, view<const T> x, const window_geometry& g) {
    cuda_kernel::conv_dw<T>(dw, dy, x, g);
  }
  template <class T>
  static void pool(pool_kind kind, view<T> y, view<std::int64_t> position, view<const T> x, const window_geometry& g) {
    cuda_kernel::pool<T>(kind, y, position, x, g);
  }
  template <class T>
  static void pool_dx(pool_kind kind, view<T> dx, view<const T> dy, view<const std::int64_t> position,
                      const window_geometry& g) {
    cuda_kernel::pool_dx<T>(kind, dx, dy, position, g);
  }
  template <class T>
  static void norm(view<T> y, view<T> mean, view<T> rstd, view<const T> x, view<const T> gamma, view<const T> beta,
                   double eps) {
    cuda_kernel::norm<T>(y, mean, rstd, x, gamma, beta, eps);
  }
  template <class T>
  static void norm_backward(view<T> dx, view<const T> dy, view<const T> x, view<const T> gamma, view<const T> mean,
                            view<const T> rstd) {
    cuda_kernel::norm_backward<T>(dx, dy, x, gamma, mean, rstd);
  }
  template <class T>
  static void norm_backward_affine(view<T> dgamma, view<T> dbeta, view<const T> dy, view<const T> x, view<const T> mean,
                                   view<const T> rstd) {
    cuda_kernel::norm_backward_affine<T>(dgamma, dbeta, dy, x, mean, rstd);
  }
  template <class T>
  static void softmax(view<T> y, view<const T> x, int axis, bool log) {
    cuda_kernel::softmax<T>(y, x, axis, log);
  }
  template <class T>
  static void softmax_backward(view<T> dx, view<const T> y, view<const T> dy, int axis, bool log) {
    cuda_kernel::softmax_backward<T>(dx, y, dy, axis, log);
  }
  template <class T>
  static void lstm(view<T> h, view<T> c, view<T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                   compute factors) {
    cuda_kernel::lstm<T>(h, c, gates, w_hh, mask, reverse, factors);
  }
  template <class T>
  static void lstm_both(view<T> h_a, view<T> c_a, view<T> gates_a, view<const T> w_a, view<T> h_b, view<T> c_b,
                        view<T> gates_b, view<const T> w_b, view<const bool> mask, compute factors) {
    cuda_kernel::lstm_both<T>(h_a, c_a, gates_a, w_a, h_b, c_b, gates_b, w_b, mask, factors);
  }
  template <class T>
  static void lstm_backward(view<T> dgates, view<T> dh, view<T> dc, view<const T> dy, view<const T> c,
                            view<const T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                            compute factors) {
    cuda_kernel::lstm_backward<T>(dgates, dh, dc, dy, c, gates, w_hh, mask, reverse, factors);
  }
  template <class T>
  static void gru(view<T> h, view<T> gates, view<T> inner, view<const T> w_hh, const T* b_n, view<const bool> mask,
                  bool reverse, bool reset_after, compute factors) {
    cuda_kernel::gru<T>(h, gates, inner, w_hh, b_n, mask, reverse, reset_after, factors);
  }
  template <class T>
  static void gru_both(view<T> h_a, view<T> gates_a, view<T> inner_a, view<const T> w_a, const T* b_a, view<T> h_b,
                       view<T> gates_b, view<T> inner_b, view<const T> w_b, const T* b_b, view<const bool> mask,
                       bool reset_after, compute factors) {
    cuda_kernel::gru_both<T>(h_a, gates_a, inner_a, w_a, b_a, h_b, gates_b, inner_b, w_b, b_b, mask, reset_after,
                             factors);
  }
  template <class T>
  static void gru_backward(view<T> dgates, view<T> dinner, view<T> dh, view<const T> dy, view<const T> h,
                           view<const T> gates, view<const T> inner, view<const T> w_hh, view<const bool> mask,
                           bool reverse, bool reset_after, compute factors) {
    cuda_kernel::gru_backward<T>(dgates, dinner, dh, dy, h, gates, inner, w_hh, mask, reverse, reset_after, factors);
  }
};

}  // namespace tensorlab::inline v0::cuda_kernel
