#pragma once

#include <concepts>
#include <string>

#include <tensorlab/core/type_list.hpp>
#include <tensorlab/nn/activation.hpp>
#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/one_pass.hpp>
#include <tensorlab/nn/option_text.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/dropout.hpp>

namespace tensorlab::inline v0::nn {

/// Settings of dropout and drop_path: the probability of dropping, in [0, 1).
struct dropout_options {
  double p = 0.5;
};
inline std::string to_string(const dropout_options& o) { return concat("p=", detail::number_text(o.p)); }

namespace detail {

/// A stream for one layer, different for each call with the same `rng`.
inline random::stream own_stream(const random::stream& rng) { return rng.split(rng.take(1)); }

inline void require_dropout(const char* layer, double p) {
  if (!(p >= 0 && p < 1)) throw_value_error(concat(layer, ": the probability of dropping must lie in [0, 1), got ", p));
}

}  // namespace detail

/// Zeroes elements at random in training and divides the others by 1 - p; passes its input in evaluation.
///
/// **Shapes**: any, unchanged.
struct dropout {
  dropout_options opt;
  random::stream rng;
  nn::mode mode;

  static constexpr auto fields() {
    return v0::fields("opt", &dropout::opt, "rng", &dropout::rng, "mode", &dropout::mode);
  }

  /// The layer draws from a stream of its own. **Throws** value_error unless 0 <= p < 1.
  static dropout init(const dropout_options& o, const random::stream& rng) {
    detail::require_dropout("dropout", o.p);
    return {o, detail::own_stream(rng), {}};
  }

  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, mode.training ? v0::dropout(x, opt.p, rng) : x);
  }
};

namespace detail {

/// Rules of the library's that give the same bits before a dropout in one pass and are no slower: not those without
/// `df` (ops/dropout.hpp), nor sigmoid and tanh, whose output two passes keep for the gradient and one pass would have
/// to compute again.
template <class Rule>
concept joins_dropout =
    is_listed<Rule, rule::activation_ops> && has_df<Rule> && !is_listed<Rule, type_list<rule::sigmoid, rule::tanh>>;

}  // namespace detail

/// An activation before a dropout, in training: one pass, unless a listener wants both outputs.
template <detail::joins_dropout Rule>
struct one_pass<activation<Rule>, dropout> {
  static bool applies(const activation<Rule>&, const dropout& second) { return second.mode.training && !is_traced(); }

  template <std::floating_point T, backend B>
  static tensor<T, B> call(const activation<Rule>& first, const dropout& second, const tensor<T, B>& x) {
    return v0::dropout(first.rule, x, second.opt.p, second.rng);
  }
};

/// Zeroes whole samples at random in training and divides the others by 1 - p: for the branch of a residual block.
///
/// **Shapes**: [N, ..], unchanged.
struct drop_path {
  dropout_options opt;
  random::stream rng;
  nn::mode mode;

  static constexpr auto fields() {
    return v0::fields("opt", &drop_path::opt, "rng", &drop_path::rng, "mode", &drop_path::mode);
  }

  /// The layer draws from a stream of its own. **Throws** value_error unless 0 <= p < 1.
  static drop_path init(const dropout_options& o, const random::stream& rng) {
    detail::require_dropout("drop_path", o.p);
    return {o, detail::own_stream(rng), {}};
  }

  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, mode.training ? v0::drop_path(x, opt.p, rng) : x);
  }
};

}  // namespace tensorlab::inline v0::nn
