#pragma once

#include <cstring>
#include <initializer_list>
#include <type_traits>

#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/cpu/allocator.hpp>
#include <tensorlab/backend/cpu/conv.hpp>
#include <tensorlab/backend/cpu/elementwise.hpp>
#include <tensorlab/backend/cpu/gemm.hpp>
#include <tensorlab/backend/cpu/gru.hpp>
#include <tensorlab/backend/cpu/indexing.hpp>
#include <tensorlab/backend/cpu/lines.hpp>
#include <tensorlab/backend/cpu/lstm.hpp>
#include <tensorlab/backend/cpu/norm_relu.hpp>
#include <tensorlab/backend/cpu/pool.hpp>
#include <tensorlab/backend/cpu/reduce.hpp>
#include <tensorlab/backend/cpu/softmax.hpp>

namespace tensorlab::inline v0 {

namespace detail {

// Cold, so small rather than fast: a call is recorded once.
template <class... P, class... A>
[[gnu::cold, gnu::noinline]] void capture_call(capture& c, void (*primitive)(P...), const A&... a) {
  const auto call = [=] { primitive(a...); };
  static_assert(std::is_trivially_copyable_v<decltype(call)>);
  c.perform(call);
}

/// Calls a primitive; a step that is being recorded keeps the call with copies of its arguments.
template <class... P, class... A>
TL_INLINE void launch(void (*primitive)(P...), const A&... a) {
  if (capture* const c = capture::current()) [[unlikely]]
    return capture_call(*c, primitive, a...);
  primitive(a...);
}

template <class Prepare, class... P, class... A>
[[gnu::cold, gnu::noinline]] void capture_prepared(capture& c, std::initializer_list<const void*> weights,
                                                   Prepare prepare, void (*primitive)(P...), const A&... a) {
  if (!c.are_constant(weights) || !prepare(c, a...)) capture_call(c, primitive, a...);
}

/// As launch(), for a primitive that reads `weights`: a recording that may take all of them for constants gets the call
/// from `prepare`, with what the primitive makes of them.
template <class Prepare, class... P, class... A>
TL_INLINE void launch_prepared(std::initializer_list<const void*> weights, Prepare prepare, void (*primitive)(P...),
                               const A&... a) {
  if (capture* const c = capture::current()) [[unlikely]]
    return capture_prepared(*c, weights, prepare, primitive, a...);
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
  static void reduce(const R& rule, const view<T>& y, const view<const T>& x) {
    detail::launch(&detail::cpu_reduce::reduce<R, T>, rule, y, x);
  }
  template <class R, class T>
  static void arg_reduce(const R& rule, const view<std::int64_t>& y, const view<const T>& x, int axis) {
    detail::launch(&detail::cpu_lines::arg_reduce<R, T>, rule, y, x, axis);
  }
  template <class R, class T>
  static void cumulate(const R& rule, const view<T>& y, const view<const T>& x, int axis, bool reverse) {
    detail::launch(&detail::cpu_lines::cumulate<R, T>, rule, y, x, axis, reverse);
  }
  template <class T>
  static void sort(const view<T>& values, const view<std::int64_t>& positions, const view<const T>& x, int axis,
                   bool descending) {
    detail::launch(&detail::cpu_lines::sort<T>, values, positions, x, axis, descending);
  }

  template <class T>
  static void gather(const view<T>& y, const view<const T>& x, const view<const std::int64_t>& index, int axis) {
    detail::launch(&detail::cpu_indexing::gather<T>, y, x, index, axis);
  }
  template <class T>
  static void scatter_add(const view<T>& y, const view<const T>& x, const view<const std::int64_t>& index, int axis) {
    detail::launch(&detail::cpu_indexing::scatter_add<T>, y, x, index, axis);
  }
  template <class T>
  static void bucketize(const view<std::int64_t>& y, const view<const T>& x, const view<const T>& edges, bool right) {
    detail::launch(&detail::cpu_indexing::bucketize<T>, y, x, edges, right);
  }

  template <class T>
  static void gemm(const view<T>& y, const view<const T>& a, const view<const T>& b, const gemm_epilogue<T>& e) {
    detail::launch_prepared({b.data}, &detail::cpu_gemm::prepare<T>, &detail::cpu_gemm::gemm<T>, y, a, b, e);
  }
  template <class T>
  static void conv(const view<T>& y, const view<const T>& x, const view<const T>& w, const T* bias,
                   const window_geometry& g) {
    detail::launch_prepared({w.data}, &detail::cpu_conv::prepare<T>, &detail::cpu_conv::conv<T>, y, x, w, bias, g);
  }
  template <class T>
  static void conv_relu(const view<T>& y, const view<const T>& x, const view<const T>& w, const T* bias,
                        const view<const T>& residual, const window_geometry& g) {
    conv(y, x, w, bias, g);
    detail::cpu_conv::add_relu(y, residual);
  }
  template <class T>
  static void conv_dx(const view<T>& dx, const view<const T>& dy, const view<const T>& w, const window_geometry& g) {
    detail::launch(&detail::cpu_conv::conv_dx<T>, dx, dy, w, g);
  }
  template <class T>
  static void conv_dw(const view<T>& dw, const view<const T>& dy, const view<const T>& x, const window_geometry& g) {
    detail::launch(&detail::cpu_conv::conv_dw<T>, dw, dy, x, g);
  }

  template <class T>
  static void pool(pool_kind kind, const view<T>& y, const view<std::int64_t>& position, const view<const T>& x,
                   const window_geometry& g) {
    detail::launch(&detail::cpu_pool::pool<T>, kind, y, position, x, g);
  }
  template <class T>
  static void pool_dx(pool_kind kind, const view<T>& dx, const view<const T>& dy,
                      const view<const std::int64_t>& position, const window_geometry& g) {
    detail::launch(&detail::cpu_pool::pool_dx<T>, kind, dx, dy, position, g);
  }
  template <class T>
  static void norm(const view<T>& y, const view<T>& mean, const view<T>& rstd, const view<const T>& x,
                   const view<const T>& gamma, const view<const T>& beta, double eps) {
    detail::launch(&detail::cpu_norm::norm<T>, y, mean, rstd, x, gamma, beta, eps);
  }
  template <class T>
  static void norm_backward(const view<T>& dx, const view<const T>& dy, const view<const T>& x,
                            const view<const T>& gamma, const view<const T>& mean, const view<const T>& rstd) {
    detail::launch(&detail::cpu_norm::norm_backward<T>, dx, dy, x, gamma, mean, rstd);
  }
  template <class T>
  static void norm_backward_affine(const view<T>& dgamma, const view<T>& dbeta, const view<const T>& dy,
                                   const view<const T>& x, const view<const T>& mean, const view<const T>& rstd) {
    detail::launch(&detail::cpu_norm::norm_backward_affine<T>, dgamma, dbeta, dy, x, mean, rstd);
  }
  template <class T>
  static void norm_backward_channels(const view<T>& dx, const view<T>& dgamma, const view<T>& dbeta,
                                     const view<const T>& dy, const view<const T>& x, const view<const T>& gamma,
                                     const view<const T>& mean, const view<const T>& rstd) {
    detail::launch(&detail::cpu_norm::norm_backward_channels<T>, dx, dgamma, dbeta, dy, x, gamma, mean, rstd);
  }
  template <class T>
  static void norm_relu(const view<T>& y, const view<T>& mean, const view<T>& rstd, const view<const T>& x,
                        const view<const T>& gamma, const view<const T>& beta, const view<const T>& residual,
                        double eps) {
    detail::launch(&detail::cpu_norm_relu::norm_relu<T>, y, mean, rstd, x, gamma, beta, residual, eps);
  }
  template <class T>
  static void norm_relu_backward(const view<T>& dx, const view<T>& dresidual, const view<T>& dgamma,
                                 const view<T>& dbeta, const view<const T>& dy, const view<const T>& y,
                                 const view<const T>& x, const view<const T>& gamma, const view<const T>& beta,
                                 const view<const T>& mean, const view<const T>& rstd) {
    detail::launch(&detail::cpu_norm_relu::norm_relu_backward<T>, dx, dresidual, dgamma, dbeta, dy, y, x, gamma, beta,
                   mean, rstd);
  }
  template <class T>
  static void softmax(const view<T>& y, const view<const T>& x, int axis, bool log) {
    detail::launch(&detail::cpu_softmax::softmax<T>, y, x, axis, log);
  }
  template <class T>
  static void softmax_backward(const view<T>& dx, const view<const T>& y, const view<const T>& dy, int axis, bool log) {
    detail::launch(&detail::cpu_softmax::softmax_backward<T>, dx, y, dy, axis, log);
  }

  template <std::floating_point T>
  static void lstm(const view<T>& h, const view<T>& c, const view<T>& gates, const view<const T>& w_hh,
                   const view<const bool>& mask, bool reverse, compute factors = compute::full) {
    detail::launch_prepared({w_hh.data}, &detail::cpu_lstm::prepare<T>, &detail::cpu_lstm::lstm<T>, h, c, gates, w_hh,
                            mask, reverse, factors);
  }
  template <std::floating_point T>
  static void lstm_both(const view<T>& h_a, const view<T>& c_a, const view<T>& gates_a, const view<const T>& w_a,
                        const view<T>& h_b, const view<T>& c_b, const view<T>& gates_b, const view<const T>& w_b,
                        const view<const bool>& mask, compute factors) {
    detail::launch_prepared({w_a.data, w_b.data}, &detail::cpu_lstm::prepare_both<T>, &detail::cpu_lstm::lstm_both<T>,
                            h_a, c_a, gates_a, w_a, h_b, c_b, gates_b, w_b, mask, factors);
  }
  template <std::floating_point T>
  static void lstm_backward(const view<T>& dgates, const view<T>& dh, const view<T>& dc, const view<const T>& dy,
                            const view<const T>& c, const view<const T>& gates, const view<const T>& w_hh,
                            const view<const bool>& mask, bool reverse, compute factors = compute::full) {
    detail::launch(&detail::cpu_lstm::lstm_backward<T>, dgates, dh, dc, dy, c, gates, w_hh, mask, reverse, factors);
  }
  template <std::floating_point T>
  static void gru(const view<T>& h, const view<T>& gates, const view<T>& inner, const view<const T>& w_hh, const T* b_n,
                  const view<const bool>& mask, bool reverse, bool reset_after, compute factors = compute::full) {
    detail::launch_prepared({w_hh.data}, &detail::cpu_gru::prepare<T>, &detail::cpu_gru::gru<T>, h, gates, inner, w_hh,
                            b_n, mask, reverse, reset_after, factors);
  }
  template <std::floating_point T>
  static void gru_both(const view<T>& h_a, const view<T>& gates_a, const view<T>& inner_a, const view<const T>& w_a,
                       const T* b_a, const view<T>& h_b, const view<T>& gates_b, const view<T>& inner_b,
                       const view<const T>& w_b, const T* b_b, const view<const bool>& mask, bool reset_after,
                       compute factors) {
    detail::launch_prepared({w_a.data, w_b.data}, &detail::cpu_gru::prepare_both<T>, &detail::cpu_gru::gru_both<T>, h_a,
                            gates_a, inner_a, w_a, b_a, h_b, gates_b, inner_b, w_b, b_b, mask, reset_after, factors);
  }
  template <std::floating_point T>
  static void gru_backward(const view<T>& dgates, const view<T>& dinner, const view<T>& dh, const view<const T>& dy,
                           const view<const T>& h, const view<const T>& gates, const view<const T>& inner,
                           const view<const T>& w_hh, const view<const bool>& mask, bool reverse, bool reset_after,
                           compute factors = compute::full) {
    detail::launch(&detail::cpu_gru::gru_backward<T>, dgates, dinner, dh, dy, h, gates, inner, w_hh, mask, reverse,
                   reset_after, factors);
  }

  /// Lets convolutions of 3 x 3 windows be computed by Winograd's algorithm where oneDNN has it and it pays, as they
  /// are at first: in half the time, with errors of some 3e-6 of the largest value instead of 1e-6.
  static void allow_winograd(bool allowed) { detail::cpu_conv::allow_winograd(allowed); }

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
