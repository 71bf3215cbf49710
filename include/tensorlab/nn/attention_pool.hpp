#pragma once

#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/linear.hpp>
#include <tensorlab/ops/attention.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of an attention pool: the number of features.
struct attention_pool_options {
  std::int64_t in = 0;
};
inline std::string to_string(const attention_pool_options& o) { return concat("in=", o.in); }

/// A weighted mean over time whose weights are learnt: a = softmax over t of w(x_t), y = sum_t a_t x_t.
///
/// The bias of `w` has no influence: a softmax does not change when all its inputs shift.
/// **Shapes**: x [N, T, in], mask [N, T] -> y [N, in]. Lin et al., "A structured self-attentive sentence embedding"
/// (2017).
template <class T = float, backend B = cpu>
struct attention_pool {
  linear<T, B> w;
  attention_pool_options opt;

  static constexpr auto fields() { return v0::fields("w", &attention_pool::w, "opt", &attention_pool::opt); }

  static attention_pool init(const attention_pool_options& o, const random::stream& rng) {
    return {linear<T, B>::init({.in = o.in, .out = 1}, rng), o};
  }

  /// Steps where `mask` is false count for nothing; an undefined mask means that all are true. **Throws** shape_error.
  tensor<T, B> operator()(const tensor<T, B>& x, const tensor<bool, B>& mask = {}) const {
    const call_scope scope(*this);
    return traced(*this, v0::attention_pool(x, w(x), mask));
  }
};

}  // namespace tensorlab::inline v0::nn
