#pragma once

#include <tensorlab/backend/cpu/int8.hpp>
#include <tensorlab/backend/geometry.hpp>

/// Recurrent layers with 8-bit products and gates in float. A thread takes its rows through all steps: each step's
/// input and state are quantised where they are produced, so nothing but the output is kept of a step.
namespace tensorlab::inline v0::detail {

/// States lie in [-1, 1], so their bytes have a fixed meaning: h = (q - 128) / 127.
inline constexpr byte_scale state_scale{1.0f / 127, 128};

/// One direction of a recurrent layer with `Gates` gates.
template <int Gates>
struct int8_walk {
  sequence_walk walk;
  step_mask valid;
  std::int64_t batch, features, hidden;
  view<const float> x;  // [N, T, features], the last dimension dense
  byte_scale x_scale;
  const int8_strips* in[Gates];
  const int8_strips* recurrent[Gates];
  const float* bias[Gates];    // added to the products of x
  float *y, *h;                // [N, T, ..], zero where the mask is false; [N, hidden], the state before and after
  std::int64_t y_row, y_step;  // from one sequence, and one step, of y to the next

  float* out(std::int64_t n, std::int64_t t, std::int64_t unit) const { return y + n * y_row + t * y_step + unit; }

  /// Operations per row, in units of what parallel_for counts.
  std::int64_t work() const { return walk.steps * hidden * (features + hidden) * Gates / 64 + 1; }
};

/// The same walk with some of its gates alone.
template <int... Gate, int Gates>
int8_walk<sizeof...(Gate)> chosen_gates(const int8_walk<Gates>& w) {
  return {w.walk,
          w.valid,
          w.batch,
          w.features,
          w.hidden,
          w.x,
          w.x_scale,
          {w.in[Gate]...},
          {w.recurrent[Gate]...},
          {w.bias[Gate]...},
          w.y,
          w.h,
          w.y_row,
          w.y_step};
}

/// The bytes of one thread's rows [begin, ..).
struct int8_step {
  std::int64_t begin;
  byte_rows x, states[2];
  const byte_rows *before = &states[0], *after = &states[1];
  scratch<float> spoilt;  // NaN for a row whose input is not finite, else 0

  int8_step(std::int64_t first, std::int64_t rows, std::int64_t features, std::int64_t hidden)
      : begin(first), x(rows, features), states{{rows, hidden}, {rows, hidden}}, spoilt(rows) {}
};

/// Stores a pack of units of the state after step t: for the next step, as bytes for its products, and as the output,
/// which is zero where the mask leaves the step out.
template <int Gates>
TL_INLINE void store_state(const int8_walk<Gates>& w, const int8_step& bytes, std::int64_t t, std::int64_t row,
                           std::int64_t unit, const pack<float>& after, bool step) {
  const std::int64_t n = bytes.begin + row, count = w.hidden - unit;
  store_lanes(after, w.h + n * w.hidden + unit, count);
  store_lanes(step ? after : pack<float>(0), w.out(n, t, unit), count);
  byte_quantiser(state_scale).store(after, bytes.after->at(row) + unit);
}

/// What a tile's gates are computed from: the products of `Rows` rows with `Gates` strips a block of 16 units.
template <class Dots, int Gates, int Rows, int Blocks>
struct int8_tile {
  alignas(64) std::int32_t from_x[Rows][Gates * Blocks][16];
  alignas(64) std::int32_t from_h[Rows][Gates * Blocks][16];
  const int8_walk<Gates>& w;
  std::int64_t first;

  int8_tile(const int8_walk<Gates>& walk, std::int64_t strip) : w(walk), first(strip) {}

  void multiply_x(const byte_rows& x, std::int64_t n) {
    int8_products<Dots, Rows, Gates * Blocks>(from_x, x.at(n), x.step(), choice(w.in));
  }
  void multiply_h(const byte_rows& h, std::int64_t n) {
    int8_products<Dots, Rows, Gates * Blocks>(from_h, h.at(n), h.step(), choice(w.recurrent));
  }
  /// The product of x with its bias for a pack of units.
  pack<float> input(int r, int block, int gate, int lane, float spoilt) const {
    const std::int64_t unit = (first + block) * 16 + lane;
    return fma(load_integers(from_x[r][block * Gates + gate] + lane),
               pack<float>::load(w.in[gate]->scale(first + block) + lane),
               w.bias[gate] == nullptr ? pack<float>(0) : load_lanes(w.bias[gate] + unit, w.hidden - unit)) +
           pack<float>(spoilt);
  }
  /// `to` and the product of h.
  pack<float> add_hidden(int r, int block, int gate, int lane, const pack<float>& to) const {
    return fma(load_integers(from_h[r][block * Gates + gate] + lane),
               pack<float>::load(w.recurrent[gate]->scale(first + block) + lane), to);
  }
  /// Calls `f(row, block, lane, unit)` for each pack of units.
  template <class F>
  void for_packs(const F& f) const {
    for (int r = 0; r < Rows; ++r)
      for (int b = 0; b < Blocks; ++b)
        for (int l = 0; l < 16; l += pack<float>::size)
          if (const std::int64_t unit = (first + b) * 16 + l; unit < w.hidden) f(r, b, l, unit);
  }

 private:
  strip_choice<Gates * Blocks> choice(const int8_strips* const (&weights)[Gates]) const {
    strip_choice<Gates * Blocks> c;
    for (int s = 0; s < Gates * Blocks; ++s) {
      c.weights[s] = weights[s % Gates];
      c.strip[s] = first + s / Gates;
    }
    return c;
  }
};

/// Walks rows through all steps: `f.step(bytes, t, begin, end)` makes one step, from the bytes of x and of the state
/// before to those of the state after.
template <int Gates, class F>
void walk_int8(const int8_walk<Gates>& w, const F& f) {
  parallel_for(w.batch, w.work(), 1, [&](std::int64_t begin, std::int64_t end) {
    int8_step bytes(begin, end - begin, w.features, w.hidden);
    const byte_quantiser input(w.x_scale), state(state_scale);
    for (std::int64_t n = begin; n < end; ++n) state.row(w.h + n * w.hidden, w.hidden, bytes.before->at(n - begin));
    for (std::int64_t k = 0; k < w.walk.steps; ++k) {
      const std::int64_t t = w.walk.step(k);
      for (std::int64_t n = begin; n < end; ++n)
        bytes.spoilt.data()[n - begin] =
            input.row(w.x.data + n * w.x.strides[0] + t * w.x.strides[1], w.features, bytes.x.at(n - begin));
      f.step(bytes, t, end - begin);
      std::swap(bytes.before, bytes.after);
    }
  });
}

/// Calls `f.operator()<Rows, Blocks>(row, strip)` on tiles that cover all rows and strips.
template <int Rows, class F>
void for_int8_tiles(std::int64_t rows, std::int64_t strips, const F& f) {
  std::int64_t s = 0;
  // The sums of one row would wait for each other's additions.
  for (; rows == 1 && s + 2 <= strips; s += 2) f.template operator()<1, 2>(0, s);
  for (; s < strips; ++s)
    for_row_tiles<Rows>(0, rows, [&]<int Tile>(std::int64_t n) { f.template operator()<Tile, 1>(n, s); });
}

/// A GRU in one direction; the equation is gru_direction's.
template <class Dots = int8_dots>
struct int8_gru {
  int8_walk<3> w;
  const float* b_n;  // the hidden bias of n, used where the reset comes after the product
  bool reset_after;

  void run() const { walk_int8(w, *this); }

  void step(const int8_step& bytes, std::int64_t t, std::int64_t rows) const {
    if (reset_after) {
      for_int8_tiles<8>(rows, w.in[0]->strips(), [&]<int Rows, int Blocks>(std::int64_t n, std::int64_t strip) {
        int8_tile<Dots, 3, Rows, Blocks> tile(w, strip);
        tile.multiply_x(bytes.x, n);
        tile.multiply_h(*bytes.before, n);
        tile.for_packs([&](int r, int b, int l, std::int64_t unit) {
          const float spoilt = bytes.spoilt.data()[n + r];
          const auto gate = [&](int g) {
            return math::sigmoid(tile.add_hidden(r, b, g, l, tile.input(r, b, g, l, spoilt)));
          };
          const pack<float> reset = gate(0), update = gate(1),
                            bias = b_n == nullptr ? pack<float>(0) : load_lanes(b_n + unit, w.hidden - unit);
          const pack<float> candidate =
              math::tanh(fma(reset, tile.add_hidden(r, b, 2, l, bias), tile.input(r, b, 2, l, spoilt)));
          finish(bytes, t, n + r, unit, candidate, update);
        });
      });
      return;
    }
    const byte_rows reset_state(rows, w.hidden);
    const scratch<float> updates(rows * byte_row(w.hidden));
    const byte_quantiser quantiser(state_scale);
    const int8_walk<2> rz = chosen_gates<0, 1>(w);
    const int8_walk<1> last = chosen_gates<2>(w);
    for_int8_tiles<8>(rows, w.in[0]->strips(), [&]<int Rows, int Blocks>(std::int64_t n, std::int64_t strip) {
      int8_tile<Dots, 2, Rows, Blocks> tile(rz, strip);
      tile.multiply_x(bytes.x, n);
      tile.multiply_h(*bytes.before, n);
      tile.for_packs([&](int r, int b, int l, std::int64_t unit) {
        const float spoilt = bytes.spoilt.data()[n + r];
        const auto gate = [&](int g) {
          return math::sigmoid(tile.add_hidden(r, b, g, l, tile.input(r, b, g, l, spoilt)));
        };
        const pack<float> h = load_lanes<float>(w.h + (bytes.begin + n + r) * w.hidden + unit, w.hidden - unit);
        quantiser.store(gate(0) * h, reset_state.at(n + r) + unit);
        gate(1).store(updates.data() + (n + r) * byte_row(w.hidden) + unit);
      });
    });
    for_int8_tiles<8>(rows, w.in[0]->strips(), [&]<int Rows, int Blocks>(std::int64_t n, std::int64_t strip) {
      int8_tile<Dots, 1, Rows, Blocks> tile(last, strip);
      tile.multiply_x(bytes.x, n);
      tile.multiply_h(reset_state, n);
      tile.for_packs([&](int r, int b, int l, std::int64_t unit) {
        const pack<float> candidate =
            math::tanh(tile.add_hidden(r, b, 0, l, tile.input(r, b, 0, l, bytes.spoilt.data()[n + r])));
        finish(bytes, t, n + r, unit, candidate,
               pack<float>::load(updates.data() + (n + r) * byte_row(w.hidden) + unit));
      });
    });
  }

 private:
  void finish(const int8_step& bytes, std::int64_t t, std::int64_t row, std::int64_t unit, const pack<float>& candidate,
              const pack<float>& update) const {
    const std::int64_t n = bytes.begin + row;
    const pack<float> before = load_lanes<float>(w.h + n * w.hidden + unit, w.hidden - unit);
    const bool step = w.valid(t, n);
    const pack<float> after = step ? fma(update, before - candidate, candidate) : before;
    store_state(w, bytes, t, row, unit, after, step);
  }
};

/// An LSTM in one direction; the equation is lstm_direction's.
template <class Dots = int8_dots>
struct int8_lstm {
  int8_walk<4> w;
  float* c;  // [N, hidden], the cell before and after

  void run() const { walk_int8(w, *this); }

  void step(const int8_step& bytes, std::int64_t t, std::int64_t rows) const {
    for_int8_tiles<6>(rows, w.in[0]->strips(), [&]<int Rows, int Blocks>(std::int64_t n, std::int64_t strip) {
      int8_tile<Dots, 4, Rows, Blocks> tile(w, strip);
      tile.multiply_x(bytes.x, n);
      tile.multiply_h(*bytes.before, n);
      tile.for_packs([&](int r, int b, int l, std::int64_t unit) {
        const float spoilt = bytes.spoilt.data()[n + r];
        const auto gate = [&](int g) { return tile.add_hidden(r, b, g, l, tile.input(r, b, g, l, spoilt)); };
        const pack<float> in = math::sigmoid(gate(0)), forget = math::sigmoid(gate(1)), g = math::tanh(gate(2)),
                          out = math::sigmoid(gate(3));
        finish(bytes, t, n + r, unit, fma(forget, cell(bytes, n + r, unit), in * g), out);
      });
    });
  }

 private:
  pack<float> cell(const int8_step& bytes, std::int64_t row, std::int64_t unit) const {
    return load_lanes<float>(c + (bytes.begin + row) * w.hidden + unit, w.hidden - unit);
  }
  void finish(const int8_step& bytes, std::int64_t t, std::int64_t row, std::int64_t unit, const pack<float>& c_after,
              const pack<float>& out) const {
    const std::int64_t n = bytes.begin + row, count = w.hidden - unit;
    float* const state = w.h + n * w.hidden + unit;
    const bool step = w.valid(t, n);
    const pack<float> after = step ? out * math::tanh(c_after) : load_lanes<float>(state, count);
    if (step) store_lanes(c_after, c + n * w.hidden + unit, count);
    store_state(w, bytes, t, row, unit, after, step);
  }
};

}  // namespace tensorlab::inline v0::detail
