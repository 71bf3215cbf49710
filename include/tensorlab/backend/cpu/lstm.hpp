#pragma once

#include <concepts>
#include <memory>

#include <tensorlab/backend/cpu/recurrent.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/core/capture.hpp>

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
        for_units_of_one_row<T>(hidden, 4, k, [&]<int Blocks>(std::int64_t j) { tile<1, Blocks>(t, begin, j); });
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

/// The recurrent weights [4 H, H] in the order in which the kernel reads them.
template <class T>
class lstm_weights {
 public:
  lstm_weights(view<const T> w_hh, std::int64_t batch, compute factors)
      : hidden_(w_hh.shape[1]),
        rounded_(rounded_weights(w_hh.data, w_hh.strides[1], w_hh.strides[0], hidden_, 4 * hidden_, factors)),
        in_(strips(w_hh, 0, batch)),
        forget_(strips(w_hh, 1, batch)),
        cell_(strips(w_hh, 2, batch)),
        out_(strips(w_hh, 3, batch)) {}

  std::array<const weight_strips<T>*, 4> gates() const { return {&in_, &forget_, &cell_, &out_}; }
  const bf16_matrix* rounded() const { return rounded_.get(); }

 private:
  weight_strips<T> strips(const view<const T>& w, std::int64_t gate, std::int64_t batch) const {
    return {w.data + gate * hidden_ * w.strides[0], w.strides[0], w.strides[1], rounded_ ? 0 : hidden_, hidden_, batch};
  }

  std::int64_t hidden_;
  std::unique_ptr<const bf16_matrix> rounded_;
  weight_strips<T> in_, forget_, cell_, out_;
};

/// What one direction's walk writes.
template <class T>
struct lstm_states {
  view<T> h, c, gates;

  void walk(const lstm_weights<T>& w, const view<const bool>& mask, bool reverse) const {
    const std::int64_t steps = gates.shape[0], batch = gates.shape[1], hidden = h.shape[2];
    const lstm_forward<T> kernel{{steps, reverse}, {mask},     batch,     hidden,     h.data,
                                 c.data,           gates.data, w.gates(), w.rounded()};
    parallel_for(batch, work(), 1, [&](std::int64_t begin, std::int64_t end) { kernel.run(begin, end); });
  }
  std::int64_t work() const { return gates.shape[0] * h.shape[2] * h.shape[2] / 4; }
  std::int64_t batch() const { return gates.shape[1]; }
};

struct cpu_lstm {
  template <std::floating_point T>
  static void lstm(view<T> h, view<T> c, view<T> gates, view<const T> w_hh, view<const bool> mask, bool reverse,
                   compute factors = compute::full) {
    lstm_states<T>{h, c, gates}.walk({w_hh, gates.shape[1], factors}, mask, reverse);
  }

  template <std::floating_point T>
  static void lstm_both(view<T> h_a, view<T> c_a, view<T> gates_a, view<const T> w_a, view<T> h_b, view<T> c_b,
                        view<T> gates_b, view<const T> w_b, view<const bool> mask, compute factors) {
    const lstm_states<T> a{h_a, c_a, gates_a};
    directions_side_by_side(
        a.batch(), a.work(), [&] { lstm(h_a, c_a, gates_a, w_a, mask, false, factors); },
        [&] { lstm(h_b, c_b, gates_b, w_b, mask, true, factors); });
  }

  /// Puts the walk into a recording with its weights, which do not change, in the kernel's order.
  template <std::floating_point T>
  [[gnu::cold]] static bool prepare(capture& r, view<T> h, view<T> c, view<T> gates, view<const T> w_hh,
                                    view<const bool> mask, bool reverse, compute factors) {
    const auto w = std::make_shared<const lstm_weights<T>>(w_hh, gates.shape[1], factors);
    r.perform([=, states = lstm_states<T>{h, c, gates}] { states.walk(*w, mask, reverse); });
    return true;
  }
  template <std::floating_point T>
  [[gnu::cold]] static bool prepare_both(capture& r, view<T> h_a, view<T> c_a, view<T> gates_a, view<const T> w_a,
                                         view<T> h_b, view<T> c_b, view<T> gates_b, view<const T> w_b,
                                         view<const bool> mask, compute factors) {
    const lstm_states<T> a{h_a, c_a, gates_a}, b{h_b, c_b, gates_b};
    const auto of_a = std::make_shared<const lstm_weights<T>>(w_a, a.batch(), factors),
               of_b = std::make_shared<const lstm_weights<T>>(w_b, a.batch(), factors);
    r.perform([=] {
      directions_side_by_side(
          a.batch(), a.work(), [&] { a.walk(*of_a, mask, false); }, [&] { b.walk(*of_b, mask, true); });
    });
    return true;
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
