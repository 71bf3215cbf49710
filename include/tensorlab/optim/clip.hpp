#pragma once

#include <vector>

#include <tensorlab/optim/optimiser.hpp>

namespace tensorlab::inline v0::optim {

namespace detail {

template <class R, class T, class B>
void change_gradients(const R& rule, const std::vector<nn::named_parameter<T, B>>& parameters) {
  for (const auto& p : parameters) {
    if (!p.value.grad().defined()) continue;
    const array<T, B> g = p.value.grad().array();
    if (g.size() == 0) continue;
    B::map(rule, g.view(), g.cview());
    g.storage()->bump_version();
  }
}

}  // namespace detail

/// Scales all gradients by min(1, max_norm / (norm + 1e-6)), in place, where norm is that of all gradients together;
/// returns the norm before. A norm that is not finite makes the gradients NaN, as in PyTorch.
///
/// Pass a module or a list of parameters, for example `opt.parameters()`. `opt.step({.max_norm = 1})` does it on the
/// way.
/// **Throws** value_error unless max_norm > 0.
/// Pascanu et al., On the difficulty of training recurrent neural networks, 2013.
template <class T, class B>
double clip_grad_norm(const std::vector<nn::named_parameter<T, B>>& parameters, double max_norm) {
  if (!(max_norm > 0))
    throw_value_error(concat("clip_grad_norm: max_norm must be positive, got ", detail::number(max_norm)));
  const op_scope scope("clip_grad_norm", op_phase::optimiser);
  const double norm = grad_norm(parameters);
  const double scale = detail::limiting_factor(norm, max_norm);
  if (scale != 1) detail::change_gradients(rule::mul_scalar{scale}, parameters);
  return norm;
}
template <trainable M>
double clip_grad_norm(M& module, double max_norm) {
  return clip_grad_norm(nn::named_parameters(module), max_norm);
}

/// Limits every element of every gradient to [-limit, limit], in place; NaN stays.
///
/// Pass a module or a list of parameters. **Throws** value_error unless limit > 0.
template <class T, class B>
void clip_grad_value(const std::vector<nn::named_parameter<T, B>>& parameters, double limit) {
  if (!(limit > 0)) throw_value_error(concat("clip_grad_value: limit must be positive, got ", detail::number(limit)));
  const op_scope scope("clip_grad_value", op_phase::optimiser);
  detail::change_gradients(rule::clamp{-limit, limit}, parameters);
}
template <trainable M>
void clip_grad_value(M& module, double limit) {
  clip_grad_value(nn::named_parameters(module), limit);
}

}  // namespace tensorlab::inline v0::optim
