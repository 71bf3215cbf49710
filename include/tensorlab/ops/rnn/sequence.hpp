#pragma once

#include <tensorlab/autograd/autocast.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/composite.hpp>
#include <tensorlab/ops/index.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/shape.hpp>
#include <tensorlab/rule/rnn.hpp>

namespace tensorlab::inline v0 {

/// The weights of one recurrent layer in one direction, named and laid out as in PyTorch, with G gates of H units each.
///
/// **Shapes**: w_ih [G H, I], w_hh [G H, H], b_ih and b_hh [G H] or undefined.
template <class T, class B>
struct rnn_weights {
  tensor<T, B> w_ih, w_hh, b_ih, b_hh;
};

/// How one direction walks over a sequence.
///
/// Steps where `mask` [N, T] is false keep the state and give zeros, so a reversed walk starts at each sequence's last
/// valid step; an undefined mask means that all steps are valid. `sequence_mask` makes one of lengths.
template <class B>
struct rnn_direction {
  bool reverse = false;
  tensor<bool, B> mask = {};
};

/// mask[n, t] = t < lengths[n]. **Shapes**: lengths [N] -> [N, steps]. **Throws** shape_error.
template <class B>
tensor<bool, B> sequence_mask(const tensor<std::int64_t, B>& lengths, std::int64_t steps) {
  const auto [n] = lengths.template dims<1>("sequence_mask: lengths");
  const auto t = tensor<std::int64_t, B>::arange(steps, 0, 1, lengths.device());
  return apply_to<bool>(rule::less{}, t, reshape(lengths, {n, 1}));
}

namespace detail {

/// Extents of a recurrent layer's operands.
struct rnn_sizes {
  std::int64_t batch, steps, features, hidden;
};

inline void check_rnn_shape(const char* op, const char* what, const shape& got, const shape& expected) {
  if (got != expected)
    throw_shape_error(concat(op, ": ", what, " has the wrong shape: ", what, " ", got, ", expected ", expected));
}

inline void require_sequence(const char* op, const shape& x) {
  if (x.rank() != 3) throw_shape_error(concat(op, ": expected input [N, T, I], got shape ", x));
}

template <class T, class B>
rnn_sizes check_rnn(const char* op, const tensor<T, B>& x, const tensor<T, B>& h0, const rnn_weights<T, B>& w,
                    std::int64_t gates, const rnn_direction<B>& o) {
  require_sequence(op, x.shape());
  const rnn_sizes s{x.dim(0), x.dim(1), x.dim(2), w.w_hh.defined() && w.w_hh.rank() == 2 ? w.w_hh.dim(1) : 0};
  check_rnn_shape(op, "w_hh", w.w_hh.shape(), {gates * s.hidden, s.hidden});
  if (w.w_ih.rank() != 2 || w.w_ih.dim(1) != s.features)
    throw_shape_error(concat(op, ": input features differ: input ", x.shape(), ", w_ih ", w.w_ih.shape(), " (",
                             s.features, " vs ", w.w_ih.rank() == 2 ? w.w_ih.dim(1) : 0, ")"));
  check_rnn_shape(op, "w_ih", w.w_ih.shape(), {gates * s.hidden, s.features});
  if (w.b_ih.defined()) check_rnn_shape(op, "b_ih", w.b_ih.shape(), {gates * s.hidden});
  if (w.b_hh.defined()) check_rnn_shape(op, "b_hh", w.b_hh.shape(), {gates * s.hidden});
  if (h0.defined()) check_rnn_shape(op, "h0", h0.shape(), {s.batch, s.hidden});
  if (o.mask.defined()) check_rnn_shape(op, "mask", o.mask.shape(), {s.batch, s.steps});
  require_same_device(op, x, h0, w.w_ih, w.w_hh, w.b_ih, w.b_hh, o.mask);
  return s;
}

template <class T, class B>
tensor<T, B> state_or_zeros(const tensor<T, B>& state, const rnn_sizes& s, int device) {
  return state.defined() ? state : tensor<T, B>::zeros({s.batch, s.hidden}, device);
}

// The walks over time work on dense [T, N, ...] memory: a step is a dense block, all steps are the rows of one matrix.

/// [N, T, ..] <-> [T, N, ..] without a copy.
template <class T, class B>
array<T, B> swap_batch_and_time(const array<T, B>& a) {
  shape s = a.shape();
  strides st = a.strides();
  std::swap(s[0], s[1]);
  std::swap(st[0], st[1]);
  return a.restride(s, st);
}
/// A layer's input [N, T, I] as dense memory [T, N, I], which both passes of all directions read.
template <class T, class B>
array<T, B> time_major(const char* op, const tensor<T, B>& x) {
  require_sequence(op, x.shape());
  return swap_batch_and_time(x.array()).contiguous();
}
/// Element `t` of the first dimension.
template <class T, class B>
array<T, B> step_of(const array<T, B>& a, std::int64_t t) {
  shape s = a.shape();
  strides st = a.strides();
  const std::int64_t at = t * st[0];
  s.erase(0);
  st.erase(0);
  return a.restride(s, st, at);
}
/// `count` columns from `first` on.
template <class T, class B>
array<T, B> columns(const array<T, B>& a, std::int64_t first, std::int64_t count) {
  shape s = a.shape();
  const int last = s.rank() - 1;
  s[last] = count;
  return a.restride(s, a.strides(), first * a.strides()[last]);
}
/// `count` steps from `first` on of a dense [T, N, F] array as the rows of a matrix [count N, F].
template <class T, class B>
array<T, B> rows_of(const array<T, B>& a, std::int64_t first, std::int64_t count) {
  return a.restride({count * a.dim(1), a.dim(2)}, {a.dim(2), 1}, first * a.dim(1) * a.dim(2));
}
template <class T, class B>
array<T, B> transposed(const array<T, B>& a) {
  return a.restride({a.dim(1), a.dim(0)}, {a.strides()[1], a.strides()[0]});
}

template <class T, class B>
void multiply(const array<T, B>& y, const array<T, B>& a, const array<T, B>& b, const gemm_epilogue<T>& e) {
  B::gemm(y.view(), a.cview(), b.cview(), e);
}
template <class T, class B>
void multiply_add(const array<T, B>& y, const array<T, B>& a, const array<T, B>& b, compute factors) {
  multiply(y, a, b, {nullptr, true, factors});
}
/// a^T b as a new matrix.
template <class T, class B>
array<T, B> transposed_product(const array<T, B>& a, const array<T, B>& b, compute factors) {
  auto y = array<T, B>::empty({a.dim(1), b.dim(1)}, a.device());
  multiply(y, transposed(a), b, {nullptr, false, factors});
  return y;
}
/// The sum over the rows of a matrix.
template <class T, class B>
array<T, B> column_sum(const array<T, B>& a) {
  auto y = array<T, B>::empty({a.dim(1)}, a.device());
  B::reduce(rule::sum{}, view<T>{y.data(), a.shape(), {0, 1}}, a.cview());
  return y;
}
template <class R, class T, class B, class... X>
void map_into(const R& rule, const array<T, B>& y, const X&... x) {
  B::map(rule, y.view(), x.cview()...);
}
template <class T, class B>
void overwrite(const array<T, B>& y, const array<T, B>& x) {
  map_into(rule::copy{}, y, x);
}

/// The sum of the biases that are defined, dense; null if there is none.
template <class T, class B>
array<T, B> summed_bias(const tensor<T, B>& a, const tensor<T, B>& b) {
  if (!a.defined() || !b.defined())
    return a.defined() ? a.array().contiguous() : b.defined() ? b.array().contiguous() : array<T, B>();
  auto y = array<T, B>::empty(a.shape(), a.device());
  map_into(rule::add{}, y, a.array(), b.array());
  return y;
}

/// States of all steps, [T + 1, N, H]: the initial one comes first in the direction of the walk.
template <class T, class B>
array<T, B> state_history(const tensor<T, B>& initial, const rnn_sizes& s, bool reverse, int device) {
  auto h = array<T, B>::empty({s.steps + 1, s.batch, s.hidden}, device);
  const auto first = step_of(h, reverse ? s.steps : 0);
  if (initial.defined())
    overwrite(first, initial.array());
  else
    B::map(rule::fill<T>{T(0)}, first.view());
  return h;
}

/// The mask as [T, N, 1], or nothing.
template <class B>
array<bool, B> time_mask(const tensor<bool, B>& mask) {
  if (!mask.defined()) return {};
  const auto& a = mask.array();
  return a.restride({a.dim(1), a.dim(0), 1}, {a.strides()[1], a.strides()[0], 0});
}
/// y = mask ? a : b row by row, where there is a mask.
template <class T, class B>
void keep_where(const array<T, B>& y, const array<bool, B>& mask, const array<T, B>& a, const array<T, B>& b) {
  if (mask)
    B::map(rule::where{}, y.view(), mask.broadcast_to(y.shape()), a.broadcast_to(y.shape()), b.broadcast_to(y.shape()));
}

/// The outputs [N, T, H] of a walk: its states, zero where the mask is false.
template <class T, class B>
array<T, B> walk_output(const array<T, B>& h, const sequence_walk& w, const array<bool, B>& mask) {
  auto y = h.restride({w.steps, h.dim(1), h.dim(2)}, h.strides(), w.first_after() * h.strides()[0]);
  if (mask) {
    const auto zero = array<T, B>::full({1}, T(0), h.device());
    const auto masked = array<T, B>::empty(y.shape(), h.device());
    keep_where(masked, mask, y, zero);
    y = masked;
  }
  return swap_batch_and_time(y);
}

/// The gradient of a walk's states, [T, N, H], from that of its outputs: what was zeroed takes no part.
template <class T, class B>
array<T, B> walk_output_gradient(const array<T, B>& dy, const array<bool, B>& mask) {
  const auto d = swap_batch_and_time(dy);
  if (!mask) return d;
  const auto masked = array<T, B>::empty(d.shape(), d.device());
  keep_where(masked, mask, d, array<T, B>::full({1}, T(0), d.device()));
  return masked;
}

/// Gradients of the products that a walk makes for all its steps at once, from those of the gates [T, N, G H].
template <class T, class B>
struct product_gradients {
  tensor<T, B> dx, dw_ih, db;
};
template <class T, class B>
product_gradients<T, B> input_product_backward(const array<T, B>& dgates, const array<T, B>& xt,
                                               const array<T, B>& w_ih, bool needs_x, bool needs_weight,
                                               bool needs_bias, compute factors) {
  const auto d = rows_of(dgates, 0, dgates.dim(0));
  product_gradients<T, B> g;
  if (needs_x) {
    auto dx = array<T, B>::empty({dgates.dim(0), dgates.dim(1), w_ih.dim(1)}, xt.device());
    multiply(rows_of(dx, 0, dx.dim(0)), d, w_ih, {nullptr, false, factors});
    g.dx = tensor<T, B>(swap_batch_and_time(dx));
  }
  if (needs_weight) g.dw_ih = tensor<T, B>(transposed_product(d, rows_of(xt, 0, xt.dim(0)), factors));
  if (needs_bias) g.db = tensor<T, B>(column_sum(d));
  return g;
}

/// x W^T + bias for all steps: [T, N, I] -> [T, N, G H].
template <class T, class B>
array<T, B> input_product(const array<T, B>& xt, const array<T, B>& w_ih, const array<T, B>& bias, compute factors) {
  auto y = array<T, B>::empty({xt.dim(0), xt.dim(1), w_ih.dim(0)}, xt.device());
  multiply(rows_of(y, 0, y.dim(0)), rows_of(xt, 0, xt.dim(0)), transposed(w_ih), {bias.data(), false, factors});
  return y;
}

}  // namespace detail

}  // namespace tensorlab::inline v0
