#pragma once

#include <vector>

#include <tensorlab/optim/schedule.hpp>

namespace tensorlab::inline v0::optim {

/// lr w(e) gamma^(number of milestones <= e) with e = first + epoch; w(e) = f (1 - e / n) + e / n for e < n, else 1,
/// where f is the warm-up factor and n the number of warm-up epochs. The schedule of the strong baseline for
/// re-identification, which counts epochs from 1.
///
/// Luo et al., Bag of tricks and a strong baseline for deep person re-identification, 2019.
struct warmup_multi_step_lr {
  std::vector<std::int64_t> milestones{40, 70};
  double gamma = 0.1;
  double warmup_factor = 0.01;
  std::int64_t warmup_epochs = 10;
  bool linear = true;  // false: w = f during the whole warm-up
  std::int64_t first = 1;

  double operator()(double lr, const position& at) const {
    const std::int64_t e = first + at.epoch;
    if (e < warmup_epochs) {
      const double share = linear ? static_cast<double>(e) / static_cast<double>(warmup_epochs) : 0;
      lr *= warmup_factor * (1 - share) + share;
    }
    for (std::int64_t m : milestones)
      if (m <= e) lr *= gamma;
    return lr;
  }
};

}  // namespace tensorlab::inline v0::optim
