#pragma once

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/dropout.hpp>
#include <tensorlab/nn/rnn_layer.hpp>
#include <tensorlab/ops/rnn/stack.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of a stack of GRU layers.
struct gru_options {
  std::int64_t in = 0, hidden = 0;
  std::int64_t layers = 1;
  bool bidirectional = false;
  bool bias = true;
  double dropout = 0;  // on each layer's output but the last one's, in training
  bool reset_after =
      true;  // the reset gate acts after the product (PyTorch, Keras's default) or on the state before it
};

namespace detail {

// With the reset before the product the two biases are only ever added to each other: there is one.
inline rnn_layout layout_of(const gru_options& o) {
  return {o.in, o.hidden, o.layers, 3, o.bidirectional, o.bias, o.bias && o.reset_after};
}

}  // namespace detail

inline std::string to_string(const gru_options& o) {
  return detail::rnn_text(detail::layout_of(o), o.bias, o.dropout) + (o.reset_after ? "" : ", reset_after=false");
}

/// What a GRU gives: the last layer's output at each step and every layer's last state.
template <class T, class B>
struct gru_output {
  tensor<T, B> output, h;
};

/// Gated recurrent layers one on top of the other, as PyTorch's with batch_first; the equation is gru_direction's in
/// ops/rnn/gru.hpp.
///
/// Rows of the weights are in PyTorch's order r, z, n. Without `reset_after` there is no bias_hh.
/// **Shapes**: x [N, T, in] -> output [N, T, D hidden], h [layers D, N, hidden], D directions.
template <class T = float, backend B = cpu>
struct gru {
  std::vector<rnn_layer<T, B>> weights;  // layer 0 forward, layer 0 reverse, layer 1 forward, ...
  gru_options opt;
  random::stream rng;
  nn::mode mode;

  static constexpr auto fields() {
    return v0::fields("weights", &gru::weights, "opt", &gru::opt, "rng", &gru::rng, "mode", &gru::mode);
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
  static gru init(const gru_options& o, const random::stream& rng) {
    detail::require_dropout("gru", o.dropout);
    return {detail::rnn_layers<T, B>("gru", detail::layout_of(o), rng), o, detail::own_stream(rng), {}};
  }

  /// Undefined `h0` is zero; steps where `mask` [N, T] is false keep the state and give zeros (`sequence_mask` makes a
  /// mask of lengths). **Throws** shape_error.
  gru_output<T, B> operator()(const tensor<T, B>& x, const tensor<T, B>& h0 = {},
                              const tensor<bool, B>& mask = {}) const {
    const call_scope scope(*this);
    show_input(*this, x);
    const auto r =
        v0::gru(x, h0, detail::rnn_handles(weights), {opt.bidirectional, opt.dropout, &rng, mode.training, mask},
                opt.reset_after ? gru_reset::after_product : gru_reset::before_product);
    return {traced(*this, r.y), r.h};
  }
};

}  // namespace tensorlab::inline v0::nn
