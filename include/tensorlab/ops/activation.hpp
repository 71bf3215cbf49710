#pragma once

#include <concepts>

#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/rule/activation.hpp>

/// Activation functions: any shape to the same shape and memory order, with gradient. The rules with their derivatives
/// are in rule/activation.hpp.
namespace tensorlab::inline v0 {

/// max(x, 0), with slope 0 at 0.
template <std::floating_point T, backend B>
tensor<T, B> relu(const tensor<T, B>& x) {
  return apply(rule::relu{}, x);
}

/// x for x > 0, slope x otherwise.
template <std::floating_point T, backend B>
tensor<T, B> leaky_relu(const tensor<T, B>& x, double slope = 0.01) {
  return apply(rule::leaky_relu{slope}, x);
}

/// min(max(x, 0), 6), with slope 0 at 0 and 6.
template <std::floating_point T, backend B>
tensor<T, B> relu6(const tensor<T, B>& x) {
  return apply(rule::relu6{}, x);
}

/// max(x, 0)^2 (So et al., "Primer", 2021).
template <std::floating_point T, backend B>
tensor<T, B> relu_squared(const tensor<T, B>& x) {
  return apply(rule::relu_squared{}, x);
}

/// x for x > 0, alpha (e^x - 1) otherwise (Clevert et al., 2016).
template <std::floating_point T, backend B>
tensor<T, B> elu(const tensor<T, B>& x, double alpha = 1) {
  return apply(rule::elu{alpha}, x);
}

/// 1 / (1 + e^-x).
template <std::floating_point T, backend B>
tensor<T, B> sigmoid(const tensor<T, B>& x) {
  return apply(rule::sigmoid{}, x);
}

/// ln(1 / (1 + e^-x)), without overflow.
template <std::floating_point T, backend B>
tensor<T, B> log_sigmoid(const tensor<T, B>& x) {
  return apply(rule::log_sigmoid{}, x);
}

/// The hyperbolic tangent.
template <std::floating_point T, backend B>
tensor<T, B> tanh(const tensor<T, B>& x) {
  return apply(rule::tanh{}, x);
}

/// ln(1 + e^x), without overflow.
template <std::floating_point T, backend B>
tensor<T, B> softplus(const tensor<T, B>& x) {
  return apply(rule::softplus{}, x);
}

/// x sigmoid(x) (Elfwing et al., 2018), also called swish.
template <std::floating_point T, backend B>
tensor<T, B> silu(const tensor<T, B>& x) {
  return apply(rule::silu{}, x);
}

/// x (1 + erf(x / sqrt 2)) / 2 (Hendrycks and Gimpel, 2016).
template <std::floating_point T, backend B>
tensor<T, B> gelu(const tensor<T, B>& x) {
  return apply(rule::gelu{}, x);
}

/// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, the approximation of gelu.
template <std::floating_point T, backend B>
tensor<T, B> gelu_tanh(const tensor<T, B>& x) {
  return apply(rule::gelu_tanh{}, x);
}

/// x tanh(softplus(x)) (Misra, 2020).
template <std::floating_point T, backend B>
tensor<T, B> mish(const tensor<T, B>& x) {
  return apply(rule::mish{}, x);
}

/// x / (1 + |x|): like tanh, with slower tails (Turian et al., 2009).
template <std::floating_point T, backend B>
tensor<T, B> softsign(const tensor<T, B>& x) {
  return apply(rule::softsign{}, x);
}

}  // namespace tensorlab::inline v0
