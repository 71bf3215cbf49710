#pragma once

#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/rnn/sequence.hpp>

namespace tensorlab::inline v0 {

/// Outputs of all steps, [N, T, H], and the final state, [N, H] for one direction or [layers directions, N, H].
template <class T, class B>
struct gru_result {
  tensor<T, B> y, h;
};

/// Where the reset gate acts: on the hidden product (PyTorch, cuDNN, Keras's default) or on the state that enters it.
enum class gru_reset : std::uint8_t { after_product, before_product };

namespace detail {

/// What the walk leaves for its gradient: activated gates r, z, n [T, N, 3 H], `inner` [T, N, H] (the hidden product of
/// n for a reset after it, else r h), and the states [T + 1, N, H].
template <class T, class B>
struct gru_trace {
  array<T, B> gates, inner, h;
};

/// The recurrence. On entry `gates` holds the input products and `h` the initial state; `b_n` is the hidden bias of n,
/// used where the reset comes after the product.
template <class T, class B>
void gru_walk(const gru_trace<T, B>& s, const array<T, B>& w_hh, const T* b_n, const array<bool, B>& mask,
              const sequence_walk& w, gru_reset reset) {
  if constexpr (requires {
                  B::gru(s.h.view(), s.gates.view(), s.inner.view(), w_hh.cview(), b_n, mask.cview(), w.reverse, true,
                         w.factors);
                }) {
    B::gru(s.h.view(), s.gates.view(), s.inner.view(), w_hh.cview(), b_n, mask.cview(), w.reverse,
           reset == gru_reset::after_product, w.factors);
  } else {
    const std::int64_t hidden = w_hh.dim(1);
    const auto w_t = transposed(w_hh), w_rz = columns(w_t, 0, 2 * hidden), w_n = columns(w_t, 2 * hidden, hidden);
    for (std::int64_t k = 0; k < w.steps; ++k) {
      const std::int64_t t = w.step(k);
      const auto gates = step_of(s.gates, t), inner = step_of(s.inner, t);
      const auto h_prev = step_of(s.h, w.before(t)), h = step_of(s.h, w.after(t));
      const auto r_and_z = columns(gates, 0, 2 * hidden), r = columns(gates, 0, hidden),
                 z = columns(gates, hidden, hidden);
      const auto n = columns(gates, 2 * hidden, hidden);
      multiply_add(r_and_z, h_prev, w_rz, w.factors);
      map_into(rule::sigmoid{}, r_and_z, r_and_z);
      if (reset == gru_reset::after_product) {
        multiply(inner, h_prev, w_n, {b_n, false, w.factors});
        map_into(rule::gru_candidate{}, n, n, r, inner);
      } else {
        map_into(rule::mul{}, inner, r, h_prev);
        multiply_add(n, inner, w_n, w.factors);
        map_into(rule::tanh{}, n, n);
      }
      map_into(rule::gru_output{}, h, z, n, h_prev);
      if (mask) keep_where(h, step_of(mask, t), h, h_prev);
    }
  }
}

/// The recurrence's gradient: fills `dgates` (before activation, without the hidden product's part of n) and `dinner`
/// (before the product of n), and turns the final state's gradient in `dh` into the initial state's. `dy` [T, N, H] is
/// zero where the mask is false.
template <class T, class B>
void gru_walk_backward(const array<T, B>& dgates, const array<T, B>& dinner, const array<T, B>& dh,
                       const array<T, B>& dy, const gru_trace<T, B>& s, const array<T, B>& w_hh,
                       const array<bool, B>& mask, const sequence_walk& w, gru_reset reset) {
  if constexpr (requires {
                  B::gru_backward(dgates.view(), dinner.view(), dh.view(), dy.cview(), s.h.cview(), s.gates.cview(),
                                  s.inner.cview(), w_hh.cview(), mask.cview(), w.reverse, true, w.factors);
                }) {
    B::gru_backward(dgates.view(), dinner.view(), dh.view(), dy.cview(), s.h.cview(), s.gates.cview(), s.inner.cview(),
                    w_hh.cview(), mask.cview(), w.reverse, reset == gru_reset::after_product, w.factors);
  } else {
    const std::int64_t hidden = w_hh.dim(1);
    const array<T, B> w_rz = w_hh.restride({2 * hidden, hidden}, w_hh.strides());
    const array<T, B> w_n = w_hh.restride({hidden, hidden}, w_hh.strides(), 2 * hidden * w_hh.strides()[0]);
    const auto zero = array<T, B>::full({1}, T(0), w_hh.device());
    const auto dh_next = array<T, B>::empty_like(dh);
    for (std::int64_t k = w.steps - 1; k >= 0; --k) {
      const std::int64_t t = w.step(k);
      const auto gates = step_of(s.gates, t), inner = step_of(s.inner, t), h_prev = step_of(s.h, w.before(t));
      const auto r = columns(gates, 0, hidden), z = columns(gates, hidden, hidden),
                 n = columns(gates, 2 * hidden, hidden);
      const auto d = step_of(dgates, t), di = step_of(dinner, t);
      const auto dr = columns(d, 0, hidden), dz = columns(d, hidden, hidden), dn = columns(d, 2 * hidden, hidden);
      map_into(rule::add{}, dh, dh, step_of(dy, t));
      map_into(rule::mul{}, dh_next, dh, z);
      map_into(rule::gru_candidate_backward{}, dn, dh, z, n);
      map_into(rule::gru_update_backward{}, dz, dh, z, n, h_prev);
      const auto mask_t = mask ? step_of(mask, t) : array<bool, B>();
      keep_where(dn, mask_t, dn, zero);
      keep_where(dz, mask_t, dz, zero);
      keep_where(dh_next, mask_t, dh_next, dh);
      if (reset == gru_reset::after_product) {
        map_into(rule::sigmoid_gate_backward{}, dr, dn, inner, r);
        map_into(rule::mul{}, di, dn, r);
        multiply_add(dh_next, di, w_n, w.factors);
      } else {
        multiply(di, dn, w_n, {nullptr, false, w.factors});
        map_into(rule::sigmoid_gate_backward{}, dr, di, h_prev, r);
        // dh is free here: it takes r di before the sum.
        map_into(rule::mul{}, dh, di, r);
        map_into(rule::add{}, dh_next, dh_next, dh);
      }
      multiply_add(dh_next, columns(d, 0, 2 * hidden), w_rz, w.factors);
      overwrite(dh, dh_next);
    }
  }
}

/// The biases that join the input products, and the one that stays inside the hidden product of n.
template <class T, class B>
struct gru_bias {
  array<T, B> input, hidden;
  const T* hidden_n = nullptr;
};
template <class T, class B>
gru_bias<T, B> split_gru_bias(const rnn_weights<T, B>& w, std::int64_t hidden, gru_reset reset) {
  if (reset == gru_reset::before_product || !w.b_hh.defined()) return {summed_bias(w.b_ih, w.b_hh), {}};
  gru_bias<T, B> b;
  b.hidden = w.b_hh.array().contiguous();
  b.hidden_n = b.hidden.data() + 2 * hidden;
  b.input =
      w.b_ih.defined() ? w.b_ih.array().clone_row_major() : array<T, B>::full({3 * hidden}, T(0), b.hidden.device());
  const auto rz = columns(b.input, 0, 2 * hidden);
  map_into(rule::add{}, rz, rz, columns(b.hidden, 0, 2 * hidden));
  return b;
}

/// Puts the gradients of r and z, and of n, together along the first dimension.
template <class T, class B>
array<T, B> join_rows(const array<T, B>& rz, const array<T, B>& n) {
  shape s = rz.shape();
  s[0] += n.dim(0);
  auto y = array<T, B>::empty(s, rz.device());
  overwrite(y.restride(rz.shape(), y.strides()), rz);
  overwrite(y.restride(n.shape(), y.strides(), rz.dim(0) * y.strides()[0]), n);
  return y;
}

/// Gradients of the hidden product's weight and bias.
template <class T, class B>
std::array<tensor<T, B>, 2> gru_hidden_gradients(const backward_context& c, const array<T, B>& dgates,
                                                 const array<T, B>& dinner, const gru_trace<T, B>& s,
                                                 const sequence_walk& w, gru_reset reset) {
  const std::int64_t hidden = s.h.dim(2);
  const auto d = rows_of(dgates, 0, w.steps), d_rz = columns(d, 0, 2 * hidden);
  const bool after = reset == gru_reset::after_product;
  // What the product of n met: (dinner, h) after it, (dn, r h) before it.
  const auto d_n = after ? rows_of(dinner, 0, w.steps) : columns(d, 2 * hidden, hidden);
  const auto h_prev = rows_of(s.h, w.first_before(), w.steps);
  std::array<tensor<T, B>, 2> g;
  if (c.needs(3))
    g[0] = tensor<T, B>(join_rows(transposed_product(d_rz, h_prev, w.factors),
                                  transposed_product(d_n, after ? h_prev : rows_of(s.inner, 0, w.steps), w.factors)));
  if (c.needs(5)) g[1] = tensor<T, B>(join_rows(column_sum(d_rz), column_sum(d_n)));
  return g;
}

}  // namespace detail

/// The GRU recurrence of one direction written with ops; what gru_direction is checked against.
///
/// Arguments, equation and result as gru_direction.
template <class T, backend B>
gru_result<T, B> gru_composite(const tensor<T, B>& x, const tensor<T, B>& h0, const rnn_weights<T, B>& w,
                               const rnn_direction<B>& o = {}, gru_reset reset = gru_reset::after_product) {
  const auto s = detail::check_rnn("gru", x, h0, w, 3, o);
  auto h = detail::state_or_zeros(h0, s, x.device());
  const auto products = unbind(linear(x, w.w_ih, w.b_ih), 1);
  const auto w_n = narrow(w.w_hh, 0, 2 * s.hidden, s.hidden);
  const auto b_n = w.b_hh.defined() ? narrow(w.b_hh, 0, 2 * s.hidden, s.hidden) : tensor<T, B>();
  std::vector<tensor<T, B>> ys(static_cast<std::size_t>(s.steps));
  const detail::sequence_walk walk{s.steps, o.reverse};
  for (std::int64_t k = 0; k < s.steps; ++k) {
    const std::int64_t t = walk.step(k);
    const auto in = chunk(products[static_cast<std::size_t>(t)], 1, 3);
    const auto hidden = chunk(linear(h, w.w_hh, w.b_hh), 1, 3);
    const auto r = sigmoid(in[0] + hidden[0]), z = sigmoid(in[1] + hidden[1]);
    const auto n = tanh(in[2] + (reset == gru_reset::after_product ? r * hidden[2] : linear(r * h, w_n, b_n)));
    const auto h_next = (1 - z) * n + z * h;
    auto& y = ys[static_cast<std::size_t>(t)];
    if (o.mask.defined()) {
      const auto valid = narrow(o.mask, 1, t, 1);
      h = where(valid, h_next, h);
      y = masked_fill(h_next, logical_not(valid), 0);
    } else {
      y = h = h_next;
    }
  }
  return {s.steps == 0 ? tensor<T, B>::zeros({s.batch, 0, s.hidden}, x.device()) : stack(ys, 1), h};
}

namespace detail {

/// A direction's walk, ready to be run.
template <class T, class B>
struct gru_walk_of {
  array<T, B> x;  // [T, N, I]
  gru_trace<T, B> trace;
  gru_bias<T, B> bias;
  array<bool, B> mask;
  sequence_walk walk;
};

template <class T, class B>
gru_walk_of<T, B> prepare_gru(const tensor<T, B>& x, const array<T, B>& xt, const tensor<T, B>& h0,
                              const rnn_weights<T, B>& w, const rnn_direction<B>& o, gru_reset reset) {
  const auto s = check_rnn("gru", x, h0, w, 3, o);
  const sequence_walk walk{s.steps, o.reverse, factors_of<T>()};
  auto bias = split_gru_bias(w, s.hidden, reset);
  gru_trace<T, B> trace{input_product(xt, w.w_ih.array(), bias.input, walk.factors),
                        array<T, B>::empty({s.steps, s.batch, s.hidden}, x.device()),
                        state_history(h0, s, o.reverse, x.device())};
  return {xt, std::move(trace), std::move(bias), time_mask(o.mask), walk};
}

/// The node of a walk that was run.
template <class T, class B>
gru_result<T, B> record_gru(const gru_walk_of<T, B>& done, const tensor<T, B>& x, const tensor<T, B>& h0,
                            const rnn_weights<T, B>& w, const rnn_direction<B>& o, gru_reset reset) {
  const auto& run = done.trace;
  const auto& mask = done.mask;
  const auto& walk = done.walk;
  const std::array<array<T, B>, 2> outputs{walk_output(run.h, walk, mask), step_of(run.h, walk.last())};
  auto results = record<2>(
      "gru", outputs,
      [gates = save_for_backward(tensor<T, B>(run.gates)), inner = save_for_backward(tensor<T, B>(run.inner)),
       h = save_for_backward(tensor<T, B>(run.h)), x = save_for_backward(x), h0 = save_for_backward(h0),
       w_ih = save_for_backward(w.w_ih), w_hh = save_for_backward(w.w_hh), b_ih = save_for_backward(w.b_ih),
       b_hh = save_for_backward(w.b_hh), xt = done.x, mask, walk, o,
       reset](const backward_context& context, const std::array<tensor<T, B>, 2>& dy) {
        const std::array<tensor<T, B>, 6> in{context.get(x),    context.get(h0),   context.get(w_ih),
                                             context.get(w_hh), context.get(b_ih), context.get(b_hh)};
        if (recording(dy[0], dy[1], std::span<const tensor<T, B>>(in)))
          return composite_gradient(context, in, [&](const auto& v) {
            const autocast forward(walk.factors);
            const auto r = gru_composite(v[0], v[1], {v[2], v[3], v[4], v[5]}, o, reset);
            return sum(r.y * dy[0]) + sum(r.h * dy[1]);
          });
        const gru_trace<T, B> trace{context.get(gates).array(), context.get(inner).array(), context.get(h).array()};
        const auto dgates = array<T, B>::empty(trace.gates.shape(), trace.gates.device());
        const auto dinner = array<T, B>::empty_like(trace.inner);
        const auto dh = dy[1].array().clone_row_major();
        gru_walk_backward(dgates, dinner, dh, walk_output_gradient(dy[0].array(), mask), trace, in[3].array(), mask,
                          walk, reset);
        const auto p = input_product_backward(dgates, xt, in[2].array(), context.needs(0), context.needs(2),
                                              context.needs(4), walk.factors);
        const auto q = gru_hidden_gradients(context, dgates, dinner, trace, walk, reset);
        return std::array<tensor<T, B>, 6>{p.dx, tensor<T, B>(dh), p.dw_ih, q[0], p.db, q[1]};
      },
      x, h0, w.w_ih, w.w_hh, w.b_ih, w.b_hh);
  return {results[0], results[1]};
}

}  // namespace detail

/// One GRU layer in one direction, as a single node of the tape.
///
/// r = sigmoid(x w_ir^T + b_ir + h w_hr^T + b_hr), z likewise; n = tanh(x w_in^T + b_in + r (h w_hn^T + b_hn)), or with
/// the reset before the product tanh(x w_in^T + b_in + (r h) w_hn^T + b_hn); h' = (1 - z) n + z h. Rows of the weights
/// are in the order r, z, n. Computed as lstm_direction is; an undefined h0 is zero. **Shapes**: x [N, T, I], h0 [N,
/// H], 3 gates -> y [N, T, H], h [N, H]. **Throws** shape_error, device_error. Cho et al., "Learning phrase
/// representations using RNN encoder-decoder" (2014).
template <class T, backend B>
gru_result<T, B> gru_direction(const tensor<T, B>& x, const tensor<T, B>& h0, const rnn_weights<T, B>& w,
                               const rnn_direction<B>& o = {}, gru_reset reset = gru_reset::after_product) {
  const auto run = detail::prepare_gru(x, detail::time_major("gru", x), h0, w, o, reset);
  detail::gru_walk(run.trace, w.w_hh.array(), run.bias.hidden_n, run.mask, run.walk, reset);
  return detail::record_gru(run, x, h0, w, o, reset);
}

namespace detail {

/// Both directions of a layer, the two walks side by side where the backend can: forward is first.
template <class T, class B>
std::array<gru_result<T, B>, 2> gru_directions(const tensor<T, B>& x, const std::array<tensor<T, B>, 2>& h0,
                                               const rnn_weights<T, B>* w, const tensor<bool, B>& mask,
                                               gru_reset reset) {
  const rnn_direction<B> forward{false, mask}, reverse{true, mask};
  const auto xt = time_major("gru", x);
  const auto first = prepare_gru(x, xt, h0[0], w[0], forward, reset),
             second = prepare_gru(x, xt, h0[1], w[1], reverse, reset);
  const auto &a = first.trace, &b = second.trace;
  const auto &w_a = w[0].w_hh.array(), &w_b = w[1].w_hh.array();
  const bool after = reset == gru_reset::after_product;
  if constexpr (requires {
                  B::gru_both(a.h.view(), a.gates.view(), a.inner.view(), w_a.cview(), first.bias.hidden_n, b.h.view(),
                              b.gates.view(), b.inner.view(), w_b.cview(), second.bias.hidden_n, first.mask.cview(),
                              after, first.walk.factors);
                }) {
    B::gru_both(a.h.view(), a.gates.view(), a.inner.view(), w_a.cview(), first.bias.hidden_n, b.h.view(),
                b.gates.view(), b.inner.view(), w_b.cview(), second.bias.hidden_n, first.mask.cview(), after,
                first.walk.factors);
  } else {
    gru_walk(a, w_a, first.bias.hidden_n, first.mask, first.walk, reset);
    gru_walk(b, w_b, second.bias.hidden_n, second.mask, second.walk, reset);
  }
  return {record_gru(first, x, h0[0], w[0], forward, reset), record_gru(second, x, h0[1], w[1], reverse, reset)};
}

}  // namespace detail

}  // namespace tensorlab::inline v0
