#pragma once

#include <algorithm>
#include <cmath>

#include <tensorlab/optim/schedule.hpp>

namespace tensorlab::inline v0::optim {

/// One cycle: from lr / div_factor up to lr, then down to lr / (div_factor final_div_factor) in the last of `steps`
/// steps.
///
/// As PyTorch's OneCycleLR with the schedule's rate as max_lr, by a cosine or linearly. **Throws** value_error unless
/// steps > 0 and 0 < rise < 1. Smith and Topin, Super-convergence, 2018.
struct one_cycle_lr {
  std::int64_t steps = 0;
  double rise = 0.3;  // share of the steps on the way up
  double div_factor = 25, final_div_factor = 1e4;
  bool linear = false;
  unit by = unit::iteration;

  double operator()(double lr, const position& at) const {
    if (steps < 1 || !(rise > 0 && rise < 1))
      throw_value_error(
          concat("one_cycle_lr: needs steps > 0 and rise in (0, 1), got ", steps, ", ", detail::number(rise)));
    const auto k = static_cast<double>(detail::steps_made(at, by, 0, steps));
    const double top = rise * static_cast<double>(steps) - 1, last = static_cast<double>(steps) - 1;
    const double low = lr / div_factor;
    if (k <= top) return between(low, lr, top > 0 ? k / top : 1);
    return between(lr, low / final_div_factor, last > top ? (k - top) / (last - top) : 1);
  }

 private:
  double between(double from, double to, double share) const {
    return linear ? from + (to - from) * share : to + (from - to) * (1 + std::cos(3.141592653589793 * share)) / 2;
  }
};

}  // namespace tensorlab::inline v0::optim
