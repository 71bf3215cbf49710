#pragma once

#include <tensorlab/optim/check.hpp>
#include <tensorlab/train/monitor.hpp>

namespace tensorlab::inline v0::train {

/// Settings of early stopping; the defaults are Keras's, except that a value that is not finite stops the run.
struct early_stopping_options {
  std::string metric = "val_loss";
  better rule = better::automatic;
  std::int64_t patience = 10;  // values without improvement that end the run; 0 is as 1
  double min_delta = 0;        // what an improvement must exceed, at least 0
  bool equal_counts = false;   // a gain of just min_delta is an improvement, as in MMEngine
  bool check_finite = true;    // stop at a value that is not finite
};

/// A callback that ends the run when a metric has not improved for `patience` of its values.
///
/// Values count, not epochs: with a validation every two epochs, patience 10 is 20 epochs. best_weights keeps what was
/// best.
/// **Throws** value_error for settings out of range and, at the run's end, for a metric that no epoch had.
class early_stopping {
 public:
  explicit early_stopping(const early_stopping_options& options = {})
      : options_(options), monitor_(options.metric, options.rule) {
    optim::detail::require_at_least_zero("early_stopping", "patience", static_cast<double>(options.patience));
    optim::detail::require_at_least_zero("early_stopping", "min_delta", options.min_delta);
  }

  std::optional<double> best() const { return monitor_.best(); }
  std::int64_t best_epoch() const { return monitor_.epoch(); }
  std::int64_t wait() const { return wait_; }

  void on_epoch_end(status& s) {
    const std::optional<double> value = monitor_.read(s);
    if (!value) return;
    if (options_.check_finite && !std::isfinite(*value)) {
      s.stop(concat("early_stopping: ", options_.metric, " is ", to_text(*value)));
    } else if (monitor_.improves(*value, options_.min_delta, options_.equal_counts)) {
      monitor_.take(*value, s.epoch);
      wait_ = 0;
    } else if (++wait_ >= options_.patience) {
      s.stop(concat("early_stopping: ", options_.metric, " has not improved since epoch ", monitor_.epoch()));
    }
  }
  void on_train_end(status& s) { monitor_.require_seen("early_stopping", s); }

  /// `best`, `epoch` and `wait`.
  named_tensors state() const {
    named_tensors out = monitor_.state();
    out.emplace_back("wait", optim::detail::host_scalar(wait_));
    return out;
  }
  /// Takes over what state() gave. **Throws** format_error for a missing key.
  void load_state(const named_tensors& state) {
    const auto wait = monitor::saved<std::int64_t>(state, "wait");
    monitor_.load_state(state);
    wait_ = wait;
  }

 private:
  early_stopping_options options_;
  monitor monitor_;
  std::int64_t wait_ = 0;
};

}  // namespace tensorlab::inline v0::train
