#pragma once

#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/reshape.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of flatten: the dimensions to join, both included; negative ones count from the end.
struct flatten_options {
  int first = 1, last = -1;
};
inline std::string to_string(const flatten_options& o) { return concat("first=", o.first, ", last=", o.last); }

/// Joins dimensions in row-major order: `flatten{}` makes [N, ..] a matrix.
struct flatten {
  flatten_options opt;

  static constexpr auto fields() { return v0::fields("opt", &flatten::opt); }

  /// **Throws** shape_error if x has not these dimensions.
  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, v0::flatten(x, opt.first, opt.last));
  }
};

}  // namespace tensorlab::inline v0::nn
