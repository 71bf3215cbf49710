#pragma once

#include <cmath>
#include <optional>
#include <vector>

#include <tensorlab/optim/schedule.hpp>

/// Rules for a schedule. Each acts on the steps begin <= step < end, counted in epochs or iterations, with a counter k
/// of its own that is 0 at `begin`; before, it changes nothing; after, it stays at what its last step gave.
/// per_iteration() turns one that counts epochs into one that counts iterations.
namespace tensorlab::inline v0::optim {

/// lr factor, and the full rate from `end` on (PyTorch's total_iters is end - begin).
struct constant_lr {
  double factor = 1.0 / 3;
  std::int64_t begin = 0, end = 5;
  unit by = unit::epoch;

  double operator()(double lr, const position& at) const {
    const std::int64_t k = detail::steps_made(at, by, begin, forever);
    return k >= 0 && k < end - begin ? lr * factor : lr;
  }
};

/// A warm-up: lr (start_factor + (end_factor - start_factor) k / (end - begin - 1)), so that the last step before `end`
/// has the end factor (PyTorch's total_iters is end - begin - 1; MMEngine's end is this one).
struct linear_lr {
  double start_factor = 1.0 / 3, end_factor = 1;
  std::int64_t begin = 0, end = 6;
  unit by = unit::epoch;

  double operator()(double lr, const position& at) const {
    const std::int64_t k = detail::steps_made(at, by, begin, end), last = end - begin - 1;
    if (k < 0) return lr;
    if (k >= last) return lr * end_factor;
    return lr * (start_factor + (end_factor - start_factor) * static_cast<double>(k) / static_cast<double>(last));
  }
};

/// lr gamma^(number of milestones <= k). Milestones count from `begin`: with begin 3 and milestone 15 the drop is at
/// step 18. One that is given twice counts twice.
struct multi_step_lr {
  std::vector<std::int64_t> milestones;
  double gamma = 0.1;
  std::int64_t begin = 0, end = forever;
  unit by = unit::epoch;

  double operator()(double lr, const position& at) const {
    const std::int64_t k = detail::steps_made(at, by, begin, end);
    for (std::int64_t m : milestones)
      if (m <= k) lr *= gamma;
    return lr;
  }
};

/// lr gamma^floor(k / step_size). **Throws** value_error unless step_size > 0.
struct step_lr {
  std::int64_t step_size = 30;
  double gamma = 0.1;
  std::int64_t begin = 0, end = forever;
  unit by = unit::epoch;

  double operator()(double lr, const position& at) const {
    if (step_size < 1) throw_value_error(concat("step_lr: step_size must be positive, got ", step_size));
    const std::int64_t k = detail::steps_made(at, by, begin, end);
    return k < 0 ? lr : lr * std::pow(gamma, static_cast<double>(k / step_size));
  }
};

/// lr gamma^k.
struct exponential_lr {
  double gamma = 0.95;
  std::int64_t begin = 0, end = forever;
  unit by = unit::epoch;

  double operator()(double lr, const position& at) const {
    const std::int64_t k = detail::steps_made(at, by, begin, end);
    return k < 0 ? lr : lr * std::pow(gamma, static_cast<double>(k));
  }
};

/// eta_min + (lr - eta_min) (1 - k / (end - begin - 1))^power (PyTorch's total_iters is end - begin - 1).
struct polynomial_lr {
  double power = 1, eta_min = 0;
  std::int64_t begin = 0, end = 6;
  unit by = unit::epoch;

  double operator()(double lr, const position& at) const {
    const std::int64_t k = detail::steps_made(at, by, begin, end), last = end - begin - 1;
    if (k < 0) return lr;
    const double left = k >= last ? 0 : 1 - static_cast<double>(k) / static_cast<double>(last);
    return eta_min + (lr - eta_min) * std::pow(left, power);
  }
};

/// eta_min + (lr - eta_min) (1 + cos(pi k / t_max)) / 2: down to eta_min at k = t_max, then up again.
///
/// `eta_min_ratio`, if given, takes the place of eta_min as a share of the rate it starts from.
/// **Throws** value_error unless t_max > 0. Loshchilov and Hutter, SGDR, 2017 (without restarts).
struct cosine_lr {
  std::int64_t t_max = 50;
  double eta_min = 0;
  std::optional<double> eta_min_ratio;
  std::int64_t begin = 0, end = forever;
  unit by = unit::epoch;

  double operator()(double lr, const position& at) const {
    if (t_max < 1) throw_value_error(concat("cosine_lr: t_max must be positive, got ", t_max));
    const std::int64_t k = detail::steps_made(at, by, begin, end);
    if (k < 0) return lr;
    const double low = eta_min_ratio ? *eta_min_ratio * lr : eta_min;
    const double angle = 3.141592653589793 * static_cast<double>(k) / static_cast<double>(t_max);
    return low + (lr - low) * (1 + std::cos(angle)) / 2;
  }
};

namespace detail {

inline std::int64_t times(std::int64_t epochs, std::int64_t iterations) {
  return epochs == forever ? forever : epochs * iterations;
}

template <class R>
R counted_in_iterations(R r, std::int64_t iterations) {
  if (iterations < 1)
    throw_value_error(concat("per_iteration: iterations per epoch must be positive, got ", iterations));
  if (r.by == unit::iteration) throw_value_error("per_iteration: the rule counts iterations already");
  r.begin *= iterations;
  r.end = times(r.end, iterations);
  r.by = unit::iteration;
  return r;
}

}  // namespace detail

/// The rule with its epochs turned into iterations: it then changes the rate in every iteration.
///
/// exponential_lr's gamma stays, so it becomes one of an iteration. **Throws** value_error if it counts iterations
/// already.
inline constant_lr per_iteration(const constant_lr& r, std::int64_t iterations_per_epoch) {
  return detail::counted_in_iterations(r, iterations_per_epoch);
}
inline linear_lr per_iteration(const linear_lr& r, std::int64_t iterations_per_epoch) {
  return detail::counted_in_iterations(r, iterations_per_epoch);
}
inline multi_step_lr per_iteration(multi_step_lr r, std::int64_t iterations_per_epoch) {
  r = detail::counted_in_iterations(std::move(r), iterations_per_epoch);
  for (std::int64_t& m : r.milestones) m *= iterations_per_epoch;
  return r;
}
inline step_lr per_iteration(step_lr r, std::int64_t iterations_per_epoch) {
  r = detail::counted_in_iterations(r, iterations_per_epoch);
  r.step_size *= iterations_per_epoch;
  return r;
}
inline exponential_lr per_iteration(const exponential_lr& r, std::int64_t iterations_per_epoch) {
  return detail::counted_in_iterations(r, iterations_per_epoch);
}
inline polynomial_lr per_iteration(const polynomial_lr& r, std::int64_t iterations_per_epoch) {
  return detail::counted_in_iterations(r, iterations_per_epoch);
}
inline cosine_lr per_iteration(cosine_lr r, std::int64_t iterations_per_epoch) {
  r = detail::counted_in_iterations(r, iterations_per_epoch);
  r.t_max *= iterations_per_epoch;
  return r;
}

}  // namespace tensorlab::inline v0::optim
