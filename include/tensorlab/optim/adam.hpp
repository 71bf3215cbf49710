#pragma once

#include <cmath>

#include <tensorlab/optim/optimiser.hpp>

namespace tensorlab::inline v0::optim {

/// Settings of Adam; the defaults are PyTorch's.
struct adam_options {
  double lr = 1e-3;         // learning rate, at least 0
  double beta1 = 0.9;       // decay of the gradient's average, in [0, 1)
  double beta2 = 0.999;     // decay of the squared gradient's average, in [0, 1)
  double eps = 1e-8;        // added to the root of the latter, at least 0
  double weight_decay = 0;  // L2 penalty, at least 0
  bool amsgrad = false;     // divide by the largest average so far
};
/// Settings of AdamW; the defaults are PyTorch's.
struct adamw_options {
  double lr = 1e-3;            // learning rate, at least 0
  double beta1 = 0.9;          // decay of the gradient's average, in [0, 1)
  double beta2 = 0.999;        // decay of the squared gradient's average, in [0, 1)
  double eps = 1e-8;           // added to the root of the latter, at least 0
  double weight_decay = 1e-2;  // share of a parameter that a step of rate 1 takes away, at least 0
  bool amsgrad = false;        // divide by the largest average so far
};
/// Settings of Keras's Adam; the defaults are Keras's.
struct keras_adam_options {
  double lr = 1e-3;      // learning rate, at least 0
  double beta1 = 0.9;    // decay of the gradient's average, in [0, 1)
  double beta2 = 0.999;  // decay of the squared gradient's average, in [0, 1)
  double eps = 1e-7;     // added to the root before the bias is corrected, at least 0
};

namespace detail {

/// How the members of the Adam family differ.
struct adam_form {
  const char* name;
  bool decoupled;      // weight decay acts on the parameter, not through the gradient
  bool outer_epsilon;  // epsilon is added after the bias correction of the root
};

/// m and v are moving averages of d and d^2; d = g, or g + weight_decay p where weight decay is not decoupled.
template <class T, class B>
class adam_family : public optimiser<T, B> {
 protected:
  adam_family(const adam_form& form, const adam_options& o, const std::vector<nn::named_parameter<T, B>>& parameters,
              const std::vector<parameter_group>& groups)
      : optimiser<T, B>(form.name, o.lr, o.weight_decay, state_names(o)), form_(form), options_(o) {
    require_fraction(form.name, "beta1", o.beta1);
    require_fraction(form.name, "beta2", o.beta2);
    require_at_least_zero(form.name, "eps", o.eps);
    this->add(parameters, groups);
  }

 private:
  using work = typename optimiser<T, B>::work;

  static std::vector<const char*> state_names(const adam_options& o) {
    std::vector<const char*> names{"exp_avg", "exp_avg_sq"};
    if (o.amsgrad) names.push_back("max_exp_avg_sq");
    return names;
  }

  void update(std::span<const work> step) const final {
    if (options_.amsgrad)
      this->update_by(step, [this](const work& w) { return at_step<rule::adam_amsgrad>(w); });
    else
      this->update_by(step, [this](const work& w) { return at_step<rule::adam>(w); });
  }

  template <class R>
  R at_step(const work& w) const {
    const auto t = static_cast<double>(w.step);
    const double bias1 = 1 - std::pow(options_.beta1, t), root = std::sqrt(1 - std::pow(options_.beta2, t));
    R r;
    r.step = form_.outer_epsilon ? w.lr / bias1 : w.lr * root / bias1;
    r.correction = form_.outer_epsilon ? 1 / root : 1;
    r.beta1 = options_.beta1;
    r.beta2 = options_.beta2;
    r.eps = options_.eps;
    r.l2 = form_.decoupled ? 0 : w.weight_decay;
    r.keep = form_.decoupled ? 1 - w.lr * w.weight_decay : 1;
    r.factor = w.factor;
    return r;
  }

  adam_form form_;
  adam_options options_;
};

}  // namespace detail

/// Adam with an L2 penalty, as PyTorch's: p -= lr / (1 - beta1^t) m / (sqrt(v / (1 - beta2^t)) + eps), where m and v
/// are moving averages of d = g + weight_decay p and of d^2, and t counts the parameter's own steps.
///
/// `adam opt{net, {.lr = 1e-3}};` States: `exp_avg`, `exp_avg_sq`, with amsgrad `max_exp_avg_sq`.
/// **Throws** value_error for options out of range.
/// Kingma and Ba, Adam: a method for stochastic optimization, 2015; Reddi et al., 2018 (amsgrad).
template <class T = float, class B = cpu>
class adam final : public detail::adam_family<T, B> {
 public:
  template <trainable M>
  explicit adam(M& module, const adam_options& options = {}, const std::vector<parameter_group>& groups = {})
      : adam(nn::named_parameters(module), options, groups) {}
  explicit adam(const std::vector<nn::named_parameter<T, B>>& parameters, const adam_options& options = {},
                const std::vector<parameter_group>& groups = {})
      : detail::adam_family<T, B>({"adam", false, true}, options, parameters, groups) {}
};

/// Adam with decoupled weight decay, as PyTorch's: p *= 1 - lr weight_decay before Adam's step, and d = g.
///
/// `adamw opt{net, {.lr = 1e-3}};` Every parameter decays unless its group says otherwise. States as adam.
/// **Throws** value_error for options out of range.
/// Loshchilov and Hutter, Decoupled weight decay regularization, 2019.
template <class T = float, class B = cpu>
class adamw final : public detail::adam_family<T, B> {
 public:
  template <trainable M>
  explicit adamw(M& module, const adamw_options& options = {}, const std::vector<parameter_group>& groups = {})
      : adamw(nn::named_parameters(module), options, groups) {}
  explicit adamw(const std::vector<nn::named_parameter<T, B>>& parameters, const adamw_options& o = {},
                 const std::vector<parameter_group>& groups = {})
      : detail::adam_family<T, B>({"adamw", true, true}, {o.lr, o.beta1, o.beta2, o.eps, o.weight_decay, o.amsgrad},
                                  parameters, groups) {}
};

/// Adam as Keras writes it: p -= lr sqrt(1 - beta2^t) / (1 - beta1^t) m / (sqrt(v) + eps), so eps is not divided by the
/// correction. A group's weight decay acts as L2 penalty. States as adam.
///
/// **Throws** value_error for options out of range.
template <class T = float, class B = cpu>
class keras_adam final : public detail::adam_family<T, B> {
 public:
  template <trainable M>
  explicit keras_adam(M& module, const keras_adam_options& options = {},
                      const std::vector<parameter_group>& groups = {})
      : keras_adam(nn::named_parameters(module), options, groups) {}
  explicit keras_adam(const std::vector<nn::named_parameter<T, B>>& parameters, const keras_adam_options& o = {},
                      const std::vector<parameter_group>& groups = {})
      : detail::adam_family<T, B>({"keras_adam", false, false}, {o.lr, o.beta1, o.beta2, o.eps, 0, false}, parameters,
                                  groups) {}
};

template <trainable M>
adam(M&, adam_options = {}, std::vector<parameter_group> = {}) -> adam<nn::value_type_of<M>, nn::backend_of<M>>;
template <trainable M>
adamw(M&, adamw_options = {}, std::vector<parameter_group> = {}) -> adamw<nn::value_type_of<M>, nn::backend_of<M>>;
template <trainable M>
keras_adam(M&, keras_adam_options = {}, std::vector<parameter_group> = {})
    -> keras_adam<nn::value_type_of<M>, nn::backend_of<M>>;
template <class T, class B>
adam(std::vector<nn::named_parameter<T, B>>, adam_options = {}, std::vector<parameter_group> = {}) -> adam<T, B>;
template <class T, class B>
adamw(std::vector<nn::named_parameter<T, B>>, adamw_options = {}, std::vector<parameter_group> = {}) -> adamw<T, B>;
template <class T, class B>
keras_adam(std::vector<nn::named_parameter<T, B>>, keras_adam_options = {}, std::vector<parameter_group> = {})
    -> keras_adam<T, B>;

}  // namespace tensorlab::inline v0::optim
