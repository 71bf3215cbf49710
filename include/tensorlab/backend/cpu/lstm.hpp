#pragma once

#include <concepts>

#include <tensorlab/backend/cpu/recurrent.hpp>
#include <tensorlab/backend/geometry.hpp>

namespace tensorlab::inline v0::detail {

/// The recurrence of an LSTM; see backend/concept.hpp.
template <class T>
struct lstm_forward {
  static constexpr int width = pack<T>::size, rows = recurrent_rows<T>(4);

  sequence_walk walk;
  step_mask valid;
  std::int64_t batch, hidden;
  T *h, *c, *gates;
  std::array<const weight_strips<T>*, 4> weights;
  const bf16_matrix* rounded;  // the weights if they are rounded, else null

  void run(std::int64_t begin, std::int64_t end) const {
    for (std::int64_t k = 0; k < walk.steps; ++k) {
      const std::int64_t t = walk.step(k);
      if constexpr (std::same_as<T, float>)
        if (rounded != nullptr) {
          rounded_step(t, begin, end);
          continue;
        }
      if (end - begin == 1) {
        // The four sums of one row would wait for each other's additions.
        std::int64_t j = 0;
        for (; j + width < hidden; j += 2 * width) tile<1, 2>(t, begin, j);
        if (j < hidden) tile<1, 1>(t, begin, j);
        continue;
      }
      for (std::int64_t j = 0; j < hidden; j += width)
        for_row_tiles<rows>(begin, end, [&]<int Rows>(std::int64_t n) { tile<Rows, 1>(t, n, j); });
    }
  }

 private:
  /// All gates of `Blocks` packs of units from j on.
  template <int Rows, int Blocks>
  void tile(std::int64_t t, std::int64_t n, std::int64_t j) const {
    pack<T> sum[Rows][4 * Blocks];
    std::array<const T*, 4 * Blocks> strips;
    for (int s = 0; s < 4 * Blocks; ++s) {
      const std::int64_t gate = s % 4, unit = j + s / 4 * width;
      strips[static_cast<std::size_t>(s)] = weights[static_cast<std::size_t>(gate)]->at(unit / width);
      for (int r = 0; r < Rows; ++r)
        sum[r][s] = load_lanes(gates + ((t * batch + n + r) * 4 + gate) * hidden + unit, hidden - unit);
    }
    add_products<T, Rows, 4 * Blocks>(sum, h + (walk.before(t) * batch + n) * hidden, hidden, strips,
                                      weights[0]->step(), hidden);
    for (int r = 0; r < Rows; ++r)
      for (int b = 0; b < Blocks; ++b) finish(t, n + r, j + b * width, sum[r] + 4 * b);
  }

  void rounded_step(std::int64_t t, std::int64_t begin, std::int64_t end) const {
    const std::int64_t row = 4 * hidden;
    rounded->add_product(gates + (t * batch + begin) * row, row, h + (walk.before(t) * batch + begin) * hidden, hidden,
                         end - begin);
    for (std::int64_t n = begin; n < end; ++n)
      for (std::int64_t j = 0; j < hidden; j += width) {
        pack<T> sum[4];
        for (int g = 0; g < 4; ++g) sum[g] = load_lanes(gates + (t * batch + n) * row + g * hidden + j, hidden - j);
        finish(t, n, j, sum);
      }
  }

  void finish(std::int64_t t, std::int64_t n, std::int64_t j, const pack<T>* sum) const {
    const std::int64_t count = hidden - j;
    const pack<T> in = math::sigmoid(sum[0]), forget = math::sigmoid(sum[1]), g = math::tanh(sum[2]),
                  out = math::sigmoid(sum[3]);
    T* const to = gates + (t * batch + n) * 4 * hidden + j;
    store_lanes(in, to, count);
    store_lanes(forget, to + hidden, count);
    store_lanes(g, to + 2 * hidden, count);
    store_lanes(out, to + 3 * hidden, count);
    const std::int64_t before = (walk.before(t) * batch + n) * hidden + j,
                       after = (walk.after(t) * batch + n) * hidden + j;
    const pack<T> c_before = load_lanes(c + before, count), c_after = fma(forget, c_before, in * g);
    const bool step = valid(t, n);
    store_lanes(step ? c_after : c_before, c + after, count);
    store_lanes(step ? out * math::tanh(c_after) : load_lanes(h + before, count), h + after, count);
  }
};

/// Its gradient.
template <class T>
struct lstm_backward {
  static constexpr int width = pack<T>::size;

  sequence_walk walk;
  step_mask valid;
  std::int64_t batch, hidden;
  T *dgates, *dh, *dc;
  view<const T> dy;
  const T *c, *gates;
  const weight_strips<T>& weights;
  const bf16_matrix* rounded;

  void run(std::int64_t begin, std::int64_t end) const {
    for (std::int64_t k = walk.steps - 1; k >= 0; --k) {
      const std::int64_t t = walk.step(k);
      for (std::int64_t n = begin; n < end; ++n)
        for (std::int64_t j = 0; j < hidden; j += width) cell(t, n, j);
      add_rows(dh, hidden, dgates + t * batch * 4 * hidden, 4 * hidden, weights, rounded, begin, end);
    }
  }

 private:
  /// Leaves in `dh` what reaches the state before the step around its products.
  void cell(std::int64_t t, std::int64_t n, std::int64_t j) const {
    const std::int64_t count = hidden - j, row = (t * batch + n) * 4 * hidden + j;
    T* const to = dgates + row;
    if (!valid(t, n)) {
      for (int g = 0; g < 4; ++g) store_lanes(pack<T>(0), to + g * hidden, count);
      return;
    }
    const T* const gate = gates + row;
    const pack<T> in = load_lanes(gate, count), forget = load_lanes(gate + hidden, count),
                  g = load_lanes(gate + 2 * hidden, count), out = load_lanes(gate + 3 * hidden, count), one(1);
    const std::int64_t state = n * hidden + j;
    const pack<T> d =
        load_lanes(dh + state, count) +
        load_lanes(dy.data + t * dy.strides[0] + n * dy.strides[1] + j * dy.strides[2], count, dy.strides[2]);
    const pack<T> squashed = math::tanh(load_lanes(c + walk.after(t) * batch * hidden + state, count));
    const pack<T> cell = fma(d * out, one - squashed * squashed, load_lanes(dc + state, count));
    store_lanes(cell * g * in * (one - in), to, count);
    store_lanes(cell * load_lanes(c + walk.before(t) * batch * hidden + state, count) * forget * (one - forget),
                to + hidden, count);
    store_lanes(cell * in * (one - g * g), to + 2 * hidden, count);
    store_lanes(d * squashed * out * (one - out), to + 3 * hidden, count);
    store_lanes(cell * forget, dc + state, count);
    store_lanes(pack<T>(0), dh + state, count);
  }
};

struct cpu_lstm {
  template <std::floating_point T>
  static void lstm(view<T> h, view<T> c, view<T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                   compute factors = compute::full) {
    const std::int64_t steps = gates.shape[0], batch = gates.shape[1], hidden = h.shape[2];
    const std::int64_t unit = w_hh.strides[0], term = w_hh.strides[1];
    const auto rounded = rounded_weights(w_hh.data, term, unit, hidden, 4 * hidden, factors);
    const auto strips = [&](std::int64_t gate) {
      return weight_strips<T>(w_hh.data + gate * hidden * unit, unit, term, rounded ? 0 : hidden, hidden, batch);
    };
    const weight_strips<T> in = strips(0), forget = strips(1), g = strips(2), out = strips(3);
    const lstm_forward<T> kernel{{steps, reverse},         {mask},       batch, hidden, h.data, c.data, gates.data,
                                 {&in, &forget, &g, &out}, rounded.get()};
    parallel_for(batch, steps * hidden * hidden / 4, 1,
                 [&](std::int64_t begin, std::int64_t end) { kernel.run(begin, end); });
  }

  template <std::floating_point T>
  static void lstm_both(view<T> h_a, view<T> c_a, view<T> gates_a, view<const T> w_a, view<T> h_b, view<T> c_b,
                        view<T> gates_b, view<const T> w_b, view<const bool> mask, compute factors) {
    const std::int64_t steps = gates_a.shape[0], batch = gates_a.shape[1], hidden = h_a.shape[2];
    directions_side_by_side(
        batch, steps * hidden * hidden / 4, [&] { lstm(h_a, c_a, gates_a, w_a, mask, false, factors); },
        [&] { lstm(h_b, c_b, gates_b, w_b, mask, true, factors); });
  }

  template <std::floating_point T>
  static void lstm_backward(view<T> dgates, view<T> dh, view<T> dc, view<const T> dy, view<const T> c,
                            view<const T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                            compute factors = compute::full) {
    const std::int64_t steps = gates.shape[0], batch = gates.shape[1], hidden = dh.shape[1];
    const auto rounded = rounded_weights(w_hh.data, w_hh.strides[0], w_hh.strides[1], 4 * hidden, hidden, factors);
    const weight_strips<T> weights(w_hh.data, w_hh.strides[1], w_hh.strides[0], rounded ? 0 : hidden, 4 * hidden,
                                   batch);
    const detail::lstm_backward<T> kernel{{steps, reverse}, {mask}, batch,  hidden,     dgates.data, dh.data,
                                          dc.data,          dy,     c.data, gates.data, weights,     rounded.get()};
    parallel_for(batch, steps * hidden * hidden / 4, 1,
                 [&](std::int64_t begin, std::int64_t end) { kernel.run(begin, end); });
  }
};

}  // namespace tensorlab::inline v0::detail
