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

/// Settings of a 1-D convolution.
struct conv1d_options {
  std::int64_t in = 0, out = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  line_padding padding = 0;
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
  bool bias = true;
};
inline std::string to_string(const conv1d_options& o) {
  return concat("in=", o.in, ", out=", o.out, ", kernel=", o.kernel,
                detail::window_text(o.stride, o.padding, o.dilation, o.groups), o.bias ? "" : ", bias=false");
}

/// A convolution along one dimension; the equation is conv1d's in ops/conv.hpp.
///
/// **Shapes**: x [N, in, L] -> y [N, out, floor((L + padding - dilation (kernel - 1) - 1) / stride) + 1];
/// weight [out, in / groups, kernel], bias [out].
template <class T = float, backend B = cpu>
struct conv1d {
  parameter<T, B> weight;
  std::optional<parameter<T, B>> bias;
  conv1d_options opt;

  static constexpr auto fields() {
    return v0::fields("weight", &conv1d::weight, "bias", &conv1d::bias, "opt", &conv1d::opt);
  }

  /// Weights and bias uniform in +-1 / sqrt(in / groups kernel), as PyTorch's default. **Throws** value_error.
  static conv1d init(const conv1d_options& o, const random::stream& rng) {
    require_positive("conv1d", {o.in, o.out, o.kernel, o.groups});
    require_divisible("conv1d", {o.in, o.out}, o.groups);
    conv1d c;
    c.opt = o;
    const shape s{o.out, o.in / o.groups, o.kernel};
    c.weight = parameter<T, B>(torch_uniform<T, B>(s, fans_of(s).in, rng));
    if (o.bias) c.bias = parameter<T, B>(torch_uniform<T, B>({o.out}, fans_of(s).in, rng));
    return c;
  }

  /// **Throws** shape_error unless x is [N, in, L] with L + padding at least the kernel's reach.
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::conv1d(x, weight.handle(), value_or_undefined(bias),
                                    {opt.stride, opt.padding, opt.dilation, opt.groups}));
  }
};

}  // namespace tensorlab::inline v0::nn
