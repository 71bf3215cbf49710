#pragma once

#include <tensorlab/optim/optimiser.hpp>

namespace tensorlab::inline v0::optim {

/// Settings of stochastic gradient descent.
struct sgd_options {
  double lr = 1e-3;         // learning rate, at least 0
  double momentum = 0;      // in [0, 1)
  double dampening = 0;     // share of a gradient that does not enter the momentum, in [0, 1]
  double weight_decay = 0;  // L2 penalty, at least 0
  bool nesterov = false;    // needs momentum and no dampening
};

/// Stochastic gradient descent with momentum, as PyTorch's: d = g + weight_decay p; b = d in a parameter's first step,
/// then momentum b + (1 - dampening) d; p -= lr b, with nesterov p -= lr (d + momentum b).
///
/// `sgd opt{net, {.lr = 0.1, .momentum = 0.9}};` State: `momentum_buffer`, only with momentum.
/// **Throws** value_error for options out of range.
/// Sutskever et al., On the importance of initialization and momentum in deep learning, 2013.
template <class T = float, class B = cpu>
class sgd final : public optimiser<T, B> {
 public:
  template <trainable M>
  explicit sgd(M& module, const sgd_options& options = {}, const std::vector<parameter_group>& groups = {})
      : sgd(nn::named_parameters(module), options, groups) {}
  explicit sgd(const std::vector<nn::named_parameter<T, B>>& parameters, const sgd_options& options = {},
               const std::vector<parameter_group>& groups = {})
      : optimiser<T, B>("sgd", options.lr, options.weight_decay, state_names(options)), options_(options) {
    detail::require_fraction("sgd", "momentum", options.momentum);
    if (!(options.dampening >= 0 && options.dampening <= 1))
      throw_value_error(concat("sgd: dampening must be in [0, 1], got ", detail::number(options.dampening)));
    if (options.nesterov && (options.momentum == 0 || options.dampening != 0))
      throw_value_error(concat("sgd: nesterov needs momentum and no dampening (momentum ",
                               detail::number(options.momentum), ", dampening ", detail::number(options.dampening),
                               ")"));
    this->add(parameters, groups);
  }

 private:
  using work = typename optimiser<T, B>::work;

  static std::vector<const char*> state_names(const sgd_options& o) {
    return o.momentum == 0 ? std::vector<const char*>{} : std::vector<const char*>{"momentum_buffer"};
  }

  void update(std::span<const work> step) const override {
    const sgd_options& o = options_;
    if (o.momentum == 0)
      this->update_by(step, [](const work& w) { return rule::sgd{w.lr, w.weight_decay, w.factor}; });
    else
      this->update_by(step, [&](const work& w) {
        return rule::sgd_momentum{.lr = w.lr,
                                  .l2 = w.weight_decay,
                                  .momentum = o.momentum,
                                  .intake = w.step == 1 ? 1 : 1 - o.dampening,
                                  .direct = o.nesterov ? 1.0 : 0.0,
                                  .buffered = o.nesterov ? o.momentum : 1,
                                  .factor = w.factor};
      });
  }

  sgd_options options_;
};

template <trainable M>
sgd(M&, sgd_options = {}, std::vector<parameter_group> = {}) -> sgd<nn::value_type_of<M>, nn::backend_of<M>>;
template <class T, class B>
sgd(std::vector<nn::named_parameter<T, B>>, sgd_options = {}, std::vector<parameter_group> = {}) -> sgd<T, B>;

}  // namespace tensorlab::inline v0::optim
