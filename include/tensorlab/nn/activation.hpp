#pragma once

#include <string>

#include <tensorlab/nn/call_scope.hpp>
#include <tensorlab/nn/trace.hpp>
#include <tensorlab/nn/visit.hpp>
#include <tensorlab/ops/activation.hpp>

/// Activation functions as layers without parameters: `relu{}` in a sequential. **Shapes**: any, unchanged.
namespace tensorlab::inline v0::nn {

/// A layer that applies an elementwise rule.
template <class Rule>
struct activation {
  Rule rule{};

  static constexpr auto type_name = Rule::name;
  static constexpr auto fields() { return v0::fields("rule", &activation::rule); }

  template <class T, backend B>
  tensor<T, B> operator()(const tensor<T, B>& x) const {
    const call_scope scope(*this);
    return traced(*this, apply(rule, x));
  }
};

using relu = activation<rule::relu>;
using relu6 = activation<rule::relu6>;
using leaky_relu = activation<rule::leaky_relu>;
using elu = activation<rule::elu>;
using sigmoid = activation<rule::sigmoid>;
using tanh = activation<rule::tanh>;
using softplus = activation<rule::softplus>;
using silu = activation<rule::silu>;
using gelu = activation<rule::gelu>;
using gelu_tanh = activation<rule::gelu_tanh>;
using mish = activation<rule::mish>;
using log_sigmoid = activation<rule::log_sigmoid>;
using relu_squared = activation<rule::relu_squared>;
using softsign = activation<rule::softsign>;

}  // namespace tensorlab::inline v0::nn
