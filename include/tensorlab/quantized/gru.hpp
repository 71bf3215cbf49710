#pragma once

#include <tensorlab/nn/gru.hpp>
#include <tensorlab/quantized/rnn_layer.hpp>

namespace tensorlab::inline v0::quantized {

/// Gated recurrent layers with 8-bit weights, inputs and states and gates in float, for inference; the equation is
/// gru_direction's with products as in quantized::linear.
///
/// The first layer's inputs have the calibrated range; states, and so the inputs of the other layers, lie in [-1, 1].
/// The state itself is kept in float. There is no dropout. A value that is not finite makes its sequence NaN from there
/// on.
/// **Shapes**: as nn::gru's.
struct gru {
  using value_type = float;
  using backend_type = cpu;
  static constexpr const char* type_name = "quantized::gru";

  std::vector<rnn_layer> weights;  // layer 0 forward, layer 0 reverse, layer 1 forward, ...
  nn::gru_options opt;

  static constexpr auto fields() { return v0::fields("weights", &gru::weights, "opt", &gru::opt); }
  /// The names are PyTorch's with those of the scales and ranges: weight_ih_l0, scale_ih_l0, .., input_range_l0.
  template <class F>
  void for_each_field(F&& f) {
    detail::for_each_rnn_field(weights, opt.bidirectional, f);
    f("opt", opt);
  }

  /// Layers to load a state into: until then a call throws value_error.
  static gru init(const nn::gru_options& o) {
    return {detail::empty_rnn_layers("quantized::gru", nn::detail::layout_of(o)), o};
  }

  /// Undefined `h0` is zero; steps where `mask` [N, T] is false keep the state and give zeros.
  ///
  /// **Throws** shape_error, value_error for a layer without a calibration and for initial states outside [-1, 1],
  /// gradient_error for tracked operands.
  nn::gru_output<float, cpu> operator()(const tensor<float, cpu>& x, const tensor<float, cpu>& h0 = {},
                                        const tensor<bool, cpu>& mask = {}) const {
    const nn::rnn_layout layout = nn::detail::layout_of(opt);
    detail::check_rnn_operands("quantized::gru", layout, x, {{"h0", &h0}}, mask);
    const auto h = detail::own_unit_state("quantized::gru", layout, x.dim(0), h0);
    const auto y =
        detail::run_rnn<3>("quantized::gru", layout, weights, opt.reset_after, x, h, mask,
                           [after = opt.reset_after](const auto& walk, const detail::packed_rnn& p, std::int64_t) {
                             const float* const b_n = p.hidden_n.empty() ? nullptr : p.hidden_n.data();
                             v0::detail::int8_gru<>{walk, b_n, after}.run();
                           });
    return {nn::traced(*this, y), h};
  }
};

/// The 8-bit form of layers whose inputs lie in `r`.
///
/// **Throws** value_error that starts with `name` for an empty range, weights or biases that are not finite, and more
/// than 32768 inputs.
inline gru quantize(const nn::gru<float, cpu>& layer, const range& r, const std::string& name = "quantize") {
  return {detail::quantize_rnn_layers(name, layer.weights, layer.opt.bidirectional, r), layer.opt};
}

}  // namespace tensorlab::inline v0::quantized
