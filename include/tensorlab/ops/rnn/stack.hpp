#pragma once

#include <vector>

#include <tensorlab/ops/dropout.hpp>
#include <tensorlab/ops/rnn/gru.hpp>
#include <tensorlab/ops/rnn/lstm.hpp>

namespace tensorlab::inline v0 {

/// How recurrent layers are stacked.
template <class B>
struct rnn_options {
  bool bidirectional = false;
  double dropout = 0;                      // on each layer's output but the last one's, in training
  const random::stream* stream = nullptr;  // what dropout draws from
  bool training = false;
  tensor<bool, B> mask = {};  // [N, T], see rnn_direction
};

/// The state of an LSTM: h and c, each [layers directions, N, H], or undefined for zeros.
template <class T, class B>
struct lstm_state {
  tensor<T, B> h, c;
};

namespace detail {

/// Layers per direction of a stack. **Throws** value_error unless each layer has the weights of each direction.
inline std::int64_t stack_directions(const char* op, std::size_t weights, bool bidirectional) {
  const std::size_t directions = bidirectional ? 2 : 1;
  if (weights == 0 || weights % directions != 0)
    throw_value_error(
        concat(op, ": ", weights, " sets of weights do not make whole layers of ", directions, " direction(s)"));
  return static_cast<std::int64_t>(directions);
}

template <class T, class B>
tensor<T, B> layer_state(const char* op, const char* what, const tensor<T, B>& state, std::size_t index,
                         std::size_t count) {
  if (!state.defined()) return {};
  if (state.rank() != 3 || state.dim(0) != static_cast<std::int64_t>(count))
    throw_shape_error(concat(op, ": ", what, " must be [layers directions, N, H]: ", what, " ", state.shape(), " (",
                             state.rank() == 0 ? 0 : state.dim(0), " vs ", count, ")"));
  return select(state, 0, static_cast<std::int64_t>(index));
}

/// The layers one after the other: `run(x, index, directions)` is what a layer of so many directions, whose weights
/// begin at `index`, puts out in each: their joint y goes on.
template <class T, class B, class F>
tensor<T, B> run_stack(const char* op, const tensor<T, B>& x, std::size_t count, const rnn_options<B>& o, F run) {
  const auto directions = static_cast<std::size_t>(stack_directions(op, count, o.bidirectional));
  const bool drops = o.training && o.dropout != 0;
  if (drops && o.stream == nullptr) throw_value_error(concat(op, ": dropout in training needs a random stream"));
  tensor<T, B> y = x;
  for (std::size_t first = 0; first < count; first += directions) {
    if (drops && first > 0) y = dropout(y, o.dropout, *o.stream);
    y = run(y, first, directions);
  }
  return y;
}

}  // namespace detail

/// LSTM layers one on top of the other, PyTorch's `nn.LSTM(batch_first=True)`.
///
/// `weights` holds layer 0 forward, layer 0 reverse (if bidirectional), layer 1 forward, ...; the reverse output
/// follows the forward one along the last dimension and both feed the next layer. **Shapes**: x [N, T, I] -> y [N, T,
/// directions H], h and c [layers directions, N, H]. **Throws** shape_error, value_error. Equation at lstm_direction.
template <class T, backend B>
lstm_result<T, B> lstm(const tensor<T, B>& x, const lstm_state<T, B>& state,
                       const std::vector<rnn_weights<T, B>>& weights, const rnn_options<B>& o = {}) {
  std::vector<tensor<T, B>> h, c;
  const auto y =
      detail::run_stack("lstm", x, weights.size(), o, [&](const auto& in, std::size_t i, std::size_t directions) {
        const auto h0 = [&](std::size_t at) { return detail::layer_state("lstm", "h0", state.h, at, weights.size()); };
        const auto c0 = [&](std::size_t at) { return detail::layer_state("lstm", "c0", state.c, at, weights.size()); };
        const auto keep = [&](const lstm_result<T, B>& r) {
          h.push_back(r.h);
          c.push_back(r.c);
          return r.y;
        };
        if (directions == 1) return keep(lstm_direction(in, h0(i), c0(i), weights[i], {false, o.mask}));
        const auto both = detail::lstm_directions(in, {h0(i), h0(i + 1)}, {c0(i), c0(i + 1)}, &weights[i], o.mask);
        const auto forward = keep(both[0]);
        return cat({forward, keep(both[1])}, 2);
      });
  return {y, stack(h, 0), stack(c, 0)};
}

/// GRU layers one on top of the other, PyTorch's `nn.GRU(batch_first=True)` or, with the reset before the product,
/// Keras's `reset_after=False`. Order of weights and shapes as lstm; h0 [layers directions, N, H] or undefined.
/// **Throws** shape_error, value_error. Equation at gru_direction.
template <class T, backend B>
gru_result<T, B> gru(const tensor<T, B>& x, const tensor<T, B>& h0, const std::vector<rnn_weights<T, B>>& weights,
                     const rnn_options<B>& o = {}, gru_reset reset = gru_reset::after_product) {
  std::vector<tensor<T, B>> h;
  const auto y =
      detail::run_stack("gru", x, weights.size(), o, [&](const auto& in, std::size_t i, std::size_t directions) {
        const auto initial = [&](std::size_t at) { return detail::layer_state("gru", "h0", h0, at, weights.size()); };
        const auto keep = [&](const gru_result<T, B>& r) {
          h.push_back(r.h);
          return r.y;
        };
        if (directions == 1) return keep(gru_direction(in, initial(i), weights[i], {false, o.mask}, reset));
        const auto both = detail::gru_directions(in, {initial(i), initial(i + 1)}, &weights[i], o.mask, reset);
        const auto forward = keep(both[0]);
        return cat({forward, keep(both[1])}, 2);
      });
  return {y, stack(h, 0)};
}

}  // namespace tensorlab::inline v0
