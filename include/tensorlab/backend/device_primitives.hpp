#pragma once

#include <cstdint>
#include <type_traits>

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/update_batch.hpp>
#include <tensorlab/backend/view.hpp>
#include <tensorlab/core/capture.hpp>
#include <tensorlab/core/graph.hpp>

namespace tensorlab::inline v0 {

namespace detail {

// Cold, so small rather than quick: a call is recorded once.
template <class F, class... A>
[[gnu::cold, gnu::noinline]] void capture_launch(capture& c, graph_source source, const void* at, const F& primitive,
                                                 const A&... a) {
  const auto call = [=] { primitive(a...); };
  static_assert(std::is_trivially_copyable_v<decltype(call)>);
  c.launch(source, at, call);
}

/// Calls a primitive that writes at `at`; a step that is being recorded keeps the call with copies of its arguments.
template <class F, class... A>
TL_INLINE void launch(graph_source source, const void* at, const F& primitive, const A&... a) {
  if (capture* const c = capture::current()) [[unlikely]]
    return capture_launch(*c, source, at, primitive, a...);
  primitive(a...);
}

}  // namespace detail

/// The primitives of `P` (backend/concept.hpp) as calls that a step can record, in graphs of `Source` where there is
/// one. `P` only queues work, in memory that stays where it is, and waits for nothing.
template <class P, graph_source Source = nullptr>
struct device_primitives {
  static constexpr bool recordable = true;

  template <class R, class U, class... Ts>
  static void map(const R& rule, const view<U>& y, const view<Ts>&... x) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::map(in...); }, rule, y, x...);
  }
  template <class R, class U, class... Ts>
  static void generate(const R& rule, const view<U>& y, const view<Ts>&... x) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::generate(in...); }, rule, y, x...);
  }
  template <class R, class T>
  static void update(const update_batch<R, T>& batch) {
    if (batch.size == 0) return;
    detail::launch(
        Source, batch.items[0].p, [](const auto&... in) { P::update(in...); }, batch);
  }
  template <class R, class T>
  static void reduce(const R& rule, const view<T>& y, const view<const T>& x) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::reduce(in...); }, rule, y, x);
  }
  template <class R, class T>
  static void arg_reduce(const R& rule, const view<std::int64_t>& y, const view<const T>& x, int axis) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::arg_reduce(in...); }, rule, y, x, axis);
  }
  template <class R, class T>
  static void cumulate(const R& rule, const view<T>& y, const view<const T>& x, int axis, bool reverse) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::cumulate(in...); }, rule, y, x, axis, reverse);
  }
  template <class T>
  static void sort(const view<T>& values, const view<std::int64_t>& positions, const view<const T>& x, int axis,
                   bool descending) {
    detail::launch(
        Source, values.data, [](const auto&... in) { P::sort(in...); }, values, positions, x, axis, descending);
  }

  template <class T>
  static void gather(const view<T>& y, const view<const T>& x, const view<const std::int64_t>& index, int axis) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::gather(in...); }, y, x, index, axis);
  }
  template <class T>
  static void scatter_add(const view<T>& y, const view<const T>& x, const view<const std::int64_t>& index, int axis) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::scatter_add(in...); }, y, x, index, axis);
  }
  template <class T>
  static void bucketize(const view<std::int64_t>& y, const view<const T>& x, const view<const T>& edges, bool right) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::bucketize(in...); }, y, x, edges, right);
  }

  template <class T>
  static void gemm(const view<T>& y, const view<const T>& a, const view<const T>& b, const gemm_epilogue<T>& e) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::gemm(in...); }, y, a, b, e);
  }
  template <class T>
  static void conv(const view<T>& y, const view<const T>& x, const view<const T>& w, const T* bias,
                   const window_geometry& g) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::conv(in...); }, y, x, w, bias, g);
  }
  template <class T>
  static void conv_dx(const view<T>& dx, const view<const T>& dy, const view<const T>& w, const window_geometry& g) {
    detail::launch(
        Source, dx.data, [](const auto&... in) { P::conv_dx(in...); }, dx, dy, w, g);
  }
  template <class T>
  static void conv_dw(const view<T>& dw, const view<const T>& dy, const view<const T>& x, const window_geometry& g) {
    detail::launch(
        Source, dw.data, [](const auto&... in) { P::conv_dw(in...); }, dw, dy, x, g);
  }
  template <class T>
  static void pool(pool_kind kind, const view<T>& y, const view<std::int64_t>& position, const view<const T>& x,
                   const window_geometry& g) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::pool(in...); }, kind, y, position, x, g);
  }
  template <class T>
  static void pool_dx(pool_kind kind, const view<T>& dx, const view<const T>& dy,
                      const view<const std::int64_t>& position, const window_geometry& g) {
    detail::launch(
        Source, dx.data, [](const auto&... in) { P::pool_dx(in...); }, kind, dx, dy, position, g);
  }

  template <class T>
  static void norm(const view<T>& y, const view<T>& mean, const view<T>& rstd, const view<const T>& x,
                   const view<const T>& gamma, const view<const T>& beta, double eps) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::norm(in...); }, y, mean, rstd, x, gamma, beta, eps);
  }
  template <class T>
  static void norm_backward(const view<T>& dx, const view<const T>& dy, const view<const T>& x,
                            const view<const T>& gamma, const view<const T>& mean, const view<const T>& rstd) {
    detail::launch(
        Source, dx.data, [](const auto&... in) { P::norm_backward(in...); }, dx, dy, x, gamma, mean, rstd);
  }
  template <class T>
  static void norm_backward_affine(const view<T>& dgamma, const view<T>& dbeta, const view<const T>& dy,
                                   const view<const T>& x, const view<const T>& mean, const view<const T>& rstd) {
    detail::launch(
        Source, dgamma.data, [](const auto&... in) { P::norm_backward_affine(in...); }, dgamma, dbeta, dy, x, mean,
        rstd);
  }
  template <class T>
  static void softmax(const view<T>& y, const view<const T>& x, int axis, bool log) {
    detail::launch(
        Source, y.data, [](const auto&... in) { P::softmax(in...); }, y, x, axis, log);
  }
  template <class T>
  static void softmax_backward(const view<T>& dx, const view<const T>& y, const view<const T>& dy, int axis, bool log) {
    detail::launch(
        Source, dx.data, [](const auto&... in) { P::softmax_backward(in...); }, dx, y, dy, axis, log);
  }

  template <class T>
  static void lstm(const view<T>& h, const view<T>& c, const view<T>& gates, const view<const T>& w_hh,
                   const view<const bool>& mask, bool reverse, compute factors = compute::full) {
    detail::launch(
        Source, h.data, [](const auto&... in) { P::lstm(in...); }, h, c, gates, w_hh, mask, reverse, factors);
  }
  template <class T>
  static void lstm_both(const view<T>& h_a, const view<T>& c_a, const view<T>& gates_a, const view<const T>& w_a,
                        const view<T>& h_b, const view<T>& c_b, const view<T>& gates_b, const view<const T>& w_b,
                        const view<const bool>& mask, compute factors) {
    detail::launch(
        Source, h_a.data, [](const auto&... in) { P::lstm_both(in...); }, h_a, c_a, gates_a, w_a, h_b, c_b, gates_b,
        w_b, mask, factors);
  }
  template <class T>
  static void lstm_backward(const view<T>& dgates, const view<T>& dh, const view<T>& dc, const view<const T>& dy,
                            const view<const T>& c, const view<const T>& gates, const view<const T>& w_hh,
                            const view<const bool>& mask, bool reverse, compute factors = compute::full) {
    detail::launch(
        Source, dh.data, [](const auto&... in) { P::lstm_backward(in...); }, dgates, dh, dc, dy, c, gates, w_hh, mask,
        reverse, factors);
  }
  template <class T>
  static void gru(const view<T>& h, const view<T>& gates, const view<T>& inner, const view<const T>& w_hh, const T* b_n,
                  const view<const bool>& mask, bool reverse, bool reset_after, compute factors = compute::full) {
    detail::launch(
        Source, h.data, [](const auto&... in) { P::gru(in...); }, h, gates, inner, w_hh, b_n, mask, reverse,
        reset_after, factors);
  }
  template <class T>
  static void gru_both(const view<T>& h_a, const view<T>& gates_a, const view<T>& inner_a, const view<const T>& w_a,
                       const T* b_a, const view<T>& h_b, const view<T>& gates_b, const view<T>& inner_b,
                       const view<const T>& w_b, const T* b_b, const view<const bool>& mask, bool reset_after,
                       compute factors) {
    detail::launch(
        Source, h_a.data, [](const auto&... in) { P::gru_both(in...); }, h_a, gates_a, inner_a, w_a, b_a, h_b, gates_b,
        inner_b, w_b, b_b, mask, reset_after, factors);
  }
  template <class T>
  static void gru_backward(const view<T>& dgates, const view<T>& dinner, const view<T>& dh, const view<const T>& dy,
                           const view<const T>& h, const view<const T>& gates, const view<const T>& inner,
                           const view<const T>& w_hh, const view<const bool>& mask, bool reverse, bool reset_after,
                           compute factors = compute::full) {
    detail::launch(
        Source, dh.data, [](const auto&... in) { P::gru_backward(in...); }, dgates, dinner, dh, dy, h, gates, inner,
        w_hh, mask, reverse, reset_after, factors);
  }
};

}  // namespace tensorlab::inline v0
