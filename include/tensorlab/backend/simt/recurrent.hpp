#pragma once

#include <type_traits>

#include <tensorlab/backend/simt/kernel/gru.hpp>
#include <tensorlab/backend/simt/kernel/lstm.hpp>
#include <tensorlab/backend/simt/linear.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Recurrent weights, or their transpose, as dense rows, copied where they lie otherwise or are rounded. The launches
/// that read them go to the same stream.
template <class L, class P, class T>
class walk_weights {
 public:
  walk_weights(const view<const T>& w, bool transposed, compute factors)
      : rounded_(std::is_same_v<T, float> && factors == compute::bf16),
        memory_(w.data, is_there(w, transposed) ? 0 : static_cast<std::size_t>(w.size()) * sizeof(T)),
        data_(w.data),
        columns_(w.shape[transposed ? 0 : 1]) {
    if (is_there(w, transposed)) return;
    view<const T> from = w;
    if (transposed) from = {w.data, {w.shape[1], w.shape[0]}, {w.strides[1], w.strides[0]}};
    const view<T> to{static_cast<T*>(memory_.data()), from.shape, row_major(from.shape)};
    data_ = to.data;
    if constexpr (std::is_same_v<T, float>)
      if (rounded_) {
        const typename L::scratch narrow(w.data, static_cast<std::size_t>(w.size()) * sizeof(bf16));
        const view<bf16> between{static_cast<bf16*>(narrow.data()), to.shape, to.strides};
        P::map(rule::convert<bf16>{}, between, from);
        P::map(rule::convert<float>{}, to, view<const bf16>(between));
        return;
      }
    P::map(rule::copy{}, to, from);
  }

  /// The product with `columns` of them from `first_column` on, and with `terms` of the rows from `first_row` on.
  row_product<T> part(std::int64_t first_row, std::int64_t terms, std::int64_t first_column,
                      std::int64_t columns) const {
    return {data_ + first_row * columns_ + first_column, static_cast<int>(columns_), static_cast<int>(terms),
            static_cast<int>(columns), rounded_};
  }

 private:
  bool is_there(const view<const T>& w, bool transposed) const { return !rounded_ && !transposed && w.is_row_major(); }

  bool rounded_;
  typename L::scratch memory_;
  const T* data_;
  std::int64_t columns_;
};

/// Elementwise primitives and products by bodies of our own.
template <class L>
struct plain_primitives : elementwise_primitives<L>, linear_primitives<L> {};

/// The recurrences of LSTM and GRU (backend/concept.hpp), laid over groups by the launcher `L`; `P` copies weights and
/// multiplies matrices.
///
/// Small layers are one launch: each group leads its rows through all steps. Larger ones are a product and one or two
/// launches per step.
template <class L, class P = plain_primitives<L>>
struct recurrent_primitives {
  /// Whether groups walk alone. A group reads all weights in every step, at best at the rate of one multiprocessor;
  /// beyond some 128 units, or with many groups at once, that takes longer than a product and its launches. The limits
  /// are estimates.
  static bool walks_alone(std::int64_t batch, std::int64_t hidden) {
    return hidden <= 128 && batch * hidden * hidden <= std::int64_t{3} << 20;
  }

  template <class T>
  static void lstm(view<T> h, view<T> c, view<T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                   compute factors = compute::full) {
    const lstm_cell<T> cell = cell_of(h, c, gates, mask, reverse);
    if (cell.batch * cell.hidden == 0) return;
    if (walks_alone(cell.batch, cell.hidden)) {
      const walk_weights<L, P, T> w(w_hh, true, factors);
      return run_walk("lstm", h.data, cell.batch, lstm_walk<T>{cell, w.part(0, cell.hidden, 0, 4 * cell.hidden)});
    }
    for (std::int64_t k = 0; k < cell.walk.steps; ++k) {
      const std::int64_t t = cell.walk.step(k);
      P::gemm(step_rows(gates, t), as_const(step_rows(h, cell.walk.before(t))), turned(w_hh), {nullptr, true, factors});
      run_step("lstm", h.data, t, cell.batch, cell.hidden, cell);
    }
  }

  template <class T>
  static void lstm_both(view<T> h_a, view<T> c_a, view<T> gates_a, view<const T> w_a, view<T> h_b, view<T> c_b,
                        view<T> gates_b, view<const T> w_b, view<const bool> mask, compute factors) {
    const lstm_cell<T> a = cell_of(h_a, c_a, gates_a, mask, false), b = cell_of(h_b, c_b, gates_b, mask, true);
    if (a.batch * a.hidden == 0) return;
    if (!walks_alone(a.batch, a.hidden)) {
      lstm(h_a, c_a, gates_a, w_a, mask, false, factors);
      return lstm(h_b, c_b, gates_b, w_b, mask, true, factors);
    }
    const walk_weights<L, P, T> of_a(w_a, true, factors), of_b(w_b, true, factors);
    run_walks("lstm", h_a.data, a.batch, lstm_walk<T>{a, of_a.part(0, a.hidden, 0, 4 * a.hidden)},
              lstm_walk<T>{b, of_b.part(0, b.hidden, 0, 4 * b.hidden)});
  }

  template <class T>
  static void lstm_backward(view<T> dgates, view<T> dh, view<T> dc, view<const T> dy, view<const T> c,
                            view<const T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                            compute factors = compute::full) {
    const std::int64_t hidden = dh.shape[1], batch = dh.shape[0];
    const lstm_cell_backward<T> cell{{gates.shape[0], reverse},
                                     mask_of(mask),
                                     batch,
                                     hidden,
                                     dgates.data,
                                     dh.data,
                                     dc.data,
                                     dy.data,
                                     dy.strides[0],
                                     dy.strides[1],
                                     dy.strides[2],
                                     c.data,
                                     gates.data};
    if (batch * hidden == 0) return;
    if (walks_alone(batch, hidden)) {
      const walk_weights<L, P, T> w(w_hh, false, factors);
      return run_walk("lstm_backward", dh.data, batch, lstm_walk_backward<T>{cell, w.part(0, 4 * hidden, 0, hidden)});
    }
    for (std::int64_t k = cell.walk.steps - 1; k >= 0; --k) {
      const std::int64_t t = cell.walk.step(k);
      run_step("lstm_backward", dh.data, t, batch, hidden, cell);
      P::gemm(dh, as_const(step_rows(dgates, t)), w_hh, {nullptr, true, factors});
    }
  }

  template <class T>
  static void gru(view<T> h, view<T> gates, view<T> inner, view<const T> w_hh, const T* b_n, view<const bool> mask,
                  bool reverse, bool reset_after, compute factors = compute::full) {
    const gru_cells<T> cells = cells_of(h, gates, inner, b_n, mask, reverse, reset_after);
    const std::int64_t batch = cells.batch, hidden = cells.hidden;
    if (batch * hidden == 0) return;
    if (walks_alone(batch, hidden)) {
      const walk_weights<L, P, T> w(w_hh, true, factors);
      return run_walk("gru", h.data, batch, walk_of(cells, w));
    }
    const view<const T> w = turned(w_hh);
    for (std::int64_t k = 0; k < cells.walk.steps; ++k) {
      const std::int64_t t = cells.walk.step(k);
      const view<T> of_step = step_rows(gates, t), product = step_rows(inner, t);
      const view<const T> before = step_rows(h, cells.walk.before(t));
      P::gemm(columns(of_step, 0, 2 * hidden), before, columns(w, 0, 2 * hidden), {nullptr, true, factors});
      if (reset_after) {
        P::gemm(product, before, columns(w, 2 * hidden, hidden), {nullptr, false, factors});
      } else {
        run_step("gru", h.data, t, batch, hidden, gru_reset_cell<T>{cells});
        P::gemm(columns(of_step, 2 * hidden, hidden), as_const(product), columns(w, 2 * hidden, hidden),
                {nullptr, true, factors});
      }
      run_step("gru", h.data, t, batch, hidden, gru_finish_cell<T>{cells});
    }
  }

  template <class T>
  static void gru_both(view<T> h_a, view<T> gates_a, view<T> inner_a, view<const T> w_a, const T* b_a, view<T> h_b,
                       view<T> gates_b, view<T> inner_b, view<const T> w_b, const T* b_b, view<const bool> mask,
                       bool reset_after, compute factors) {
    const gru_cells<T> a = cells_of(h_a, gates_a, inner_a, b_a, mask, false, reset_after),
                       b = cells_of(h_b, gates_b, inner_b, b_b, mask, true, reset_after);
    if (a.batch * a.hidden == 0) return;
    if (!walks_alone(a.batch, a.hidden)) {
      gru(h_a, gates_a, inner_a, w_a, b_a, mask, false, reset_after, factors);
      return gru(h_b, gates_b, inner_b, w_b, b_b, mask, true, reset_after, factors);
    }
    const walk_weights<L, P, T> of_a(w_a, true, factors), of_b(w_b, true, factors);
    run_walks("gru", h_a.data, a.batch, walk_of(a, of_a), walk_of(b, of_b));
  }

  template <class T>
  static void gru_backward(view<T> dgates, view<T> dinner, view<T> dh, view<const T> dy, view<const T> h,
                           view<const T> gates, view<const T> inner, view<const T> w_hh, view<const bool> mask,
                           bool reverse, bool reset_after, compute factors = compute::full) {
    const std::int64_t hidden = dh.shape[1], batch = dh.shape[0];
    const gru_cells_backward<T> cells{{gates.shape[0], reverse},
                                      mask_of(mask),
                                      batch,
                                      hidden,
                                      reset_after,
                                      dgates.data,
                                      dinner.data,
                                      dh.data,
                                      dy.data,
                                      dy.strides[0],
                                      dy.strides[1],
                                      dy.strides[2],
                                      h.data,
                                      gates.data,
                                      inner.data};
    if (batch * hidden == 0) return;
    if (walks_alone(batch, hidden)) {
      const walk_weights<L, P, T> w(w_hh, false, factors);
      return run_walk(
          "gru_backward", dh.data, batch,
          gru_walk_backward<T>{cells, w.part(0, 2 * hidden, 0, hidden), w.part(2 * hidden, hidden, 0, hidden)});
    }
    const view<const T> w_rz = rows(w_hh, 0, 2 * hidden), w_n = rows(w_hh, 2 * hidden, hidden);
    for (std::int64_t k = cells.walk.steps - 1; k >= 0; --k) {
      const std::int64_t t = cells.walk.step(k);
      const view<T> of_step = step_rows(dgates, t), product = step_rows(dinner, t);
      run_step("gru_backward", dh.data, t, batch, hidden, gru_begin_backward_cell<T>{cells});
      if (reset_after) {
        P::gemm(dh, as_const(product), w_n, {nullptr, true, factors});
      } else {
        P::gemm(product, as_const(columns(of_step, 2 * hidden, hidden)), w_n, {nullptr, false, factors});
        run_step("gru_backward", dh.data, t, batch, hidden, gru_reset_backward_cell<T>{cells});
      }
      P::gemm(dh, as_const(columns(of_step, 0, 2 * hidden)), w_rz, {nullptr, true, factors});
    }
  }

 private:
  template <class Walk>
  static void run_walk(const char* op, const void* at, std::int64_t batch, const Walk& walk) {
    const walks_body<Walk> body{{walk, walk}, 1, batch};
    L::run(op, at, body.tiles(), body);
  }
  template <class Walk>
  static void run_walks(const char* op, const void* at, std::int64_t batch, const Walk& first, const Walk& second) {
    const walks_body<Walk> body{{first, second}, 2, batch};
    L::run(op, at, 2 * body.tiles(), body);
  }
  template <class Cell>
  static void run_step(const char* op, const void* at, std::int64_t t, std::int64_t batch, std::int64_t hidden,
                       const Cell& cell) {
    elementwise_primitives<L>::over_lanes(op, at, batch * hidden, walk_step_body<Cell>{cell, t, batch, hidden});
  }

  static walk_mask mask_of(const view<const bool>& mask) {
    return mask.data == nullptr ? walk_mask{nullptr, 0, 0} : walk_mask{mask.data, mask.strides[0], mask.strides[1]};
  }
  template <class T>
  static lstm_cell<T> cell_of(const view<T>& h, const view<T>& c, const view<T>& gates, const view<const bool>& mask,
                              bool reverse) {
    return {{gates.shape[0], reverse}, mask_of(mask), gates.shape[1], h.shape[2], h.data, c.data, gates.data};
  }
  template <class T>
  static gru_cells<T> cells_of(const view<T>& h, const view<T>& gates, const view<T>& inner, const T* b_n,
                               const view<const bool>& mask, bool reverse, bool reset_after) {
    return {{gates.shape[0], reverse},
            mask_of(mask),
            gates.shape[1],
            h.shape[2],
            reset_after,
            h.data,
            gates.data,
            inner.data,
            b_n};
  }
  template <class T>
  static gru_walk<T> walk_of(const gru_cells<T>& cells, const walk_weights<L, P, T>& w) {
    const std::int64_t hidden = cells.hidden;
    return {cells, w.part(0, hidden, 0, 2 * hidden), w.part(0, hidden, 2 * hidden, hidden)};
  }

  // Matrices of dense or two-dimensional operands.
  template <class T>
  static view<T> step_rows(const view<T>& v, std::int64_t t) {
    return {v.data + t * v.shape[1] * v.shape[2], {v.shape[1], v.shape[2]}, {v.shape[2], 1}};
  }
  template <class T>
  static view<const T> as_const(const view<T>& v) {
    return v;
  }
  template <class T>
  static view<T> turned(const view<T>& v) {
    return {v.data, {v.shape[1], v.shape[0]}, {v.strides[1], v.strides[0]}};
  }
  template <class T>
  static view<T> columns(const view<T>& v, std::int64_t first, std::int64_t count) {
    return {v.data + first * v.strides[1], {v.shape[0], count}, v.strides};
  }
  template <class T>
  static view<T> rows(const view<T>& v, std::int64_t first, std::int64_t count) {
    return {v.data + first * v.strides[0], {count, v.shape[1]}, v.strides};
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
