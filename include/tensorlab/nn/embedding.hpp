#pragma once

#include <optional>
#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/init.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/index.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of an embedding.
struct embedding_options {
  std::int64_t count = 0, dim = 0;
  std::optional<std::int64_t> padding = std::nullopt;  // an id whose row is zero at first and is not trained
};
inline std::string to_string(const embedding_options& o) {
  return concat("count=", o.count, ", dim=", o.dim, o.padding ? concat(", padding=", *o.padding) : "");
}

/// A table of vectors, one per id.
///
/// **Shapes**: ids [..] -> y [.., dim]; weight [count, dim].
template <class T = float, backend B = cpu>
struct embedding {
  parameter<T, B> weight;
  embedding_options opt;

  static constexpr auto fields() { return v0::fields("weight", &embedding::weight, "opt", &embedding::opt); }

  /// Rows of standard normal numbers, as PyTorch's default. **Throws** value_error.
  static embedding init(const embedding_options& o, const random::stream& rng) {
    require_positive("embedding", {o.count, o.dim});
    if (o.padding && (*o.padding < 0 || *o.padding >= o.count))
      throw_value_error(concat("embedding: padding ", *o.padding, " is not one of ", o.count, " ids"));
    embedding e;
    e.opt = o;
    auto w = tensor<T, B>::normal({o.count, o.dim}, rng);
    if (o.padding) w = masked_fill(w, unsqueeze(equal(tensor<std::int64_t, B>::arange(o.count), *o.padding), 1), T(0));
    e.weight = parameter<T, B>(w);
    return e;
  }

  /// **Throws** shape_error for an id outside [0, count).
  tensor<T, B> operator()(const tensor<std::int64_t, B>& ids) const {
    const call_scope scope(*this);
    auto y = v0::embedding(weight.handle(), ids);
    if (opt.padding) y = where(unsqueeze(equal(ids, *opt.padding), -1), stop_gradient(y), y);
    return traced(*this, y);
  }
};

}  // namespace tensorlab::inline v0::nn
