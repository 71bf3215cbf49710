#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include <tensorlab/optim/saved.hpp>
#include <tensorlab/train/status.hpp>

namespace tensorlab::inline v0::train {

/// In which direction a metric is better.
enum class better : std::uint8_t { automatic, less, greater };

/// Whether a metric is better when it is greater, told by its name: loss and error, or acc, top, auc, precision,
/// recall, f1, map, rank. **Throws** value_error for a name that tells nothing or both.
inline bool greater_is_better(const std::string& metric) {
  std::string name;
  for (char c : metric) name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  const auto has = [&](std::initializer_list<const char*> words) {
    for (const char* w : words)
      if (name.find(w) != std::string::npos) return true;
    return false;
  };
  const bool less = has({"loss", "error"});
  const bool greater = has({"acc", "top", "auc", "precision", "recall", "f1", "map", "rank"});
  if (less == greater)
    throw_value_error(
        concat("train: the name '", metric, "' does not tell which direction is better: say less or greater"));
  return greater;
}

/// The best value of a metric so far, for callbacks that wait for a better one.
class monitor {
 public:
  monitor(std::string metric, better rule)
      : metric_(std::move(metric)),
        greater_(rule == better::automatic ? greater_is_better(metric_) : rule == better::greater) {}

  const std::string& metric() const { return metric_; }
  /// The best value; nothing before the first.
  std::optional<double> best() const { return best_; }
  /// The epoch it is from.
  std::int64_t epoch() const { return epoch_; }

  /// This epoch's value of the metric; nothing in an epoch that has none, such as one without validation.
  std::optional<double> read(const status& s) {
    const std::optional<double> v = s.metrics.find(metric_);
    seen_ = seen_ || v.has_value();
    return v;
  }
  /// Whether `value` is better than the best one by more than `delta`, or by just that much if `equal` counts.
  bool improves(double value, double delta = 0, bool equal = false) const {
    if (std::isnan(value)) return false;
    if (!best_) return true;
    const double gain = greater_ ? value - (*best_ + delta) : (*best_ - delta) - value;
    return gain > 0 || (equal && gain == 0);
  }
  void take(double value, std::int64_t epoch) {
    best_ = value;
    epoch_ = epoch;
  }
  /// **Throws** value_error if no epoch had the metric: its name is wrong.
  void require_seen(const char* who, const status& s) const {
    if (!seen_ && !s.metrics.empty())
      throw_value_error(concat(who, ": no epoch had a metric '", metric_, "'; the last one had: ", s.metrics.names()));
  }

  /// `best` (NaN if there is none yet) and `epoch`.
  named_tensors state() const {
    return {{"best", optim::detail::host_scalar(best_.value_or(std::numeric_limits<double>::quiet_NaN()))},
            {"epoch", optim::detail::host_scalar(epoch_)}};
  }
  /// Takes over what state() gave; other keys are left alone. **Throws** format_error for a missing key.
  void load_state(const named_tensors& state) {
    const auto best = saved<double>(state, "best");
    epoch_ = saved<std::int64_t>(state, "epoch");
    best_ = std::isnan(best) ? std::nullopt : std::optional<double>(best);
    seen_ = best_.has_value();
  }

  /// A number of a saved state. **Throws** format_error if it is missing.
  template <class X>
  static X saved(const named_tensors& state, const char* key) {
    const host_tensor* h = optim::detail::find(state, key);
    if (h == nullptr) throw_format_error(concat("load_state: missing key: ", key));
    return optim::detail::saved_scalar<X>("load_state", key, *h);
  }

 private:
  std::string metric_;
  bool greater_;
  bool seen_ = false;
  std::optional<double> best_;
  std::int64_t epoch_ = 0;
};

}  // namespace tensorlab::inline v0::train
