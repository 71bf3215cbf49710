#pragma once

#include <optional>
#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/init.hpp>
#include <tensorlab/nn/option_text.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/batch_norm_relu.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of a batch normalisation.
struct batch_norm_options {
  std::int64_t features = 0;
  double eps = 1e-5;
  std::optional<double> momentum = 0.1;  // share of the batch in the running statistics; none: their plain average
  bool affine = true;
};
inline std::string to_string(const batch_norm_options& o) {
  return concat("features=", o.features, ", eps=", detail::number_text(o.eps),
                o.momentum ? concat(", momentum=", detail::number_text(*o.momentum)) : ", momentum=none",
                o.affine ? "" : ", affine=false");
}

/// y = (x - mean) / sqrt(var + eps) weight + bias per channel, with the batch's statistics in training and the running
/// ones in evaluation; the equations are those of batch_norm in ops/norm.hpp.
///
/// **Shapes**: x [N, features], [N, features, L] or [N, features, H, W], unchanged; weight, bias, running_mean,
/// running_var [features], num_batches_tracked [].
template <class T = float, backend B = cpu>
struct batch_norm {
  std::optional<parameter<T, B>> weight, bias;
  buffer<T, B> running_mean, running_var;
  buffer<std::int64_t, B> num_batches_tracked;
  batch_norm_options opt;
  nn::mode mode;

  static constexpr auto fields() {
    return v0::fields("weight", &batch_norm::weight, "bias", &batch_norm::bias, "running_mean",
                      &batch_norm::running_mean, "running_var", &batch_norm::running_var, "num_batches_tracked",
                      &batch_norm::num_batches_tracked, "opt", &batch_norm::opt, "mode", &batch_norm::mode);
  }

  /// Weight 1, bias 0, running mean 0 and variance 1. **Throws** value_error.
  static batch_norm init(const batch_norm_options& o, const random::stream& = {}) {
    require_positive("batch_norm", {o.features});
    batch_norm n;
    n.opt = o;
    const shape s{o.features};
    if (o.affine) n.weight = parameter<T, B>(tensor<T, B>::ones(s));
    if (o.affine) n.bias = parameter<T, B>(tensor<T, B>::zeros(s));
    n.running_mean = buffer<T, B>(tensor<T, B>::zeros(s));
    n.running_var = buffer<T, B>(tensor<T, B>::ones(s));
    n.num_batches_tracked = buffer<std::int64_t, B>(tensor<std::int64_t, B>::zeros({}));
    return n;
  }

  /// In training the buffers change in place. **Throws** shape_error for other channels and, in training, for one value
  /// per channel.
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    return run([&](const auto& gamma, const auto& beta, const auto& mean, const auto& var, const auto& o) {
      return v0::batch_norm(x, gamma, beta, mean, var, o);
    });
  }

  /// max((*this)(x) + residual, 0) in the passes of the normalisation alone (batch_norm_relu in
  /// ops/batch_norm_relu.hpp); an undefined `residual` means none. **Throws** as above, and shape_error for a residual
  /// of another shape.
  tensor<T, B> relu(const tensor<T, B>& x, const tensor<T, B>& residual = {}) const {
    return run([&](const auto& gamma, const auto& beta, const auto& mean, const auto& var, const auto& o) {
      return v0::batch_norm_relu(x, gamma, beta, mean, var, o, residual);
    });
  }

 private:
  template <class F>
  tensor<T, B> run(const F& normalise) const {
    const call_scope scope(*this);
    double share = opt.momentum.value_or(0);
    const auto seen = num_batches_tracked.handle();
    if (mode.training && !opt.momentum) share = 1.0 / static_cast<double>(seen.item() + 1);
    auto y = normalise(value_or_undefined(weight), value_or_undefined(bias), running_mean.handle(),
                       running_var.handle(), v0::batch_norm_options{mode.training, share, opt.eps});
    if (mode.training && !recomputing()) count(seen);
    return traced(*this, y);
  }
  static void count(tensor<std::int64_t, B> seen) {
    seen.assign(seen + tensor<std::int64_t, B>::scalar(1, seen.device()));
  }
};

}  // namespace tensorlab::inline v0::nn
