#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include <tensorlab/optim/optimiser.hpp>

namespace tensorlab::inline v0::optim {

/// A moment of a training run: epochs and iterations (of the whole run) completed before it.
struct position {
  std::int64_t epoch = 0, iteration = 0;
};

/// What a schedule counts.
enum class unit : std::uint8_t { epoch, iteration };

/// The end of a schedule without one.
inline constexpr std::int64_t forever = (std::numeric_limits<std::int64_t>::max)();

/// A learning rate over time: a rate to start from and rules `double(double lr, const position&)`, each of which
/// changes what the one before it gives. rates.hpp, one_cycle.hpp and warmup_multi_step.hpp have the usual ones; any
/// callable will do.
///
/// `schedule rate{1e-3, {linear_lr{.start_factor = 0.1, .end = 5}, cosine_lr{.t_max = 25, .begin = 5}}};`
/// `opt.set_learning_rate(rate({.epoch = e, .iteration = i}));`
/// It is a function of the position alone: nothing of it needs to be saved.
class schedule {
 public:
  using rule = std::function<double(double lr, const position& at)>;

  /// **Throws** value_error for a negative rate or NaN.
  explicit schedule(double base, std::vector<rule> rules = {}) : base_(base), rules_(std::move(rules)) {
    detail::require_at_least_zero("schedule", "the base rate", base);
  }
  /// Starts from the optimiser's present rate.
  template <class T, class B>
  explicit schedule(const optimiser<T, B>& opt, std::vector<rule> rules = {})
      : schedule(opt.learning_rate(), std::move(rules)) {}

  double base() const { return base_; }
  double operator()(const position& at) const {
    double lr = base_;
    for (const rule& r : rules_) lr = r(lr, at);
    return lr;
  }

 private:
  double base_;
  std::vector<rule> rules_;
};

/// The learning rate for another batch size than the one it was chosen for: lr batch / base_batch.
///
/// Goyal et al., Accurate, large minibatch SGD: training ImageNet in 1 hour, 2017.
inline double scaled_learning_rate(double lr, std::int64_t batch, std::int64_t base_batch) {
  if (batch < 1 || base_batch < 1)
    throw_value_error(concat("scaled_learning_rate: batch sizes must be positive, got ", batch, ", ", base_batch));
  return lr * static_cast<double>(batch) / static_cast<double>(base_batch);
}

namespace detail {

/// The steps that a rule has made at `at`: -1 before its begin, and no more after its last step, `end` - 1.
inline std::int64_t steps_made(const position& at, unit by, std::int64_t begin, std::int64_t end) {
  const std::int64_t now = by == unit::epoch ? at.epoch : at.iteration;
  return now < begin ? -1 : (std::min)(now, end - 1) - begin;
}

}  // namespace detail

}  // namespace tensorlab::inline v0::optim
