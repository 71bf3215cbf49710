#pragma once

#include <concepts>
#include <cstddef>

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/update_batch.hpp>
#include <tensorlab/backend/view.hpp>
#include <tensorlab/rule/activation.hpp>
#include <tensorlab/rule/binary.hpp>
#include <tensorlab/rule/drop.hpp>
#include <tensorlab/rule/generate.hpp>
#include <tensorlab/rule/reduce.hpp>
#include <tensorlab/rule/unary.hpp>
#include <tensorlab/rule/update.hpp>

namespace tensorlab::inline v0 {

namespace detail {

template <class B>
concept has_storage = requires(std::size_t bytes, int device, void* p, const void* q) {
  { B::name } -> std::convertible_to<const char*>;
  { B::host_accessible } -> std::convertible_to<bool>;
  { B::allocate(bytes, device) } -> std::same_as<void*>;
  { B::deallocate(p, bytes, device) }
  noexcept;
  B::copy_to_host(p, q, bytes, device);
  B::copy_from_host(p, q, bytes, device);
  B::synchronize(device);
};

template <class B, class T>
concept has_elementwise = requires(view<T> y, view<const T> x, view<bool> m, view<std::int64_t> i) {
  B::map(rule::fill<T>{}, y);
  B::map(rule::relu{}, y, x);
  B::map(rule::add{}, y, x, x);
  B::map(rule::less{}, m, x, x);
  B::map(rule::convert<std::int64_t>{}, i, x);
  B::generate(rule::uniform<T>{}, y);
  B::generate(rule::drop<rule::copy, T>{}, y, x);
};

template <class B, class T>
concept has_update = requires(const update_batch<rule::sgd, T>& plain, const update_batch<rule::adam, T>& moments) {
  B::update(plain);
  B::update(moments);
};

template <class B, class T>
concept has_reductions = requires(view<T> y, view<const T> x, view<std::int64_t> i) {
  B::reduce(rule::sum{}, y, x);
  B::arg_reduce(rule::max{}, i, x, 0);
  B::cumulate(rule::sum{}, y, x, 0, false);
  B::sort(y, i, x, 0, false);
};

template <class B, class T>
concept has_indexing = requires(view<T> y, view<const T> x, view<std::int64_t> to, view<const std::int64_t> i) {
  B::gather(y, x, i, 0);
  B::scatter_add(y, x, i, 0);
  B::bucketize(to, x, x, false);
};

template <class B, class T>
concept has_linear = requires(view<T> y, view<const T> x, const T* bias, window_geometry g) {
  B::gemm(y, x, x, gemm_epilogue<T>{});
  B::conv(y, x, x, bias, g);
  B::conv_dx(y, x, x, g);
  B::conv_dw(y, x, x, g);
};

template <class B, class T>
concept has_layers = requires(view<T> y, view<const T> x, view<std::int64_t> i, view<const std::int64_t> ci,
                              window_geometry g) {
  B::pool(pool_kind::max, y, i, x, g);
  B::pool_dx(pool_kind::max, y, x, ci, g);
  B::norm(y, y, y, x, x, x, 1e-5);
  B::norm_backward(y, x, x, x, x, x);
  B::norm_backward_affine(y, y, x, x, x, x);
  B::softmax(y, x, 0, false);
  B::softmax_backward(y, x, x, 0, false);
};

template <class B, class T>
concept computes = has_elementwise<B, T> && has_update<B, T> && has_reductions<B, T> && has_indexing<B, T> &&
    has_linear<B, T> && has_layers<B, T>;

}  // namespace detail

/// A set of primitives over views, as static member functions of an empty tag type. Outputs come first. All operands of
/// one call live on the same device; views may have any strides; outputs do not overlap inputs unless they are equal.
/// Products round their factors as the `compute` in their epilogue, geometry or last argument says; sums are not
/// rounded.
///
/// | primitive | meaning |
/// |---|---|
/// | `allocate(bytes, device)`, `deallocate(p, bytes, device)` | 64-byte aligned memory; null for 0 bytes |
/// | `copy_to_host`, `copy_from_host` `(dst, src, bytes, device)`, `synchronize(device)` | transfers; both wait |
/// | `map(rule, y, x...)` | y = rule.f(x...) elementwise; every view has y's shape; y may equal an x |
/// | `generate(rule, y, x...)` | y_i = rule.f(i, x_i...), i the row-major number; y may equal an x |
/// | `update(batch)` | for each item rule.f(p_i, g_i, s_i...) changes p and the states in place; dense memory |
/// | `reduce(rule, y, x)` | y has x's shape and stride 0 along reduced dimensions |
/// | `arg_reduce(rule, y, x, axis)` | position of the first best element; y has stride 0 along `axis` |
/// | `cumulate(rule, y, x, axis, reverse)` | running combination along `axis` |
/// | `sort(values, positions, x, axis, descending)` | stable; NaN last ascending, first descending |
/// | `gather(y, x, index, axis)` | y[.., j, ..] = x[.., index[.., j, ..], ..]; index has y's shape; indices are valid |
/// | `scatter_add(y, x, index, axis)` | y[.., index[.., j, ..], ..] += x[.., j, ..] in the order of j |
/// | `bucketize(y, x, edges, right)` | y = number of ascending edges [K] below x, or at most x if `right`; K for NaN |
/// | `gemm(y, a, b, epilogue)` | [.., m, k] x [.., k, n]; leading dimensions equal (stride 0 broadcasts) |
/// | `conv(y, x, w, bias, g)` | x [N, C, H, W], w [K, C / groups, R, S]; bias may be null |
/// | `conv_dx(dx, dy, w, g)`, `conv_dw(dw, dy, x, g)` | its gradients |
/// | `pool(kind, y, position, x, g)` | position: h W + w of the maximum; null data for averages |
/// | `pool_dx(kind, dx, dy, position, g)` | its gradient |
/// | `norm(y, mean, rstd, x, gamma, beta, eps)` | mean and rstd have stride 0 along the normalised dimensions |
/// | | gamma and beta are broadcast to x; null data for none |
/// | `norm_backward(dx, dy, x, gamma, mean, rstd)` | gradient to x |
/// | `norm_backward_affine(dgamma, dbeta, dy, x, mean, rstd)` | stride 0 along the dimensions they are summed over |
/// | `softmax(y, x, axis, log)`, `softmax_backward(dx, y, dy, axis, log)` | stable: less the maximum |
///
/// Optional, found with `requires`; steps composed of the primitives above stand in for them. H is the hidden size; `h`
/// and `c` [T + 1, N, H] hold the states of all steps, the initial one first in the direction of the walk: at 0, or at
/// T if `reverse`, where step t leads from t + 1 to t. `mask` [T, N, 1], null data for none, is false where a step
/// keeps the state. All but `mask`, `dy` and `w_hh` are dense.
/// - `conv_relu(y, x, w, bias, residual, g)`: conv() with y = max(conv + residual, 0); null data for no residual.
/// - `norm_backward_channels(dx, dgamma, dbeta, dy, x, gamma, mean, rstd)`: norm_backward and norm_backward_affine in
///   one where dgamma and dbeta belong to the same elements as mean and rstd.
/// - `norm_relu(y, mean, rstd, x, gamma, beta, residual, eps)`: norm() with y = max(xhat gamma + beta + residual, 0);
///   null data for no residual.
/// - `norm_relu_backward(dx, dresidual, dgamma, dbeta, dy, y, x, gamma, beta, mean, rstd)`: its gradients where dgamma
///   and dbeta belong to the same elements as mean and rstd; `dresidual` has null data where there is no residual.
/// - `lstm(h, c, gates, w_hh, mask, reverse, factors)`: `gates` [T, N, 4 H] are x w_ih^T with both biases on entry, the
///   activated i, f, g, o on return.
/// - `lstm_backward(dgates, dh, dc, dy, c, gates, w_hh, mask, reverse, factors)`: fills `dgates` (before the
///   activation, 0 in masked steps) and turns the final state's gradients in `dh`, `dc` [N, H] into the initial one's;
///   `dy` [T, N, H] is 0 in masked steps.
/// - `gru(h, gates, inner, w_hh, b_n, mask, reverse, reset_after, factors)`: `gates` [T, N, 3 H] as above in the order
///   r, z, n; fills `inner` [T, N, H]: the hidden product of n with its bias `b_n` (may be null), or r h if the reset
///   comes before the product.
/// - `gru_backward(dgates, dinner, dh, dy, h, gates, inner, w_hh, mask, reverse, reset_after, factors)`: as the LSTM's;
///   `dinner` is the gradient of `inner`, 0 in masked steps.
/// - `lstm_both(h, c, gates, w_hh, h, c, gates, w_hh, mask, factors)` and `gru_both(h, gates, inner, w_hh, b_n, h,
///   gates, inner, w_hh, b_n, mask, reset_after, factors)`: the forward and the reverse walk of a layer.
/// - `has_bf16_products`: true where products with rounded factors are instructions of their own, so that bf16_gain
///   measures them.
template <class B>
concept backend = detail::has_storage<B> && detail::computes<B, float> && detail::computes<B, double>;

}  // namespace tensorlab::inline v0
