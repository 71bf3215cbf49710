#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <tensorlab/optim/check.hpp>
#include <tensorlab/optim/saved.hpp>

namespace tensorlab::inline v0::optim {

/// Settings of a rate that falls when a metric stops improving; the defaults are Keras's.
struct reduce_on_plateau_options {
  double factor = 0.1;         // in (0, 1)
  std::int64_t patience = 10;  // values without improvement until the rate falls, at least 0
  double min_delta = 1e-4;     // what an improvement must exceed, at least 0
  std::int64_t cooldown = 0;   // values after a fall that do not count, at least 0
  double min_lr = 0;           // the rate falls no lower, at least 0
  bool greater = false;        // the metric is better when it is greater
};

/// Multiplies the rate by a factor when a metric has not improved for some epochs, as Keras's ReduceLROnPlateau: with
/// patience 5, the fifth value in a row without improvement. (PyTorch's waits for one more, with
/// `threshold_mode='abs'`.)
///
/// `opt.set_learning_rate(plateau(validation_loss, opt.learning_rate()));` after each epoch.
/// **Throws** value_error for settings out of range.
class reduce_on_plateau {
 public:
  explicit reduce_on_plateau(const reduce_on_plateau_options& options = {}) : options_(options) {
    if (!(options.factor > 0 && options.factor < 1))
      throw_value_error(concat("reduce_on_plateau: factor must be in (0, 1), got ", detail::number(options.factor)));
    detail::require_at_least_zero("reduce_on_plateau", "patience", static_cast<double>(options.patience));
    detail::require_at_least_zero("reduce_on_plateau", "min_delta", options.min_delta);
    detail::require_at_least_zero("reduce_on_plateau", "cooldown", static_cast<double>(options.cooldown));
    detail::require_at_least_zero("reduce_on_plateau", "min_lr", options.min_lr);
  }

  /// The rate for the next epoch, given the metric of this one. NaN is no improvement.
  double operator()(double metric, double lr) {
    if (cooling_ > 0) {
      --cooling_;
      wait_ = 0;
    }
    const double signed_metric = options_.greater ? -metric : metric;
    if (signed_metric < best_ - options_.min_delta) {
      best_ = signed_metric;
      wait_ = 0;
      return lr;
    }
    if (cooling_ > 0 || ++wait_ < options_.patience || lr <= options_.min_lr) return lr;
    cooling_ = options_.cooldown;
    wait_ = 0;
    return (std::max)(lr * options_.factor, options_.min_lr);
  }

  /// `best` (of the opposite sign where greater is better), `wait` and `cooling`.
  named_tensors state() const {
    return {{"best", detail::host_scalar(best_)},
            {"wait", detail::host_scalar(wait_)},
            {"cooling", detail::host_scalar(cooling_)}};
  }
  /// Takes over what state() gave. **Throws** format_error that names a key that does not fit; nothing is changed then.
  void load_state(const named_tensors& state) {
    const auto number = [&](const char* key) -> const host_tensor& {
      const host_tensor* h = detail::find(state, key);
      if (h == nullptr) throw_format_error(concat("load_state: missing key: ", key));
      return *h;
    };
    if (state.size() > 3) throw_format_error("load_state: unexpected keys beside best, wait and cooling");
    const auto best = detail::saved_scalar<double>("load_state", "best", number("best"));
    const auto wait = detail::saved_scalar<std::int64_t>("load_state", "wait", number("wait"));
    cooling_ = detail::saved_scalar<std::int64_t>("load_state", "cooling", number("cooling"));
    best_ = best;
    wait_ = wait;
  }

 private:
  reduce_on_plateau_options options_;
  double best_ = std::numeric_limits<double>::infinity();
  std::int64_t wait_ = 0, cooling_ = 0;
};

}  // namespace tensorlab::inline v0::optim
