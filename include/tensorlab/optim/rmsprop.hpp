#pragma once

#include <tensorlab/optim/optimiser.hpp>

namespace tensorlab::inline v0::optim {

/// Settings of RMSprop; the defaults are PyTorch's.
struct rmsprop_options {
  double lr = 1e-2;         // learning rate, at least 0
  double alpha = 0.99;      // decay of the squared gradient's average, in [0, 1)
  double eps = 1e-8;        // added to its root, at least 0
  double weight_decay = 0;  // L2 penalty, at least 0
  double momentum = 0;      // in [0, 1)
  bool centered = false;    // divide by the gradient's standard deviation instead of its root mean square
};

/// RMSprop, as PyTorch's: with d = g + weight_decay p, v the moving average of d^2 and, if centered, less the squared
/// moving average of d: b = momentum b + d / (sqrt(v) + eps); p -= lr b.
///
/// `rmsprop opt{net, {.lr = 1e-2}};` State: `square_avg`; with momentum or centered `grad_avg` and `momentum_buffer`
/// too.
/// **Throws** value_error for options out of range.
/// Tieleman and Hinton, Lecture 6.5 of Neural networks for machine learning, 2012; Graves, 2013 (centered).
template <class T = float, class B = cpu>
class rmsprop final : public optimiser<T, B> {
 public:
  template <trainable M>
  explicit rmsprop(M& module, const rmsprop_options& options = {}, const std::vector<parameter_group>& groups = {})
      : rmsprop(nn::named_parameters(module), options, groups) {}
  explicit rmsprop(const std::vector<nn::named_parameter<T, B>>& parameters, const rmsprop_options& options = {},
                   const std::vector<parameter_group>& groups = {})
      : optimiser<T, B>("rmsprop", options.lr, options.weight_decay, state_names(options)), options_(options) {
    detail::require_fraction("rmsprop", "alpha", options.alpha);
    detail::require_at_least_zero("rmsprop", "eps", options.eps);
    detail::require_fraction("rmsprop", "momentum", options.momentum);
    this->add(parameters, groups);
  }

 private:
  using work = typename optimiser<T, B>::work;

  static bool is_plain(const rmsprop_options& o) { return o.momentum == 0 && !o.centered; }
  static std::vector<const char*> state_names(const rmsprop_options& o) {
    if (is_plain(o)) return {"square_avg"};
    return {"square_avg", "grad_avg", "momentum_buffer"};
  }

  void update(std::span<const work> step) const override {
    const rmsprop_options& o = options_;
    if (is_plain(o))
      this->update_by(step, [&](const work& w) {
        return rule::rmsprop{w.lr, o.alpha, o.eps, w.weight_decay, w.factor};
      });
    else
      this->update_by(step, [&](const work& w) {
        return rule::rmsprop_general{w.lr, o.alpha, o.eps, w.weight_decay, o.momentum, o.centered, w.factor};
      });
  }

  rmsprop_options options_;
};

template <trainable M>
rmsprop(M&, rmsprop_options = {}, std::vector<parameter_group> = {})
    -> rmsprop<nn::value_type_of<M>, nn::backend_of<M>>;
template <class T, class B>
rmsprop(std::vector<nn::named_parameter<T, B>>, rmsprop_options = {}, std::vector<parameter_group> = {})
    -> rmsprop<T, B>;

}  // namespace tensorlab::inline v0::optim
