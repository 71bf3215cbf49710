#pragma once

#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/quantized/rnn_layer.hpp>

namespace tensorlab::inline v0::quantized {

/// Long short-term memory layers with 8-bit weights, inputs and states and gates in float, for inference; the equation
/// is lstm_direction's with products as in quantized::linear.
///
/// The first layer's inputs have the calibrated range; states, and so the inputs of the other layers, lie in [-1, 1].
/// The state itself is kept in float. There is no dropout. A value that is not finite makes its sequence NaN from there
/// on.
/// **Shapes**: as nn::lstm's.
struct lstm {
  using value_type = float;
  using backend_type = cpu;
  static constexpr const char* type_name = "quantized::lstm";

  std::vector<rnn_layer> weights;  // layer 0 forward, layer 0 reverse, layer 1 forward, ...
  nn::lstm_options opt;

  static constexpr auto fields() { return v0::fields("weights", &lstm::weights, "opt", &lstm::opt); }
  /// The names are PyTorch's with those of the scales and ranges: weight_ih_l0, scale_ih_l0, .., input_range_l0.
  template <class F>
  void for_each_field(F&& f) {
    detail::for_each_rnn_field(weights, opt.bidirectional, f);
    f("opt", opt);
  }

  /// Layers to load a state into: until then a call throws value_error.
  static lstm init(const nn::lstm_options& o) {
    return {detail::empty_rnn_layers("quantized::lstm", nn::detail::layout_of(o)), o};
  }

  /// Undefined `state` is zero; steps where `mask` [N, T] is false keep the state and give zeros.
  ///
  /// **Throws** shape_error, value_error for a layer without a calibration, for an initial h outside [-1, 1] and a c
  /// that is not finite, gradient_error for tracked operands.
  nn::lstm_output<float, cpu> operator()(const tensor<float, cpu>& x, const lstm_state<float, cpu>& state = {},
                                         const tensor<bool, cpu>& mask = {}) const {
    const nn::rnn_layout layout = nn::detail::layout_of(opt);
    detail::check_rnn_operands("quantized::lstm", layout, x, {{"h0", &state.h}, {"c0", &state.c}}, mask);
    const std::int64_t batch = x.dim(0);
    const auto c = detail::own_state(layout, batch, state.c, [](float v) {
      if (!std::isfinite(v)) throw_value_error("quantized::lstm: an initial cell is not finite");
    });
    const auto h = detail::own_unit_state("quantized::lstm", layout, batch, state.h);
    const auto y = detail::run_rnn<4>("quantized::lstm", layout, weights, false, x, h, mask,
                                      [cells = c.array().data(), size = batch * opt.hidden](
                                          const auto& walk, const detail::packed_rnn&, std::int64_t index) {
                                        v0::detail::int8_lstm<>{walk, cells + index * size}.run();
                                      });
    return {nn::traced(*this, y), h, c};
  }
};

/// The 8-bit form of layers whose inputs lie in `r`.
///
/// **Throws** value_error that starts with `name` for an empty range, weights or biases that are not finite, and more
/// than 32768 inputs.
inline lstm quantize(const nn::lstm<float, cpu>& layer, const range& r, const std::string& name = "quantize") {
  return {detail::quantize_rnn_layers(name, layer.weights, layer.opt.bidirectional, r), layer.opt};
}

}  // namespace tensorlab::inline v0::quantized
