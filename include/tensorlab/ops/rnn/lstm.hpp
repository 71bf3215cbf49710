#pragma once

#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/rnn/sequence.hpp>

namespace tensorlab::inline v0 {

/// Outputs of all steps, [N, T, H], and the final state h and c, [N, H] for one direction or [layers directions, N, H].
template <class T, class B>
struct lstm_result {
  tensor<T, B> y, h, c;
};

namespace detail {

template <class T, class B>
rnn_sizes check_lstm(const tensor<T, B>& x, const tensor<T, B>& h0, const tensor<T, B>& c0, const rnn_weights<T, B>& w,
                     const rnn_direction<B>& o) {
  const rnn_sizes s = check_rnn("lstm", x, h0, w, 4, o);
  if (c0.defined()) check_rnn_shape("lstm", "c0", c0.shape(), {s.batch, s.hidden});
  require_same_device("lstm", x, c0);
  return s;
}

/// What the walk leaves for its gradient: activated gates i, f, g, o [T, N, 4 H] and the states [T + 1, N, H].
template <class T, class B>
struct lstm_trace {
  array<T, B> gates, h, c;
};

/// The recurrence. On entry `gates` holds the input products and the histories their initial states.
template <class T, class B>
void lstm_walk(const lstm_trace<T, B>& s, const array<T, B>& w_hh, const array<bool, B>& mask, const sequence_walk& w) {
  if constexpr (requires {
                  B::lstm(s.h.view(), s.c.view(), s.gates.view(), w_hh.cview(), mask.cview(), w.reverse, w.factors);
                }) {
    B::lstm(s.h.view(), s.c.view(), s.gates.view(), w_hh.cview(), mask.cview(), w.reverse, w.factors);
  } else {
    const std::int64_t hidden = w_hh.dim(1);
    for (std::int64_t k = 0; k < w.steps; ++k) {
      const std::int64_t t = w.step(k);
      const auto gates = step_of(s.gates, t), h_prev = step_of(s.h, w.before(t)), c_prev = step_of(s.c, w.before(t));
      const auto h = step_of(s.h, w.after(t)), c = step_of(s.c, w.after(t));
      const auto i_and_f = columns(gates, 0, 2 * hidden), i = columns(gates, 0, hidden),
                 f = columns(gates, hidden, hidden);
      const auto g = columns(gates, 2 * hidden, hidden), o = columns(gates, 3 * hidden, hidden);
      multiply_add(gates, h_prev, transposed(w_hh), w.factors);
      map_into(rule::sigmoid{}, i_and_f, i_and_f);
      map_into(rule::tanh{}, g, g);
      map_into(rule::sigmoid{}, o, o);
      map_into(rule::lstm_cell{}, c, i, f, g, c_prev);
      map_into(rule::lstm_output{}, h, o, c);
      if (mask) {
        keep_where(c, step_of(mask, t), c, c_prev);
        keep_where(h, step_of(mask, t), h, h_prev);
      }
    }
  }
}

/// The recurrence's gradient: fills `dgates` (before activation) and turns the final state's gradients in `dh` and `dc`
/// into the initial state's. `dy` [T, N, H] is zero where the mask is false.
template <class T, class B>
void lstm_walk_backward(const array<T, B>& dgates, const array<T, B>& dh, const array<T, B>& dc, const array<T, B>& dy,
                        const lstm_trace<T, B>& s, const array<T, B>& w_hh, const array<bool, B>& mask,
                        const sequence_walk& w) {
  if constexpr (requires {
                  B::lstm_backward(dgates.view(), dh.view(), dc.view(), dy.cview(), s.c.cview(), s.gates.cview(),
                                   w_hh.cview(), mask.cview(), w.reverse, w.factors);
                }) {
    B::lstm_backward(dgates.view(), dh.view(), dc.view(), dy.cview(), s.c.cview(), s.gates.cview(), w_hh.cview(),
                     mask.cview(), w.reverse, w.factors);
  } else {
    const std::int64_t hidden = w_hh.dim(1);
    const auto zero = array<T, B>::full({1}, T(0), w_hh.device());
    const auto dc_kept = mask ? array<T, B>::empty_like(dc) : array<T, B>();
    for (std::int64_t k = w.steps - 1; k >= 0; --k) {
      const std::int64_t t = w.step(k);
      const auto gates = step_of(s.gates, t), c_prev = step_of(s.c, w.before(t)), c = step_of(s.c, w.after(t));
      const auto i = columns(gates, 0, hidden), f = columns(gates, hidden, hidden);
      const auto g = columns(gates, 2 * hidden, hidden), o = columns(gates, 3 * hidden, hidden);
      const auto d = step_of(dgates, t);
      map_into(rule::add{}, dh, dh, step_of(dy, t));
      if (mask) overwrite(dc_kept, dc);
      map_into(rule::lstm_cell_backward{}, dc, dc, dh, o, c);
      map_into(rule::sigmoid_gate_backward{}, columns(d, 0, hidden), dc, g, i);
      map_into(rule::sigmoid_gate_backward{}, columns(d, hidden, hidden), dc, c_prev, f);
      map_into(rule::tanh_gate_backward{}, columns(d, 2 * hidden, hidden), dc, i, g);
      map_into(rule::lstm_output_backward{}, columns(d, 3 * hidden, hidden), dh, o, c);
      map_into(rule::mul{}, dc, dc, f);
      if (mask) {
        const auto valid = step_of(mask, t);
        keep_where(d, valid, d, zero);
        keep_where(dc, valid, dc, dc_kept);
        keep_where(dh, valid, zero, dh);
        multiply_add(dh, d, w_hh, w.factors);
      } else {
        multiply(dh, d, w_hh, {nullptr, false, w.factors});
      }
    }
  }
}

}  // namespace detail

/// The LSTM recurrence of one direction written with ops; what lstm_direction is checked against.
///
/// Arguments, equation and result as lstm_direction.
template <class T, backend B>
lstm_result<T, B> lstm_composite(const tensor<T, B>& x, const tensor<T, B>& h0, const tensor<T, B>& c0,
                                 const rnn_weights<T, B>& w, const rnn_direction<B>& o = {}) {
  const auto s = detail::check_lstm(x, h0, c0, w, o);
  auto h = detail::state_or_zeros(h0, s, x.device()), c = detail::state_or_zeros(c0, s, x.device());
  const auto products = unbind(linear(x, w.w_ih, w.b_ih), 1);
  std::vector<tensor<T, B>> ys(static_cast<std::size_t>(s.steps));
  const detail::sequence_walk walk{s.steps, o.reverse};
  for (std::int64_t k = 0; k < s.steps; ++k) {
    const std::int64_t t = walk.step(k);
    const auto gates = chunk(products[static_cast<std::size_t>(t)] + linear(h, w.w_hh, w.b_hh), 1, 4);
    const auto c_next = sigmoid(gates[1]) * c + sigmoid(gates[0]) * tanh(gates[2]);
    const auto h_next = sigmoid(gates[3]) * tanh(c_next);
    auto& y = ys[static_cast<std::size_t>(t)];
    if (o.mask.defined()) {
      const auto valid = narrow(o.mask, 1, t, 1);
      c = where(valid, c_next, c);
      h = where(valid, h_next, h);
      y = masked_fill(h_next, logical_not(valid), 0);
    } else {
      y = h = h_next;
      c = c_next;
    }
  }
  return {s.steps == 0 ? tensor<T, B>::zeros({s.batch, 0, s.hidden}, x.device()) : stack(ys, 1), h, c};
}

namespace detail {

/// A direction's walk, ready to be run.
template <class T, class B>
struct lstm_walk_of {
  array<T, B> x;  // [T, N, I]
  lstm_trace<T, B> trace;
  array<bool, B> mask;
  sequence_walk walk;
};

template <class T, class B>
lstm_walk_of<T, B> prepare_lstm(const tensor<T, B>& x, const array<T, B>& xt, const tensor<T, B>& h0,
                                const tensor<T, B>& c0, const rnn_weights<T, B>& w, const rnn_direction<B>& o) {
  const auto s = check_lstm(x, h0, c0, w, o);
  const sequence_walk walk{s.steps, o.reverse, factors_of<T>()};
  return {xt,
          {input_product(xt, w.w_ih.array(), summed_bias(w.b_ih, w.b_hh), walk.factors),
           state_history(h0, s, o.reverse, x.device()), state_history(c0, s, o.reverse, x.device())},
          time_mask(o.mask),
          walk};
}

/// The node of a walk that was run.
template <class T, class B>
lstm_result<T, B> record_lstm(const lstm_walk_of<T, B>& done, const tensor<T, B>& x, const tensor<T, B>& h0,
                              const tensor<T, B>& c0, const rnn_weights<T, B>& w, const rnn_direction<B>& o) {
  const auto& [xt, run, mask, walk] = done;
  const std::array<array<T, B>, 3> outputs{walk_output(run.h, walk, mask), step_of(run.h, walk.last()),
                                           step_of(run.c, walk.last())};
  auto results = record<3>(
      "lstm", outputs,
      [gates = save_for_backward(tensor<T, B>(run.gates)), h = save_for_backward(tensor<T, B>(run.h)),
       c = save_for_backward(tensor<T, B>(run.c)), x = save_for_backward(x), h0 = save_for_backward(h0),
       c0 = save_for_backward(c0), w_ih = save_for_backward(w.w_ih), w_hh = save_for_backward(w.w_hh),
       b_ih = save_for_backward(w.b_ih), b_hh = save_for_backward(w.b_hh), xt = done.x, mask = done.mask,
       walk = done.walk, o](const backward_context& context, const std::array<tensor<T, B>, 3>& dy) {
        const std::array<tensor<T, B>, 7> in{context.get(x),    context.get(h0),   context.get(c0),  context.get(w_ih),
                                             context.get(w_hh), context.get(b_ih), context.get(b_hh)};
        if (recording(dy[0], dy[1], dy[2], std::span<const tensor<T, B>>(in)))
          return composite_gradient(context, in, [&](const auto& v) {
            const autocast forward(walk.factors);
            const auto r = lstm_composite(v[0], v[1], v[2], {v[3], v[4], v[5], v[6]}, o);
            return sum(r.y * dy[0]) + sum(r.h * dy[1]) + sum(r.c * dy[2]);
          });
        const lstm_trace<T, B> trace{context.get(gates).array(), context.get(h).array(), context.get(c).array()};
        const auto dgates = array<T, B>::empty(trace.gates.shape(), trace.gates.device());
        const auto dh = dy[1].array().clone_row_major(), dc = dy[2].array().clone_row_major();
        lstm_walk_backward(dgates, dh, dc, walk_output_gradient(dy[0].array(), mask), trace, in[4].array(), mask, walk);
        const auto p = input_product_backward(dgates, xt, in[3].array(), context.needs(0), context.needs(3),
                                              context.needs(5) || context.needs(6), walk.factors);
        std::array<tensor<T, B>, 7> g{p.dx, tensor<T, B>(dh), tensor<T, B>(dc), p.dw_ih, {}, p.db, p.db};
        if (context.needs(4))
          g[4] = tensor<T, B>(transposed_product(rows_of(dgates, 0, walk.steps),
                                                 rows_of(trace.h, walk.first_before(), walk.steps), walk.factors));
        return g;
      },
      x, h0, c0, w.w_ih, w.w_hh, w.b_ih, w.b_hh);
  return {results[0], results[1], results[2]};
}

}  // namespace detail

/// One LSTM layer in one direction, as a single node of the tape.
///
/// (i, f, g, o) = x_t w_ih^T + b_ih + h w_hh^T + b_hh; c' = sigmoid(f) c + sigmoid(i) tanh(g); h' = sigmoid(o)
/// tanh(c'). All input products are one matrix product, then the recurrence; the backward pass is a recurrence and
/// three products for all steps. Undefined h0, c0 are zeros. Results are time-major in memory. A recorded backward pass
/// goes through lstm_composite. **Shapes**: x [N, T, I], h0 and c0 [N, H], 4 gates -> y [N, T, H], h and c [N, H].
/// **Throws** shape_error, device_error. Hochreiter and Schmidhuber, "Long short-term memory" (1997), in PyTorch's
/// form.
template <class T, backend B>
lstm_result<T, B> lstm_direction(const tensor<T, B>& x, const tensor<T, B>& h0, const tensor<T, B>& c0,
                                 const rnn_weights<T, B>& w, const rnn_direction<B>& o = {}) {
  const auto run = detail::prepare_lstm(x, detail::time_major("lstm", x), h0, c0, w, o);
  detail::lstm_walk(run.trace, w.w_hh.array(), run.mask, run.walk);
  return detail::record_lstm(run, x, h0, c0, w, o);
}

namespace detail {

/// Both directions of a layer, the two walks side by side where the backend can: forward is first.
template <class T, class B>
std::array<lstm_result<T, B>, 2> lstm_directions(const tensor<T, B>& x, const std::array<tensor<T, B>, 2>& h0,
                                                 const std::array<tensor<T, B>, 2>& c0, const rnn_weights<T, B>* w,
                                                 const tensor<bool, B>& mask) {
  const rnn_direction<B> forward{false, mask}, reverse{true, mask};
  const auto xt = time_major("lstm", x);
  const auto first = prepare_lstm(x, xt, h0[0], c0[0], w[0], forward),
             second = prepare_lstm(x, xt, h0[1], c0[1], w[1], reverse);
  const auto &a = first.trace, &b = second.trace;
  const auto &w_a = w[0].w_hh.array(), &w_b = w[1].w_hh.array();
  if constexpr (requires {
                  B::lstm_both(a.h.view(), a.c.view(), a.gates.view(), w_a.cview(), b.h.view(), b.c.view(),
                               b.gates.view(), w_b.cview(), first.mask.cview(), first.walk.factors);
                }) {
    B::lstm_both(a.h.view(), a.c.view(), a.gates.view(), w_a.cview(), b.h.view(), b.c.view(), b.gates.view(),
                 w_b.cview(), first.mask.cview(), first.walk.factors);
  } else {
    lstm_walk(a, w_a, first.mask, first.walk);
    lstm_walk(b, w_b, second.mask, second.walk);
  }
  return {record_lstm(first, x, h0[0], c0[0], w[0], forward), record_lstm(second, x, h0[1], c0[1], w[1], reverse)};
}

}  // namespace detail

}  // namespace tensorlab::inline v0
