#pragma once

#include <array>

#include <tensorlab/core/capture.hpp>
#include <tensorlab/nn/batch_norm.hpp>
#include <tensorlab/nn/conv2d.hpp>
#include <tensorlab/ops/conv_relu.hpp>

namespace tensorlab::inline v0::nn {

namespace detail {

template <class T, class B>
void require_same_channels(const char* name, const conv2d<T, B>& conv, const batch_norm<T, B>& norm) {
  const std::int64_t out = conv.weight.shape()[0], features = norm.running_mean.shape()[0];
  if (out != features)
    throw_shape_error(concat(name, ": the normalisation is of other channels than the convolution's: weight ",
                             conv.weight.shape(), ", features ", features, " (", out, " vs ", features, ")"));
}

/// The weights and the bias of norm(conv(x)) in evaluation.
template <class T, class B>
std::array<tensor<T, B>, 2> folded_weights(const conv2d<T, B>& conv, const batch_norm<T, B>& norm) {
  const auto w = conv.weight.handle(), bias = value_or_undefined(conv.bias), gamma = value_or_undefined(norm.weight),
             beta = value_or_undefined(norm.bias), mean = norm.running_mean.handle(), var = norm.running_var.handle();
  const auto data = [](const tensor<T, B>& t) { return t.defined() ? t.array().data() : nullptr; };
  return perform_once({data(w), data(bias), data(gamma), data(beta), data(mean), data(var)}, [&] {
    const auto a = v0::detail::running_affine(gamma, beta, mean, var, norm.opt.eps);
    return std::array<tensor<T, B>, 2>{w * reshape(a.scale, {w.dim(0), 1, 1, 1}),
                                       bias.defined() ? a.shift + bias * a.scale : a.shift};
  });
}

/// norm(conv(x)) in evaluation, as the one convolution that `convolve(weight, bias, options)` computes.
template <class T, class B, class F>
tensor<T, B> folded_conv(const conv2d<T, B>& conv, const batch_norm<T, B>& norm, const F& convolve) {
  tensor<T, B> y;
  {
    const call_scope scope(conv);
    const auto [w, bias] = folded_weights(conv, norm);
    y = traced(
        conv,
        convolve(w, bias, v0::conv2d_options{conv.opt.stride, conv.opt.padding, conv.opt.dilation, conv.opt.groups}));
  }
  const call_scope scope(norm);
  return traced(norm, y);
}

}  // namespace detail

/// norm(conv(x)); in evaluation one convolution, whose weights and bias have the normalisation's factors in them.
///
/// w' = w gamma / sqrt(var + eps), b' = (b - mean) gamma / sqrt(var + eps) + beta. A step that `train::prepare` made
/// computes them once. **Shapes**: the convolution's. **Throws** shape_error, also for a normalisation of other
/// channels. Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
/// inference" (2018), section 3.2.
template <class T, class B>
tensor<T, B> conv_norm(const conv2d<T, B>& conv, const batch_norm<T, B>& norm, const tensor<T, B>& x) {
  detail::require_same_channels("conv_norm", conv, norm);
  if (norm.mode.training) return norm(conv(x));
  return detail::folded_conv(conv, norm, [&](const auto& w, const auto& bias, const auto& options) {
    return v0::conv2d(x, w, bias, options);
  });
}

/// max(norm(conv(x)) + residual, 0), conv_norm() with the end of a residual network's block: in training its sum and
/// activation are part of the normalisation's passes, in evaluation they are conv2d_relu's. An undefined `residual`
/// means none. **Throws** shape_error.
template <class T, class B>
tensor<T, B> conv_norm_relu(const conv2d<T, B>& conv, const batch_norm<T, B>& norm, const tensor<T, B>& x,
                            const tensor<T, B>& residual = {}) {
  detail::require_same_channels("conv_norm_relu", conv, norm);
  if (norm.mode.training) return norm.relu(conv(x), residual);
  return detail::folded_conv(conv, norm, [&](const auto& w, const auto& bias, const auto& options) {
    return conv2d_relu(x, w, bias, residual, options);
  });
}

}  // namespace tensorlab::inline v0::nn
