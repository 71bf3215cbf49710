#pragma once

#include <functional>
#include <utility>

#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/train/monitor.hpp>

namespace tensorlab::inline v0::train {

/// Settings of best_weights.
struct best_weights_options {
  std::string metric = "val_loss";
  better rule = better::automatic;
  /// Called with each new best state, for example write_safetensors("best.safetensors").
  std::function<void(const named_tensors& state, const status& at)> on_improvement = {};
};

/// A callback that keeps the module's state of the epoch whose metric was best: strictly better than all before.
///
/// `best_weights best{net}; fit(.., best); best.restore();` The module lives as long as this does. Give it to fit()
/// after what sets the metric. **Throws** value_error at the run's end for a metric that no epoch had.
template <class M>
class best_weights {
 public:
  explicit best_weights(M& net, const best_weights_options& options = {})
      : net_(net), options_(options), monitor_(options.metric, options.rule) {}

  std::optional<double> best() const { return monitor_.best(); }
  std::int64_t best_epoch() const { return monitor_.epoch(); }
  /// The best state; empty before the first.
  const named_tensors& state_dict() const { return state_; }

  /// Overwrites the module's parameters and buffers with the best ones. Does nothing before the first.
  void restore() {
    if (!state_.empty()) nn::load_state_dict(net_, state_);
  }

  void on_epoch_end(status& s) {
    const std::optional<double> value = monitor_.read(s);
    if (!value || !monitor_.improves(*value)) return;
    monitor_.take(*value, s.epoch);
    state_ = nn::state_dict(net_);
    if (options_.on_improvement) options_.on_improvement(state_, s);
  }
  void on_train_end(status& s) { monitor_.require_seen("best_weights", s); }

 private:
  M& net_;
  best_weights_options options_;
  monitor monitor_;
  named_tensors state_;
};

}  // namespace tensorlab::inline v0::train
