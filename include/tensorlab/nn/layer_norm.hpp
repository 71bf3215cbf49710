#pragma once

#include <optional>
#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/init.hpp>
#include <tensorlab/nn/option_text.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/norm.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of a layer normalisation: the trailing dimensions, `{.normalized = {64}}`.
struct layer_norm_options {
  shape normalized = {};
  double eps = 1e-5;
  bool affine = true;
  bool bias = true;
};
inline std::string to_string(const layer_norm_options& o) {
  return concat("normalized=", o.normalized, ", eps=", detail::number_text(o.eps), o.affine ? "" : ", affine=false",
                o.affine && !o.bias ? ", bias=false" : "");
}

/// y = (x - mean) / sqrt(var + eps) weight + bias over the trailing dimensions.
///
/// **Shapes**: x [.., normalized], unchanged; weight and bias [normalized].
template <class T = float, backend B = cpu>
struct layer_norm {
  std::optional<parameter<T, B>> weight, bias;
  layer_norm_options opt;

  static constexpr auto fields() {
    return v0::fields("weight", &layer_norm::weight, "bias", &layer_norm::bias, "opt", &layer_norm::opt);
  }

  /// Weight 1 and bias 0. **Throws** value_error for no or an empty dimension.
  static layer_norm init(const layer_norm_options& o, const random::stream& = {}) {
    require_positive("layer_norm", {o.normalized.rank(), o.normalized.size()});
    layer_norm l;
    l.opt = o;
    if (o.affine) l.weight = parameter<T, B>(tensor<T, B>::ones(o.normalized));
    if (o.affine && o.bias) l.bias = parameter<T, B>(tensor<T, B>::zeros(o.normalized));
    return l;
  }

  /// **Throws** shape_error if the last dimensions of x are others.
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this,
                  v0::layer_norm(x, opt.normalized, value_or_undefined(weight), value_or_undefined(bias), opt.eps));
  }
};

}  // namespace tensorlab::inline v0::nn
