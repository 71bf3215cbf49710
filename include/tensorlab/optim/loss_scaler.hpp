#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include <tensorlab/optim/clip.hpp>

namespace tensorlab::inline v0::optim {

/// Settings of a dynamic loss scale; the defaults are PyTorch's.
struct loss_scaler_options {
  double scale = 65536;          // at first; positive
  double growth = 2;             // factor after `interval` good steps on end, at least 1
  double backoff = 0.5;          // factor after a step with an infinite or NaN gradient, in (0, 1]
  std::int64_t interval = 2000;  // good steps until the scale grows; positive
};

/// Keeps small gradients of 16-bit computations from vanishing: the loss is multiplied by a scale before the backward
/// pass and the gradients are divided by it before the step, which is left out if one is not finite.
///
/// `loss.backward(scaler.start(loss)); scaler.step(opt);`, or, with changes of the gradients between,
/// `if (scaler.unscale(opt.parameters())) opt.step(); scaler.update();`. **Throws** value_error for settings out of
/// range. Micikevicius et al., Mixed precision training, 2018.
class loss_scaler {
 public:
  explicit loss_scaler(const loss_scaler_options& options = {}) : options_(options), scale_(options.scale) {
    if (!(options.scale > 0) || !(options.growth >= 1) || !(options.backoff > 0 && options.backoff <= 1) ||
        options.interval < 1)
      throw_value_error(concat("loss_scaler: settings out of range: scale ", detail::number(options.scale), ", growth ",
                               detail::number(options.growth), ", backoff ", detail::number(options.backoff),
                               ", interval ", options.interval));
  }
  /// A scale that never changes.
  static loss_scaler constant(double scale) { return loss_scaler({scale, 1, 1, 1}); }

  double scale() const { return scale_; }

  /// The gradient to start the backward pass of `loss` from.
  template <class T, class B>
  tensor<T, B> start(const tensor<T, B>& loss) const {
    return tensor<T, B>::full(loss.shape(), static_cast<T>(scale_), loss.device());
  }

  /// Divides all gradients by the scale, in place; returns whether all their elements are finite.
  template <class T, class B>
  bool unscale(const std::vector<nn::named_parameter<T, B>>& parameters) {
    detail::change_gradients(rule::mul_scalar{1 / scale_}, parameters);
    finite_ = all_finite(parameters);
    return finite_;
  }
  template <trainable M>
  bool unscale(M& module) {
    return unscale(nn::named_parameters(module));
  }

  /// An optimiser's step with the gradients divided by the scale and, for a positive `max_norm`, limited on the way,
  /// then update(). Gradients stay scaled. Returns whether the step was made.
  template <class T, class B>
  bool step(optimiser<T, B>& opt, double max_norm = 0) {
    v0::detail::require_host_values("loss_scaler: step");
    finite_ = opt.step({.max_norm = max_norm, .loss_scale = scale_, .skip_not_finite = true});
    update();
    return finite_;
  }

  /// Adapts the scale to what the last unscale() found.
  void update() {
    if (!finite_) {
      scale_ *= options_.backoff;
      good_steps_ = 0;
    } else if (++good_steps_ == options_.interval) {
      scale_ *= options_.growth;
      good_steps_ = 0;
    }
  }

  /// `scale` and `good_steps`.
  named_tensors state() const {
    return {{"scale", detail::host_scalar(scale_)}, {"good_steps", detail::host_scalar(good_steps_)}};
  }
  /// Takes over what state() gave. **Throws** format_error that names a key that does not fit; nothing is changed then.
  void load_state(const named_tensors& state) {
    const host_tensor *scale = detail::find(state, "scale"), *good = detail::find(state, "good_steps");
    if (scale == nullptr || good == nullptr)
      throw_format_error(concat("load_state: missing key: ", scale == nullptr ? "scale" : "good_steps"));
    if (state.size() != 2) throw_format_error("load_state: unexpected keys beside scale and good_steps");
    const auto loaded = detail::saved_scalar<double>("load_state", "scale", *scale);
    good_steps_ = detail::saved_scalar<std::int64_t>("load_state", "good_steps", *good);
    scale_ = loaded;
  }

 private:
  /// Neither the largest nor the smallest element of a gradient is infinite or NaN.
  template <class T, class B>
  static bool all_finite(const std::vector<nn::named_parameter<T, B>>& parameters) {
    std::vector<array<T, B>> gradients;
    for (const auto& p : parameters)
      if (p.value.grad().defined() && p.value.size() > 0) gradients.push_back(p.value.grad().array());
    if (gradients.empty()) return true;
    const auto extremes =
        array<T, B>::empty({2 * static_cast<std::int64_t>(gradients.size())}, gradients.front().device());
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const shape& s = gradients[i].shape();
      const dims zero = dims::filled(s.rank(), 0);
      B::reduce(rule::max{}, view<T>{extremes.data() + 2 * i, s, zero}, gradients[i].cview());
      B::reduce(rule::min{}, view<T>{extremes.data() + 2 * i + 1, s, zero}, gradients[i].cview());
    }
    for (T v : extremes.to_host())
      if (!std::isfinite(v)) return false;
    return true;
  }

  loss_scaler_options options_;
  double scale_;
  std::int64_t good_steps_ = 0;
  bool finite_ = true;
};

}  // namespace tensorlab::inline v0::optim
