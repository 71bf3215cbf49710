#pragma once

#include <tensorlab/backend/simt/kernel/recurrent.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// One unit of an LSTM's step, when its gates [T, N, 4 H] hold all products: i, f, g, o are activated in place.
template <class T>
struct lstm_cell {
  v0::detail::sequence_walk walk;
  walk_mask valid;
  std::int64_t batch, hidden;
  T *h, *c, *gates;

  TL_HD void operator()(std::int64_t t, std::int64_t n, std::int64_t j) const {
    T* const gate = gates + (t * batch + n) * 4 * hidden + j;
    const T in = math::sigmoid(gate[0]), forget = math::sigmoid(gate[hidden]), g = math::tanh(gate[2 * hidden]),
            out = math::sigmoid(gate[3 * hidden]);
    gate[0] = in;
    gate[hidden] = forget;
    gate[2 * hidden] = g;
    gate[3 * hidden] = out;
    const std::int64_t before = (walk.before(t) * batch + n) * hidden + j,
                       after = (walk.after(t) * batch + n) * hidden + j;
    const T next = forget * c[before] + in * g;
    const bool step = valid(t, n);
    c[after] = step ? next : c[before];
    h[after] = step ? out * math::tanh(next) : h[before];
  }
};

/// An LSTM's recurrence; the product's b is w_hh^T.
template <class T>
struct lstm_walk {
  lstm_cell<T> cell;
  row_product<T> product;

  template <class G>
  TL_HD void take(G& g, std::int64_t first, int rows) const {
    const int hidden = static_cast<int>(cell.hidden);
    for (std::int64_t k = 0; k < cell.walk.steps; ++k) {
      const std::int64_t t = cell.walk.step(k);
      product.add_to(g, true, cell.gates + (t * cell.batch + first) * 4 * hidden, 4 * hidden,
                     cell.h + (cell.walk.before(t) * cell.batch + first) * hidden, hidden, rows);
      g.barrier();
      for_units_of_rows(g, first, rows, hidden, [&](std::int64_t n, std::int64_t j) { cell(t, n, j); });
      g.barrier();
    }
  }
};

/// The gradient of one unit of a step: fills dgates and leaves in dh, dc what reaches the state before the step around
/// the product.
template <class T>
struct lstm_cell_backward {
  v0::detail::sequence_walk walk;
  walk_mask valid;
  std::int64_t batch, hidden;
  T *dgates, *dh, *dc;
  const T* dy;
  std::int64_t dy_step, dy_row, dy_unit;
  const T *c, *gates;

  TL_HD void operator()(std::int64_t t, std::int64_t n, std::int64_t j) const {
    const std::int64_t at = (t * batch + n) * 4 * hidden + j, state = n * hidden + j;
    T* const to = dgates + at;
    if (!valid(t, n)) {
      for (int g = 0; g < 4; ++g) to[g * hidden] = T(0);
      return;
    }
    const T in = gates[at], forget = gates[at + hidden], g = gates[at + 2 * hidden], out = gates[at + 3 * hidden];
    const T d = dh[state] + dy[t * dy_step + n * dy_row + j * dy_unit];
    const T squashed = math::tanh(c[walk.after(t) * batch * hidden + state]);
    const T cell = dc[state] + d * out * (T(1) - squashed * squashed);
    to[0] = cell * g * in * (T(1) - in);
    to[hidden] = cell * c[walk.before(t) * batch * hidden + state] * forget * (T(1) - forget);
    to[2 * hidden] = cell * in * (T(1) - g * g);
    to[3 * hidden] = d * squashed * out * (T(1) - out);
    dc[state] = cell * forget;
    dh[state] = T(0);
  }
};

/// The recurrence's gradient; the product's b is w_hh.
template <class T>
struct lstm_walk_backward {
  lstm_cell_backward<T> cell;
  row_product<T> product;

  template <class G>
  TL_HD void take(G& g, std::int64_t first, int rows) const {
    const int hidden = static_cast<int>(cell.hidden);
    for (std::int64_t k = cell.walk.steps - 1; k >= 0; --k) {
      const std::int64_t t = cell.walk.step(k);
      for_units_of_rows(g, first, rows, hidden, [&](std::int64_t n, std::int64_t j) { cell(t, n, j); });
      g.barrier();
      product.add_to(g, true, cell.dh + first * hidden, hidden, cell.dgates + (t * cell.batch + first) * 4 * hidden,
                     4 * hidden, rows);
      g.barrier();
    }
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
