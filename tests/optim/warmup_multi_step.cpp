#include <tensorlab/optim/warmup_multi_step.hpp>

#include "support/catch.hpp"

namespace optim = tensorlab::optim;

TEST_CASE("the re-identification schedule gives its published rates", "[optim]") {
  const optim::schedule rate{3.5e-4, {optim::warmup_multi_step_lr{}}};
  const auto in_epoch = [&](std::int64_t counted_from_1) { return rate({.epoch = counted_from_1 - 1}); };
  const auto close = [](double a, double b) { return std::abs(a - b) < 1e-15; };
  REQUIRE(close(in_epoch(1), 3.815e-5));
  REQUIRE(close(in_epoch(2), 7.28e-5));
  REQUIRE(close(in_epoch(5), 1.7675e-4));
  REQUIRE(close(in_epoch(9), 3.1535e-4));
  for (std::int64_t e = 10; e <= 120; ++e) REQUIRE(close(in_epoch(e), e < 40 ? 3.5e-4 : e < 70 ? 3.5e-5 : 3.5e-6));
}

TEST_CASE("a constant warm-up ends at once", "[optim]") {
  const optim::warmup_multi_step_lr rule{
      .milestones = {6}, .warmup_factor = 0.2, .warmup_epochs = 4, .linear = false, .first = 0};
  REQUIRE(rule(1, {.epoch = 0}) == 0.2);
  REQUIRE(rule(1, {.epoch = 3}) == 0.2);
  REQUIRE(rule(1, {.epoch = 4}) == 1);
  REQUIRE(rule(1, {.epoch = 6}) == 0.1);
}
