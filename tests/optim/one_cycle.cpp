#include <tensorlab/optim/one_cycle.hpp>

#include "optim/torch_schedules.hpp"
#include "support/catch.hpp"

namespace optim = tensorlab::optim;

TEST_CASE("one cycle equals PyTorch's", "[optim]") {
  const auto check = [](const char* name, const optim::one_cycle_lr& rule) {
    const auto& expected = torch_schedules().at(name);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      INFO(name << ", step " << i);
      REQUIRE(std::abs(rule(0.5, {.iteration = static_cast<std::int64_t>(i)}) - expected[i]) < 1e-14);
    }
  };
  check("one_cycle", {.steps = 20});
  check("one_cycle linear", {.steps = 20, .rise = 0.4, .div_factor = 10, .final_div_factor = 100, .linear = true});
}

TEST_CASE("one cycle stays at its last rate and needs sensible settings", "[optim]") {
  const optim::one_cycle_lr rule{.steps = 10, .by = optim::unit::epoch};
  REQUIRE(std::abs(rule(1, {.epoch = 100}) - 1 / 25e4) < 1e-18);
  REQUIRE_THROWS_AS(optim::one_cycle_lr{}(1, {}), tensorlab::value_error);
  REQUIRE_THROWS_AS((optim::one_cycle_lr{.steps = 5, .rise = 1}(1, {})), tensorlab::value_error);
}
