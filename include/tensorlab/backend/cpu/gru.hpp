#pragma once

#include <concepts>
#include <memory>

#include <tensorlab/backend/cpu/recurrent.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/core/capture.hpp>

namespace tensorlab::inline v0::detail {

/// The recurrence of a GRU; see backend/concept.hpp.
template <class T>
struct gru_forward {
  static constexpr int width = pack<T>::size;

  sequence_walk walk;
  step_mask valid;
  bool reset_after;
  std::int64_t batch, hidden;
  T *h, *gates, *inner;
  const T* b_n;
  const weight_strips<T>&r_weights, &z_weights, &n_weights;
  const bf16_matrix *rounded_rz, *rounded_n;  // the weights if they are rounded, else null

  void run(std::int64_t begin, std::int64_t end) const {
    for (std::int64_t k = 0; k < walk.steps; ++k) {
      const std::int64_t t = walk.step(k);
      if constexpr (std::same_as<T, float>)
        if (rounded_rz != nullptr) {
          rounded_step(t, begin, end);
          continue;
        }
      if (reset_after && end - begin == 1) {
        for_units_of_one_row<T>(hidden, 3, k, [&]<int Blocks>(std::int64_t j) { all_gates<1, Blocks>(t, begin, j); });
      } else if (reset_after) {
        for (std::int64_t j = 0; j < hidden; j += width)
          for_row_tiles<recurrent_rows<T>(3)>(begin, end,
                                              [&]<int Rows>(std::int64_t n) { all_gates<Rows, 1>(t, n, j); });
      } else {
        for (std::int64_t j = 0; j < hidden; j += width)
          for_row_tiles<recurrent_rows<T>(2)>(begin, end, [&]<int Rows>(std::int64_t n) { r_and_z<Rows>(t, n, j); });
        for (std::int64_t j = 0; j < hidden; j += width)
          for_row_tiles<recurrent_rows<T>(1)>(begin, end, [&]<int Rows>(std::int64_t n) { candidate<Rows>(t, n, j); });
      }
    }
  }

 private:
  T* gate_at(std::int64_t t, std::int64_t n, std::int64_t j) const { return gates + (t * batch + n) * 3 * hidden + j; }
  const T* before(std::int64_t t, std::int64_t n) const { return h + (walk.before(t) * batch + n) * hidden; }

  /// All gates of `Blocks` packs of units from j on.
  template <int Rows, int Blocks>
  void all_gates(std::int64_t t, std::int64_t n, std::int64_t j) const {
    pack<T> sum[Rows][3 * Blocks];
    std::array<const T*, 3 * Blocks> strips;
    for (int b = 0; b < Blocks; ++b) {
      const std::int64_t unit = j + b * width, count = hidden - unit;
      const weight_strips<T>* const weights[] = {&r_weights, &z_weights, &n_weights};
      for (int g = 0; g < 3; ++g) strips[static_cast<std::size_t>(3 * b + g)] = weights[g]->at(unit / width);
      const pack<T> bias = b_n == nullptr ? pack<T>(0) : load_lanes(b_n + unit, count);
      for (int r = 0; r < Rows; ++r) {
        sum[r][3 * b] = load_lanes<T>(gate_at(t, n + r, unit), count);
        sum[r][3 * b + 1] = load_lanes<T>(gate_at(t, n + r, unit) + hidden, count);
        sum[r][3 * b + 2] = bias;
      }
    }
    add_products<T, Rows, 3 * Blocks>(sum, before(t, n), hidden, strips, r_weights.step(), hidden);
    for (int r = 0; r < Rows; ++r)
      for (int b = 0; b < Blocks; ++b) finish_after(t, n + r, j + b * width, sum[r] + 3 * b);
  }

  void finish_after(std::int64_t t, std::int64_t n, std::int64_t j, const pack<T>* sum) const {
    const std::int64_t count = hidden - j;
    T* const gate = gate_at(t, n, j);
    const pack<T> reset = math::sigmoid(sum[0]), update = math::sigmoid(sum[1]);
    store_lanes(reset, gate, count);
    store_lanes(update, gate + hidden, count);
    store_lanes(sum[2], inner + (t * batch + n) * hidden + j, count);
    finish(t, n, j, math::tanh(fma(reset, sum[2], load_lanes<T>(gate + 2 * hidden, count))), update);
  }

  void rounded_step(std::int64_t t, std::int64_t begin, std::int64_t end) const {
    const std::int64_t row = 3 * hidden, rows = end - begin;
    T* const in = inner + (t * batch + begin) * hidden;
    const auto for_packs = [&](const auto& f) {
      for (std::int64_t n = begin; n < end; ++n)
        for (std::int64_t j = 0; j < hidden; j += width) f(n, j);
    };
    rounded_rz->add_product(gate_at(t, begin, 0), row, before(t, begin), hidden, rows);
    if (reset_after) {
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t j = 0; j < hidden; ++j) in[r * hidden + j] = b_n == nullptr ? T(0) : b_n[j];
      rounded_n->add_product(in, hidden, before(t, begin), hidden, rows);
      for_packs([&](std::int64_t n, std::int64_t j) {
        const std::int64_t count = hidden - j;
        const pack<T> sum[] = {load_lanes<T>(gate_at(t, n, j), count), load_lanes<T>(gate_at(t, n, j) + hidden, count),
                               load_lanes<T>(inner + (t * batch + n) * hidden + j, count)};
        finish_after(t, n, j, sum);
      });
    } else {
      for_packs([&](std::int64_t n, std::int64_t j) {
        const std::int64_t count = hidden - j;
        const pack<T> sum[] = {load_lanes<T>(gate_at(t, n, j), count), load_lanes<T>(gate_at(t, n, j) + hidden, count)};
        finish_r_and_z(t, n, j, sum);
      });
      rounded_n->add_product(gate_at(t, begin, 0) + 2 * hidden, row, in, hidden, rows);
      for_packs([&](std::int64_t n, std::int64_t j) {
        const std::int64_t count = hidden - j;
        finish(t, n, j, math::tanh(load_lanes<T>(gate_at(t, n, j) + 2 * hidden, count)),
               load_lanes<T>(gate_at(t, n, j) + hidden, count));
      });
    }
  }

  template <int Rows>
  void r_and_z(std::int64_t t, std::int64_t n, std::int64_t j) const {
    const std::int64_t count = hidden - j, b = j / width;
    pack<T> sum[Rows][2];
    for (int r = 0; r < Rows; ++r)
      for (int g = 0; g < 2; ++g) sum[r][g] = load_lanes(gate_at(t, n + r, j) + g * hidden, count);
    add_products<T, Rows, 2>(sum, before(t, n), hidden, {r_weights.at(b), z_weights.at(b)}, r_weights.step(), hidden);
    for (int r = 0; r < Rows; ++r) finish_r_and_z(t, n + r, j, sum[r]);
  }

  void finish_r_and_z(std::int64_t t, std::int64_t n, std::int64_t j, const pack<T>* sum) const {
    const std::int64_t count = hidden - j;
    T* const gate = gate_at(t, n, j);
    const pack<T> reset = math::sigmoid(sum[0]);
    store_lanes(reset, gate, count);
    store_lanes(math::sigmoid(sum[1]), gate + hidden, count);
    store_lanes(reset * load_lanes(before(t, n) + j, count), inner + (t * batch + n) * hidden + j, count);
  }

  template <int Rows>
  void candidate(std::int64_t t, std::int64_t n, std::int64_t j) const {
    const std::int64_t count = hidden - j;
    pack<T> sum[Rows][1];
    for (int r = 0; r < Rows; ++r) sum[r][0] = load_lanes(gate_at(t, n + r, j) + 2 * hidden, count);
    add_products<T, Rows, 1>(sum, inner + (t * batch + n) * hidden, hidden, {n_weights.at(j / width)}, n_weights.step(),
                             hidden);
    for (int r = 0; r < Rows; ++r)
      finish(t, n + r, j, math::tanh(sum[r][0]), load_lanes(gate_at(t, n + r, j) + hidden, count));
  }

  void finish(std::int64_t t, std::int64_t n, std::int64_t j, const pack<T>& candidate, const pack<T>& update) const {
    const std::int64_t count = hidden - j;
    store_lanes(candidate, gate_at(t, n, j) + 2 * hidden, count);
    const pack<T> h_before = load_lanes(before(t, n) + j, count);
    store_lanes(valid(t, n) ? fma(update, h_before - candidate, candidate) : h_before,
                h + (walk.after(t) * batch + n) * hidden + j, count);
  }
};

/// Its gradient.
template <class T>
struct gru_backward {
  static constexpr int width = pack<T>::size;

  sequence_walk walk;
  step_mask valid;
  bool reset_after;
  std::int64_t batch, hidden;
  T *dgates, *dinner, *dh;
  view<const T> dy;
  const T *h, *gates, *inner;
  const weight_strips<T>&rz_weights, &n_weights;
  const bf16_matrix *rounded_rz, *rounded_n;

  void run(std::int64_t begin, std::int64_t end) const {
    for (std::int64_t k = walk.steps - 1; k >= 0; --k) {
      const std::int64_t t = walk.step(k), gate_row = 3 * hidden;
      T* const d = dgates + t * batch * gate_row;
      T* const di = dinner + t * batch * hidden;
      for_packs(begin, end, [&](std::int64_t n, std::int64_t j) { candidate_and_update(t, n, j); });
      if (!reset_after) {
        for_packs(begin, end,
                  [&](std::int64_t n, std::int64_t j) { store_lanes(pack<T>(0), di + n * hidden + j, hidden - j); });
        add_rows(di, hidden, d + 2 * hidden, gate_row, n_weights, rounded_n, begin, end);
        for_packs(begin, end, [&](std::int64_t n, std::int64_t j) { reset_before_product(t, n, j); });
      } else {
        add_rows(dh, hidden, di, hidden, n_weights, rounded_n, begin, end);
      }
      add_rows(dh, hidden, d, gate_row, rz_weights, rounded_rz, begin, end);
    }
  }

 private:
  template <class F>
  void for_packs(std::int64_t begin, std::int64_t end, const F& f) const {
    for (std::int64_t n = begin; n < end; ++n)
      for (std::int64_t j = 0; j < hidden; j += width) f(n, j);
  }

  /// Leaves in `dh` what reaches the state before the step around its products.
  void candidate_and_update(std::int64_t t, std::int64_t n, std::int64_t j) const {
    const std::int64_t count = hidden - j, row = (t * batch + n) * 3 * hidden + j, unit = (t * batch + n) * hidden + j;
    T* const to = dgates + row;
    if (!valid(t, n)) {
      for (int g = 0; g < 3; ++g) store_lanes(pack<T>(0), to + g * hidden, count);
      store_lanes(pack<T>(0), dinner + unit, count);
      return;
    }
    const pack<T> r = load_lanes(gates + row, count), z = load_lanes(gates + row + hidden, count),
                  candidate = load_lanes(gates + row + 2 * hidden, count), one(1);
    T* const state = dh + n * hidden + j;
    const pack<T> d =
        load_lanes<T>(state, count) +
        load_lanes(dy.data + t * dy.strides[0] + n * dy.strides[1] + j * dy.strides[2], count, dy.strides[2]);
    const pack<T> h_before = load_lanes(h + (walk.before(t) * batch + n) * hidden + j, count);
    const pack<T> dn = d * (one - z) * (one - candidate * candidate);
    store_lanes(dn, to + 2 * hidden, count);
    store_lanes(d * (h_before - candidate) * z * (one - z), to + hidden, count);
    store_lanes(d * z, state, count);
    if (!reset_after) return;
    store_lanes(dn * r, dinner + unit, count);
    store_lanes(dn * load_lanes(inner + unit, count) * r * (one - r), to, count);
  }

  void reset_before_product(std::int64_t t, std::int64_t n, std::int64_t j) const {
    const std::int64_t count = hidden - j, row = (t * batch + n) * 3 * hidden + j;
    const pack<T> r = load_lanes(gates + row, count), d = load_lanes<T>(dinner + (t * batch + n) * hidden + j, count);
    const pack<T> h_before = load_lanes(h + (walk.before(t) * batch + n) * hidden + j, count);
    store_lanes(d * h_before * r * (pack<T>(1) - r), dgates + row, count);
    T* const state = dh + n * hidden + j;
    store_lanes(fma(d, r, load_lanes<T>(state, count)), state, count);
  }
};

/// The recurrent weights [3 H, H] in the order in which the kernel reads them.
template <class T>
class gru_weights {
 public:
  gru_weights(view<const T> w_hh, std::int64_t batch, compute factors)
      : hidden_(w_hh.shape[1]),
        rounded_rz_(rounded(w_hh, 0, 2, factors)),
        rounded_n_(rounded(w_hh, 2, 1, factors)),
        r_(strips(w_hh, 0, batch)),
        z_(strips(w_hh, 1, batch)),
        n_(strips(w_hh, 2, batch)) {}

  const weight_strips<T>& r() const { return r_; }
  const weight_strips<T>& z() const { return z_; }
  const weight_strips<T>& n() const { return n_; }
  const bf16_matrix* rounded_rz() const { return rounded_rz_.get(); }
  const bf16_matrix* rounded_n() const { return rounded_n_.get(); }

 private:
  const T* gate(const view<const T>& w, std::int64_t g) const { return w.data + g * hidden_ * w.strides[0]; }
  std::unique_ptr<const bf16_matrix> rounded(const view<const T>& w, std::int64_t first, std::int64_t gates,
                                             compute factors) const {
    return rounded_weights(gate(w, first), w.strides[1], w.strides[0], hidden_, gates * hidden_, factors);
  }
  weight_strips<T> strips(const view<const T>& w, std::int64_t g, std::int64_t batch) const {
    return {gate(w, g), w.strides[0], w.strides[1], rounded_n_ ? 0 : hidden_, hidden_, batch};
  }

  std::int64_t hidden_;
  std::unique_ptr<const bf16_matrix> rounded_rz_, rounded_n_;
  weight_strips<T> r_, z_, n_;
};

/// What one direction's walk writes, and its bias of the inner product, if it has one.
template <class T>
struct gru_states {
  view<T> h, gates, inner;
  const T* b_n;

  void walk(const gru_weights<T>& w, const view<const bool>& mask, bool reverse, bool reset_after) const {
    const std::int64_t steps = gates.shape[0], hidden = h.shape[2];
    const gru_forward<T> kernel{{steps, reverse}, {mask}, reset_after, batch(), hidden, h.data,         gates.data,
                                inner.data,       b_n,    w.r(),       w.z(),   w.n(),  w.rounded_rz(), w.rounded_n()};
    parallel_for(batch(), work(), 1, [&](std::int64_t begin, std::int64_t end) { kernel.run(begin, end); });
  }
  std::int64_t work() const { return gates.shape[0] * h.shape[2] * h.shape[2] / 5; }
  std::int64_t batch() const { return gates.shape[1]; }
};

struct cpu_gru {
  template <std::floating_point T>
  static void gru(view<T> h, view<T> gates, view<T> inner, view<const T> w_hh, const T* b_n, view<const bool> mask,
                  bool reverse, bool reset_after, compute factors = compute::full) {
    gru_states<T>{h, gates, inner, b_n}.walk({w_hh, gates.shape[1], factors}, mask, reverse, reset_after);
  }

  template <std::floating_point T>
  static void gru_both(view<T> h_a, view<T> gates_a, view<T> inner_a, view<const T> w_a, const T* b_a, view<T> h_b,
                       view<T> gates_b, view<T> inner_b, view<const T> w_b, const T* b_b, view<const bool> mask,
                       bool reset_after, compute factors) {
    const gru_states<T> a{h_a, gates_a, inner_a, b_a};
    directions_side_by_side(
        a.batch(), a.work(), [&] { gru(h_a, gates_a, inner_a, w_a, b_a, mask, false, reset_after, factors); },
        [&] { gru(h_b, gates_b, inner_b, w_b, b_b, mask, true, reset_after, factors); });
  }

  /// Puts the walk into a recording with its weights, which do not change, in the kernel's order.
  template <std::floating_point T>
  [[gnu::cold]] static bool prepare(capture& c, view<T> h, view<T> gates, view<T> inner, view<const T> w_hh,
                                    const T* b_n, view<const bool> mask, bool reverse, bool reset_after,
                                    compute factors) {
    const auto w = std::make_shared<const gru_weights<T>>(w_hh, gates.shape[1], factors);
    c.perform([=, states = gru_states<T>{h, gates, inner, b_n}] { states.walk(*w, mask, reverse, reset_after); });
    return true;
  }
  template <std::floating_point T>
  [[gnu::cold]] static bool prepare_both(capture& c, view<T> h_a, view<T> gates_a, view<T> inner_a, view<const T> w_a,
                                         const T* b_a, view<T> h_b, view<T> gates_b, view<T> inner_b, view<const T> w_b,
                                         const T* b_b, view<const bool> mask, bool reset_after, compute factors) {
    const gru_states<T> a{h_a, gates_a, inner_a, b_a}, b{h_b, gates_b, inner_b, b_b};
    const auto of_a = std::make_shared<const gru_weights<T>>(w_a, a.batch(), factors),
               of_b = std::make_shared<const gru_weights<T>>(w_b, a.batch(), factors);
    c.perform([=] {
      directions_side_by_side(
          a.batch(), a.work(), [&] { a.walk(*of_a, mask, false, reset_after); },
          [&] { b.walk(*of_b, mask, true, reset_after); });
    });
    return true;
  }

  template <std::floating_point T>
  static void gru_backward(view<T> dgates, view<T> dinner, view<T> dh, view<const T> dy, view<const T> h,
                           view<const T> gates, view<const T> inner, view<const T> w_hh, view<const bool> mask,
                           bool reverse, bool reset_after, compute factors = compute::full) {
    const std::int64_t steps = gates.shape[0], batch = gates.shape[1], hidden = dh.shape[1];
    const std::int64_t row = w_hh.strides[0], column = w_hh.strides[1];
    const auto rounded_rz = rounded_weights(w_hh.data, row, column, 2 * hidden, hidden, factors),
               rounded_n = rounded_weights(w_hh.data + 2 * hidden * row, row, column, hidden, hidden, factors);
    const std::int64_t units = rounded_n ? 0 : hidden;
    const weight_strips<T> rz(w_hh.data, column, row, units, 2 * hidden, batch),
        n(w_hh.data + 2 * hidden * row, column, row, units, hidden, batch);
    const detail::gru_backward<T> kernel{
        {steps, reverse}, {mask},     reset_after, batch, hidden, dgates.data,      dinner.data,    dh.data, dy,
        h.data,           gates.data, inner.data,  rz,    n,      rounded_rz.get(), rounded_n.get()};
    parallel_for(batch, steps * hidden * hidden / 5, 1,
                 [&](std::int64_t begin, std::int64_t end) { kernel.run(begin, end); });
  }
};

}  // namespace tensorlab::inline v0::detail
