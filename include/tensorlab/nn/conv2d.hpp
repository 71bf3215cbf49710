#pragma once

#include <optional>
#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/init.hpp>
#include <tensorlab/nn/option_text.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/conv.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of a 2-D convolution; a window is a number or {height, width}.
struct conv2d_options {
  std::int64_t in = 0, out = 0;
  window_pair kernel = 1;
  window_pair stride = 1;
  window_padding padding = 0;
  window_pair dilation = 1;
  std::int64_t groups = 1;
  bool bias = true;
};
inline std::string to_string(const conv2d_options& o) {
  return concat("in=", o.in, ", out=", o.out, ", kernel=", o.kernel,
                detail::window_text(o.stride, o.padding, o.dilation, o.groups), o.bias ? "" : ", bias=false");
}

/// A convolution over height and width; the equation is conv2d's in ops/conv.hpp.
///
/// **Shapes**: x [N, in, H, W] -> y [N, out, P, Q], P = floor((H + padding - dilation (kernel - 1) - 1) / stride) + 1;
/// weight [out, in / groups, R, S], bias [out].
template <class T = float, backend B = cpu>
struct conv2d {
  parameter<T, B> weight;
  std::optional<parameter<T, B>> bias;
  conv2d_options opt;

  static constexpr auto fields() {
    return v0::fields("weight", &conv2d::weight, "bias", &conv2d::bias, "opt", &conv2d::opt);
  }

  /// Weights and bias uniform in +-1 / sqrt(in / groups R S), as PyTorch's default. **Throws** value_error.
  static conv2d init(const conv2d_options& o, const random::stream& rng) {
    require_positive("conv2d", {o.in, o.out, o.kernel.height, o.kernel.width, o.groups});
    require_divisible("conv2d", {o.in, o.out}, o.groups);
    conv2d c;
    c.opt = o;
    const shape s{o.out, o.in / o.groups, o.kernel.height, o.kernel.width};
    c.weight = parameter<T, B>(torch_uniform<T, B>(s, fans_of(s).in, rng));
    if (o.bias) c.bias = parameter<T, B>(torch_uniform<T, B>({o.out}, fans_of(s).in, rng));
    return c;
  }

  /// **Throws** shape_error unless x is [N, in, H, W], padded at least as large as the kernel's reach.
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::conv2d(x, weight.handle(), value_or_undefined(bias),
                                    {opt.stride, opt.padding, opt.dilation, opt.groups}));
  }
};

}  // namespace tensorlab::inline v0::nn
