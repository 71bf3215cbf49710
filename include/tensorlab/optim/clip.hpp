#pragma once

#include <cmath>
#include <vector>

#include <tensorlab/optim/optimiser.hpp>

namespace tensorlab::inline v0::optim {

/// The L2 norm of all gradients together: sqrt(sum g^2); 0 if there are none.
///
/// Each gradient is summed on its device, the sums in double in the order of the list: the same bits every time.
template <class T, class B>
double grad_norm(const std::vector<nn::named_parameter<T, B>>& parameters) {
  std::vector<array<T, B>> gradients;
  for (const auto& p : parameters)
    if (p.value.grad().defined() && p.value.size() > 0) gradients.push_back(p.value.grad().array());
  if (gradients.empty()) return 0;
  // One array for all sums, so that a device is waited for once.
  const auto sums = array<T, B>::empty({static_cast<std::int64_t>(gradients.size())}, gradients.front().device());
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const shape& s = gradients[i].shape();
    B::reduce(rule::sum_squares{}, view<T>{sums.data() + i, s, dims::filled(s.rank(), 0)}, gradients[i].cview());
  }
  double total = 0;
  for (T sum : sums.to_host()) total += static_cast<double>(sum);
  return std::sqrt(total);
}

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
/// Pass a module or a list of parameters, for example `opt.parameters()`. **Throws** value_error unless max_norm > 0.
/// Pascanu et al., On the difficulty of training recurrent neural networks, 2013.
template <class T, class B>
double clip_grad_norm(const std::vector<nn::named_parameter<T, B>>& parameters, double max_norm) {
  if (!(max_norm > 0))
    throw_value_error(concat("clip_grad_norm: max_norm must be positive, got ", detail::number(max_norm)));
  const op_scope scope("clip_grad_norm", op_phase::optimiser);
  const double norm = grad_norm(parameters);
  const double scale = max_norm / (norm + 1e-6);
  if (!(scale >= 1)) detail::change_gradients(rule::mul_scalar{scale}, parameters);
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
