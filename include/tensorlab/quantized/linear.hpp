#pragma once

#include <memory>

#include <tensorlab/nn/linear.hpp>
#include <tensorlab/quantized/packing.hpp>
#include <tensorlab/quantized/range.hpp>

namespace tensorlab::inline v0::quantized {

namespace detail {

/// A layer's weights as its kernel reads them.
struct packed_linear {
  byte_scale input;
  int8_strips weights;
};

}  // namespace detail

/// A fully connected layer with 8-bit weights and activations, for inference: y = s_x s_w sum (q_x - z) q_w + b.
///
/// q_x = clamp(round(x / s_x) + z, 0, 255), one scale s_x and zero point z from `input_range`; q_w in [-127, 127], one
/// scale s_w per output; the sums are exact in 32 bits. Jacob et al., "Quantization and training of neural networks for
/// efficient integer-arithmetic-only inference" (2018). A row of x with a value that is not finite gives NaN.
/// **Shapes**: x [.., in] -> y [.., out]; weight [out, in], scale and bias [out], input_range [2].
struct linear {
  using value_type = float;
  using backend_type = cpu;
  static constexpr const char* type_name = "quantized::linear";

  buffer<std::int8_t, cpu> weight;
  buffer<float, cpu> scale, bias;  // an undefined bias is none
  buffer<float, cpu> input_range;
  nn::linear_options opt;
  detail::packing<detail::packed_linear> packed;

  static constexpr auto fields() {
    return v0::fields("weight", &linear::weight, "scale", &linear::scale, "bias", &linear::bias, "input_range",
                      &linear::input_range, "opt", &linear::opt, "packed", &linear::packed);
  }

  /// A layer to load a state into: until then a call throws value_error.
  static linear init(const nn::linear_options& o) {
    nn::require_positive("quantized::linear", {o.in, o.out});
    int8_matrix w = detail::zero_matrix("quantized::linear", o.out, o.in);
    return {std::move(w.values), std::move(w.scale), detail::zero_bias(o.bias, o.out), detail::range_buffer({}), o, {}};
  }

  /// **Throws** shape_error if the last dimension of x is not `in`, value_error for a layer without a calibration,
  /// gradient_error for a tracked x.
  tensor<float, cpu> operator()(const tensor<float, cpu>& x) const {
    detail::require_untracked("quantized::linear", x);
    if (x.rank() == 0 || x.dim(-1) != opt.in)
      throw_shape_error(concat("quantized::linear: input features differ: input ", x.shape(), ", weight ",
                               weight.shape(), " (", x.rank() == 0 ? 0 : x.dim(-1), " vs ", opt.in, ")"));
    shape to = x.shape();
    to[to.rank() - 1] = opt.out;
    const auto y = tensor<float, cpu>::empty(to);
    const auto dense = x.array().contiguous();
    packed.perform(
        detail::blocks_of(weight, scale, input_range),
        [w = weight.handle(), s = scale.handle(), r = input_range.handle(), in = opt.in, out = opt.out] {
          const auto bytes = detail::byte_scale_of(detail::require_calibrated("quantized::linear", r));
          return std::shared_ptr<const detail::packed_linear>(
              new detail::packed_linear{bytes, detail::int8_strips(w.span().data(), s.span().data(), out, in, bytes)});
        },
        [to = y.array().data(), from = dense.data(), rows = x.size() / opt.in, in = opt.in, out = opt.out,
         b = bias.handle()](const detail::packed_linear& p) {
          v0::detail::int8_linear<>{to,  from,      rows,    in,
                                    out, p.weights, p.input, b.defined() ? b.span().data() : nullptr}
              .run();
        });
    return nn::traced(*this, y);
  }
};

/// The 8-bit form of a layer whose inputs lie in `r`.
///
/// **Throws** value_error that starts with `name` for an empty range, weights or biases that are not finite, and more
/// than 32768 inputs.
inline linear quantize(const nn::linear<float, cpu>& layer, const range& r, const std::string& name = "quantize") {
  detail::require_range(name, r);
  int8_matrix w = quantize_rows(name, layer.weight);
  return {std::move(w.values),     std::move(w.scale), detail::copied_bias(name, layer.bias),
          detail::range_buffer(r), layer.opt,          {}};
}

}  // namespace tensorlab::inline v0::quantized
