#pragma once

#include <optional>
#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/init.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/linalg.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of a linear layer.
struct linear_options {
  std::int64_t in = 0, out = 0;
  bool bias = true;
};
inline std::string to_string(const linear_options& o) {
  return concat("in=", o.in, ", out=", o.out, o.bias ? "" : ", bias=false");
}

/// A fully connected layer: y = x W^T + b.
///
/// **Shapes**: x [.., in] -> y [.., out]; weight [out, in], bias [out].
template <class T = float, backend B = cpu>
struct linear {
  parameter<T, B> weight;
  std::optional<parameter<T, B>> bias;
  linear_options opt;

  static constexpr auto fields() {
    return v0::fields("weight", &linear::weight, "bias", &linear::bias, "opt", &linear::opt);
  }

  /// Weights and bias uniform in +-1 / sqrt(in), as PyTorch's default.
  static linear init(const linear_options& o, const random::stream& rng) {
    require_positive("linear", {o.in, o.out});
    linear l;
    l.opt = o;
    l.weight = parameter<T, B>(torch_uniform<T, B>({o.out, o.in}, o.in, rng));
    if (o.bias) l.bias = parameter<T, B>(torch_uniform<T, B>({o.out}, o.in, rng));
    return l;
  }

  /// **Throws** shape_error if the last dimension of x is not `in`.
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    show_input(*this, x);
    return traced(*this, v0::linear(x, weight.handle(), value_or_undefined(bias)));
  }
};

}  // namespace tensorlab::inline v0::nn
