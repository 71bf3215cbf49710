#pragma once

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/rnn_layer.hpp>
#include <tensorlab/ops/rnn/stack.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of a stack of LSTM layers.
struct lstm_options {
  std::int64_t in = 0, hidden = 0;
  std::int64_t layers = 1;
  bool bidirectional = false;
  bool bias = true;
  double dropout = 0;  // on each layer's output but the last one's, in training
};

namespace detail {

inline rnn_layout layout_of(const lstm_options& o) {
  return {o.in, o.hidden, o.layers, 4, o.bidirectional, o.bias, o.bias};
}

}  // namespace detail

inline std::string to_string(const lstm_options& o) {
  return detail::rnn_text(detail::layout_of(o), o.bias, o.dropout);
}

/// What an LSTM gives: the last layer's output at each step and every layer's last state.
template <class T, class B>
struct lstm_output {
  tensor<T, B> output, h, c;
};

/// Long short-term memory layers one on top of the other, as PyTorch's with batch_first; the equation is
/// lstm_direction's in ops/rnn/lstm.hpp.
///
/// **Shapes**: x [N, T, in] -> output [N, T, D hidden], h and c [layers D, N, hidden], D directions.
template <class T = float, backend B = cpu>
struct lstm {
  std::vector<rnn_layer<T, B>> weights;  // layer 0 forward, layer 0 reverse, layer 1 forward, ...
  lstm_options opt;
  random::stream rng;
  nn::mode mode;

  static constexpr auto fields() {
    return v0::fields("weights", &lstm::weights, "opt", &lstm::opt, "rng", &lstm::rng, "mode", &lstm::mode);
  }
  /// The names are PyTorch's: weight_ih_l0, .., bias_hh_l1_reverse.
  template <class F>
  void for_each_field(F&& f) {
    detail::for_each_rnn_field(weights, opt.bidirectional, f);
    f("opt", opt);
    f("rng", rng);
    f("mode", mode);
  }

  /// All values uniform in +-1 / sqrt(hidden), as PyTorch's default. **Throws** value_error.
  static lstm init(const lstm_options& o, const random::stream& rng) {
    detail::require_dropout("lstm", o.dropout);
    return {detail::rnn_layers<T, B>("lstm", detail::layout_of(o), rng), o, detail::own_stream(rng), {}};
  }

  /// Undefined `state` is zero; steps where `mask` [N, T] is false keep the state and give zeros (`sequence_mask` makes
  /// a mask of lengths). **Throws** shape_error.
  lstm_output<T, B> operator()(const tensor<T, B>& x, const lstm_state<T, B>& state = {},
                               const tensor<bool, B>& mask = {}) const {
    const call_scope scope(*this);
    show_input(*this, x);
    const auto r =
        v0::lstm(x, state, detail::rnn_handles(weights), {opt.bidirectional, opt.dropout, &rng, mode.training, mask});
    return {traced(*this, r.y), r.h, r.c};
  }
};

}  // namespace tensorlab::inline v0::nn
