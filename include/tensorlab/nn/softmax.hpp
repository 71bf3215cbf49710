#pragma once

#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/ops/softmax.hpp>

/// Softmax as a layer without parameters: `softmax{}` in a sequential. **Shapes**: any, unchanged.
namespace tensorlab::inline v0::nn {

/// Settings of softmax and log_softmax: the dimension that sums to one; negative ones count from the end.
struct softmax_options {
  int axis = -1;
};
inline std::string to_string(const softmax_options& o) { return concat("axis=", o.axis); }

/// y = e^x / sum e^x along an axis. A loss of logits (cross_entropy) takes what comes before it.
struct softmax {
  softmax_options opt;

  static constexpr auto fields() { return v0::fields("opt", &softmax::opt); }

  /// **Throws** shape_error if x has not this axis.
  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::softmax(x, opt.axis));
  }
};

/// y = x - ln sum e^x along an axis: what nll_loss takes.
struct log_softmax {
  softmax_options opt;

  static constexpr auto fields() { return v0::fields("opt", &log_softmax::opt); }

  /// **Throws** shape_error if x has not this axis.
  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::log_softmax(x, opt.axis));
  }
};

}  // namespace tensorlab::inline v0::nn
