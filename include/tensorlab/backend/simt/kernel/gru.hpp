#pragma once

#include <tensorlab/backend/simt/kernel/recurrent.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// The operands of a GRU's recurrence: gates r, z, n [T, N, 3 H], `inner` [T, N, H] and states [T + 1, N, H].
template <class T>
struct gru_cells {
  v0::detail::sequence_walk walk;
  walk_mask valid;
  std::int64_t batch, hidden;
  bool reset_after;
  T *h, *gates, *inner;
  const T* b_n;  // may be null

  TL_HD T* gate_row(std::int64_t t, std::int64_t n) const { return gates + (t * batch + n) * 3 * hidden; }
  TL_HD T* inner_row(std::int64_t t, std::int64_t n) const { return inner + (t * batch + n) * hidden; }
  TL_HD T* row_before(std::int64_t t, std::int64_t n) const { return h + (walk.before(t) * batch + n) * hidden; }

  /// Where the reset comes before the product: r h, once r and z hold their products.
  TL_HD void reset(std::int64_t t, std::int64_t n, std::int64_t j) const {
    T* const gate = gate_row(t, n) + j;
    gate[0] = math::sigmoid(gate[0]);
    gate[hidden] = math::sigmoid(gate[hidden]);
    inner_row(t, n)[j] = gate[0] * row_before(t, n)[j];
  }
  /// The state after the step, once all products are there.
  TL_HD void finish(std::int64_t t, std::int64_t n, std::int64_t j) const {
    T* const gate = gate_row(t, n) + j;
    if (reset_after) {
      T& product = inner_row(t, n)[j];
      if (b_n != nullptr) product += b_n[j];
      gate[0] = math::sigmoid(gate[0]);
      gate[hidden] = math::sigmoid(gate[hidden]);
      gate[2 * hidden] += gate[0] * product;
    }
    const T z = gate[hidden], candidate = math::tanh(gate[2 * hidden]), before = row_before(t, n)[j];
    gate[2 * hidden] = candidate;
    h[(walk.after(t) * batch + n) * hidden + j] = valid(t, n) ? (T(1) - z) * candidate + z * before : before;
  }
};

/// The two parts of a step for the whole batch.
template <class T>
struct gru_reset_cell {
  gru_cells<T> cells;
  TL_HD void operator()(std::int64_t t, std::int64_t n, std::int64_t j) const { cells.reset(t, n, j); }
};
template <class T>
struct gru_finish_cell {
  gru_cells<T> cells;
  TL_HD void operator()(std::int64_t t, std::int64_t n, std::int64_t j) const { cells.finish(t, n, j); }
};

/// A GRU's recurrence; the products' b are the columns of w_hh^T for r and z, and for n.
template <class T>
struct gru_walk {
  gru_cells<T> cells;
  row_product<T> of_rz, of_n;

  template <class G>
  TL_HD void take(G& g, std::int64_t first, int rows) const {
    const int hidden = static_cast<int>(cells.hidden);
    for (std::int64_t k = 0; k < cells.walk.steps; ++k) {
      const std::int64_t t = cells.walk.step(k);
      T *const gates = cells.gate_row(t, first), *const inner = cells.inner_row(t, first);
      const T* const before = cells.row_before(t, first);
      of_rz.add_to(g, true, gates, 3 * hidden, before, hidden, rows);
      if (cells.reset_after) {
        of_n.add_to(g, false, inner, hidden, before, hidden, rows);
      } else {
        g.barrier();
        for_units_of_rows(g, first, rows, hidden, [&](std::int64_t n, std::int64_t j) { cells.reset(t, n, j); });
        g.barrier();
        of_n.add_to(g, true, gates + 2 * hidden, 3 * hidden, inner, hidden, rows);
      }
      g.barrier();
      for_units_of_rows(g, first, rows, hidden, [&](std::int64_t n, std::int64_t j) { cells.finish(t, n, j); });
      g.barrier();
    }
  }
};

/// The operands of its gradient.
template <class T>
struct gru_cells_backward {
  v0::detail::sequence_walk walk;
  walk_mask valid;
  std::int64_t batch, hidden;
  bool reset_after;
  T *dgates, *dinner, *dh;
  const T* dy;
  std::int64_t dy_step, dy_row, dy_unit;
  const T *h, *gates, *inner;

  TL_HD T* gate_row(std::int64_t t, std::int64_t n) const { return dgates + (t * batch + n) * 3 * hidden; }
  TL_HD T* inner_row(std::int64_t t, std::int64_t n) const { return dinner + (t * batch + n) * hidden; }
  TL_HD T* state_row(std::int64_t n) const { return dh + n * hidden; }

  /// The gradients that need no product; `dh` is left with what reaches the state before the step around the products.
  TL_HD void begin(std::int64_t t, std::int64_t n, std::int64_t j) const {
    const std::int64_t at = (t * batch + n) * 3 * hidden + j;
    T* const to = dgates + at;
    T& d_inner = inner_row(t, n)[j];
    if (!valid(t, n)) {
      for (int g = 0; g < 3; ++g) to[g * hidden] = T(0);
      d_inner = T(0);
      return;
    }
    const T r = gates[at], z = gates[at + hidden], candidate = gates[at + 2 * hidden];
    T& state = state_row(n)[j];
    const T d = state + dy[t * dy_step + n * dy_row + j * dy_unit];
    const T dn = d * (T(1) - z) * (T(1) - candidate * candidate);
    to[hidden] = d * (h[(walk.before(t) * batch + n) * hidden + j] - candidate) * z * (T(1) - z);
    to[2 * hidden] = dn;
    state = d * z;
    if (!reset_after) return;
    to[0] = dn * inner[(t * batch + n) * hidden + j] * r * (T(1) - r);
    d_inner = dn * r;
  }
  /// Where the reset comes before the product: that of r, once `dinner` is there.
  TL_HD void reset(std::int64_t t, std::int64_t n, std::int64_t j) const {
    if (!valid(t, n)) return;
    const std::int64_t at = (t * batch + n) * 3 * hidden + j;
    const T r = gates[at], d_inner = inner_row(t, n)[j];
    dgates[at] = d_inner * h[(walk.before(t) * batch + n) * hidden + j] * r * (T(1) - r);
    state_row(n)[j] += d_inner * r;
  }
};

/// The two parts of a step's gradient for the whole batch.
template <class T>
struct gru_begin_backward_cell {
  gru_cells_backward<T> cells;
  TL_HD void operator()(std::int64_t t, std::int64_t n, std::int64_t j) const { cells.begin(t, n, j); }
};
template <class T>
struct gru_reset_backward_cell {
  gru_cells_backward<T> cells;
  TL_HD void operator()(std::int64_t t, std::int64_t n, std::int64_t j) const { cells.reset(t, n, j); }
};

/// The recurrence's gradient; the products' b are the rows of w_hh of r and z, and of n.
template <class T>
struct gru_walk_backward {
  gru_cells_backward<T> cells;
  row_product<T> of_rz, of_n;

  template <class G>
  TL_HD void take(G& g, std::int64_t first, int rows) const {
    const int hidden = static_cast<int>(cells.hidden);
    T* const state = cells.state_row(first);
    for (std::int64_t k = cells.walk.steps - 1; k >= 0; --k) {
      const std::int64_t t = cells.walk.step(k);
      T *const gates = cells.gate_row(t, first), *const inner = cells.inner_row(t, first);
      for_units_of_rows(g, first, rows, hidden, [&](std::int64_t n, std::int64_t j) { cells.begin(t, n, j); });
      g.barrier();
      if (cells.reset_after) {
        of_n.add_to(g, true, state, hidden, inner, hidden, rows);
      } else {
        of_n.add_to(g, false, inner, hidden, gates + 2 * hidden, 3 * hidden, rows);
        g.barrier();
        for_units_of_rows(g, first, rows, hidden, [&](std::int64_t n, std::int64_t j) { cells.reset(t, n, j); });
        g.barrier();
      }
      of_rz.add_to(g, true, state, hidden, gates, 3 * hidden, rows);
      g.barrier();
    }
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
