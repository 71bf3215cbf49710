#pragma once

#include <cstring>

#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/cpu/allocator.hpp>
#include <tensorlab/backend/cpu/conv.hpp>
#include <tensorlab/backend/cpu/elementwise.hpp>
#include <tensorlab/backend/cpu/gemm.hpp>
#include <tensorlab/backend/cpu/gru.hpp>
#include <tensorlab/backend/cpu/indexing.hpp>
#include <tensorlab/backend/cpu/lines.hpp>
#include <tensorlab/backend/cpu/lstm.hpp>
#include <tensorlab/backend/cpu/norm.hpp>
#include <tensorlab/backend/cpu/pool.hpp>
#include <tensorlab/backend/cpu/reduce.hpp>
#include <tensorlab/backend/cpu/softmax.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// Calls a primitive; a step that is being recorded keeps the call with copies of its arguments.
template <class... P, class... A>
void launch(void (*primitive)(P...), const A&... a) {
  if (capture* const r = capture::current()) [[unlikely]]
    return r->perform([=] { primitive(a...); });
  primitive(a...);
}

}  // namespace detail

/// The backend for the host's processor: SIMD batches, OpenMP threads, a caching allocator, oneDNN where the build has
/// it. Its primitives can be recorded.
struct cpu : detail::cpu_elementwise {
  static constexpr const char* name = "cpu";
  static constexpr bool host_accessible = true;
  static constexpr bool prefers_channels_last = true;
  static constexpr bool has_bf16_products = detail::cpu_gemm::has_bf16_products;
  static constexpr bool recordable = true;

  static void* allocate(std::size_t bytes, int) { return detail::caching_allocator::instance().allocate(bytes); }
  static void deallocate(void* p, std::size_t bytes, int) noexcept {
    detail::caching_allocator::instance().deallocate(p, bytes);
  }
  static void copy_to_host(void* to, const void* from, std::size_t bytes, int) {
    detail::require_host_values("a tensor's values");
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  static void copy_from_host(void* to, const void* from, std::size_t bytes, int) {
    detail::require_host_values("a tensor of the host's values");
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  static void synchronize(int) {}

  template <class R, class T>
  static void reduce(const R& rule, view<T> y, view<const T> x) {
    detail::launch(&detail::cpu_reduce::reduce<R, T>, rule, y, x);
  }
  template <class R, class T>
  static void arg_reduce(const R& rule, view<std::int64_t> y, view<const T> x, int axis) {
    detail::launch(&detail::cpu_lines::arg_reduce<R, T>, rule, y, x, axis);
  }
  template <class R, class T>
  static void cumulate(const R& rule, view<T> y, view<const T> x, int axis, bool reverse) {
    detail::launch(&detail::cpu_lines::cumulate<R, T>, rule, y, x, axis, reverse);
  }
  template <class T>
  static void sort(view<T> values, view<std::int64_t> positions, view<const T> x, int axis, bool descending) {
    detail::launch(&detail::cpu_lines::sort<T>, values, positions, x, axis, descending);
  }

  template <class T>
  static void gather(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    detail::launch(&detail::cpu_indexing::gather<T>, y, x, index, axis);
  }
  template <class T>
  static void scatter_add(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    detail::launch(&detail::cpu_indexing::scatter_add<T>, y, x, index, axis);
  }
  template <class T>
  static void bucketize(view<std::int64_t> y, view<const T> x, view<const T> edges, bool right) {
    detail::launch(&detail::cpu_indexing::bucketize<T>, y, x, edges, right);
  }

  template <class T>
  static void gemm(view<T> y, view<const T> a, view<const T> b, const gemm_epilogue<T>& e) {
    detail::launch(&detail::cpu_gemm::gemm<T>, y, a, b, e);
  }
  template <class T>
  static void conv(view<T> y, view<const T> x, view<const T> w, const T* bias, const window_geometry& g) {
    detail::launch(&detail::cpu_conv::conv<T>, y, x, w, bias, g);
  }
  template <class T>
  static void conv_dx(view<T> dx, view<const T> dy, view<const T> w, const window_geometry& g) {
    detail::launch(&detail::cpu_conv::conv_dx<T>, dx, dy, w, g);
  }
  template <class T>
  static void conv_dw(view<T> dw, view<const T> dy, view<const T> x, const window_geometry& g) {
    detail::launch(&detail::cpu_conv::conv_dw<T>, dw, dy, x, g);
  }

  template <class T>
  static void pool(pool_kind kind, view<T> y, view<std::int64_t> position, view<const T> x, const window_geometry& g) {
    detail::launch(&detail::cpu_pool::pool<T>, kind, y, position, x, g);
  }
  template <class T>
  static void pool_dx(pool_kind kind, view<T> dx, view<const T> dy, view<const std::int64_t> position,
                      const window_geometry& g) {
    detail::launch(&detail::cpu_pool::pool_dx<T>, kind, dx, dy, position, g);
  }
  template <class T>
  static void norm(view<T> y, view<T> mean, view<T> rstd, view<const T> x, view<const T> gamma, view<const T> beta,
                   double eps) {
    detail::launch(&detail::cpu_norm::norm<T>, y, mean, rstd, x, gamma, beta, eps);
  }
  template <class T>
  static void norm_backward(view<T> dx, view<const T> dy, view<const T> x, view<const T> gamma, view<const T> mean,
                            view<const T> rstd) {
    detail::launch(&detail::cpu_norm::norm_backward<T>, dx, dy, x, gamma, mean, rstd);
  }
  template <class T>
  static void norm_backward_affine(view<T> dgamma, view<T> dbeta, view<const T> dy, view<const T> x, view<const T> mean,
                                   view<const T> rstd) {
    detail::launch(&detail::cpu_norm::norm_backward_affine<T>, dgamma, dbeta, dy, x, mean, rstd);
  }
  template <class T>
  static void norm_backward_channels(view<T> dx, view<T> dgamma, view<T> dbeta, view<const T> dy, view<const T> x,
                                     view<const T> gamma, view<const T> mean, view<const T> rstd) {
    detail::launch(&detail::cpu_norm::norm_backward_channels<T>, dx, dgamma, dbeta, dy, x, gamma, mean, rstd);
  }
  template <class T>
  static void softmax(view<T> y, view<const T> x, int axis, bool log) {
    detail::launch(&detail::cpu_softmax::softmax<T>, y, x, axis, log);
  }
  template <class T>
  static void softmax_backward(view<T> dx, view<const T> y, view<const T> dy, int axis, bool log) {
    detail::launch(&detail::cpu_softmax::softmax_backward<T>, dx, y, dy, axis, log);
  }

  template <std::floating_point T>
  static void lstm(view<T> h, view<T> c, view<T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                   compute factors = compute::full) {
    detail::launch(&detail::cpu_lstm::lstm<T>, h, c, gates, w_hh, mask, reverse, factors);
  }
  template <std::floating_point T>
  static void lstm_both(view<T> h_a, view<T> c_a, view<T> gates_a, view<const T> w_a, view<T> h_b, view<T> c_b,
                        view<T> gates_b, view<const T> w_b, view<const bool> mask, compute factors) {
    detail::launch(&detail::cpu_lstm::lstm_both<T>, h_a, c_a, gates_a, w_a, h_b, c_b, gates_b, w_b, mask, factors);
  }
  template <std::floating_point T>
  static void lstm_backward(view<T> dgates, view<T> dh, view<T> dc, view<const T> dy, view<const T> c,
                            view<const T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                            compute factors = compute::full) {
    detail::launch(&detail::cpu_lstm::lstm_backward<T>, dgates, dh, dc, dy, c, gates, w_hh, mask, reverse, factors);
  }
  template <std::floating_point T>
  static void gru(view<T> h, view<T> gates, view<T> inner, view<const T> w_hh, const T* b_n, view<const bool> mask,
                  bool reverse, bool reset_after, compute factors = compute::full) {
    detail::launch(&detail::cpu_gru::gru<T>, h, gates, inner, w_hh, b_n, mask, reverse, reset_after, factors);
  }
  template <std::floating_point T>
  static void gru_both(view<T> h_a, view<T> gates_a, view<T> inner_a, view<const T> w_a, const T* b_a, view<T> h_b,
                       view<T> gates_b, view<T> inner_b, view<const T> w_b, const T* b_b, view<const bool> mask,
                       bool reset_after, compute factors) {
    detail::launch(&detail::cpu_gru::gru_both<T>, h_a, gates_a, inner_a, w_a, b_a, h_b, gates_b, inner_b, w_b, b_b,
                   mask, reset_after, factors);
  }
  template <std::floating_point T>
  static void gru_backward(view<T> dgates, view<T> dinner, view<T> dh, view<const T> dy, view<const T> h,
                           view<const T> gates, view<const T> inner, view<const T> w_hh, view<const bool> mask,
                           bool reverse, bool reset_after, compute factors = compute::full) {
    detail::launch(&detail::cpu_gru::gru_backward<T>, dgates, dinner, dh, dy, h, gates, inner, w_hh, mask, reverse,
                   reset_after, factors);
  }

  /// Hits, misses and size of the cache of convolution primitives; all zero without oneDNN.
  static cache_statistics convolution_cache() { return detail::cpu_conv::convolution_cache(); }

  /// What the caching allocator holds and has done.
  static memory_statistics memory() { return detail::caching_allocator::instance().statistics(); }
  /// Gives unused memory back to the system.
  static void release_cached() { detail::caching_allocator::instance().release_cached(); }
  /// Lets `memory().peak_bytes` start again from what is in use now.
  static void reset_peak() { detail::caching_allocator::instance().reset_peak(); }
};

static_assert(backend<cpu>);

}  // namespace tensorlab::inline v0
