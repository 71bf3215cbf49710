#include <tensorlab/optim/rates.hpp>

#include "optim/torch_schedules.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace optim = tl::optim;

namespace {

void require_rates(const char* name, const std::vector<optim::schedule::rule>& rules) {
  INFO(name);
  const auto& expected = torch_schedules().at(name);
  const optim::schedule rate{0.5, rules};
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("step " << i);
    REQUIRE(std::abs(rate({.epoch = static_cast<std::int64_t>(i)}) - expected[i]) < 1e-14);
  }
}

}  // namespace

TEST_CASE("rates equal PyTorch's", "[optim]") {
  require_rates("constant", {optim::constant_lr{.factor = 0.25, .end = 4}});
  require_rates("linear", {optim::linear_lr{.start_factor = 0.1, .end_factor = 0.8, .end = 7}});
  require_rates("step", {optim::step_lr{.step_size = 4, .gamma = 0.3}});
  require_rates("multi_step", {optim::multi_step_lr{.milestones = {3, 7, 7, 12}, .gamma = 0.5}});
  require_rates("exponential", {optim::exponential_lr{.gamma = 0.9}});
  require_rates("polynomial", {optim::polynomial_lr{.power = 2, .end = 11}});
  require_rates("cosine", {optim::cosine_lr{.t_max = 8, .eta_min = 0.01}});
  require_rates("chained",
                {optim::linear_lr{.start_factor = 0.1, .end = 6}, optim::multi_step_lr{.milestones = {8, 14}}});
}

TEST_CASE("a cosine over iterations, stepped once per epoch, barely falls", "[optim]") {
  // The rates a published training log shows with 10 epochs of 20 iterations and t_max = 200.
  const optim::cosine_lr rule{.t_max = 200};
  REQUIRE(std::abs(rule(1e-3, {.epoch = 1}) - 9.99938316e-4) < 5e-13);
  REQUIRE(std::abs(rule(1e-3, {.epoch = 10}) - 9.93844170e-4) < 5e-13);
  REQUIRE(std::abs(optim::per_iteration(optim::cosine_lr{.t_max = 10}, 20)(1e-3, {.epoch = 5, .iteration = 100}) -
                   5e-4) < 1e-18);
}

TEST_CASE("the lowest rate of a cosine can be a share of the highest", "[optim]") {
  const optim::cosine_lr rule{.t_max = 4, .eta_min = 99, .eta_min_ratio = 0.1};
  REQUIRE(std::abs(rule(0.5, {.epoch = 4}) - 0.05) < 1e-16);
  REQUIRE(std::abs(rule(0.5, {.epoch = 2}) - 0.275) < 1e-16);
}

TEST_CASE("a rule does nothing before its begin and stays at its end", "[optim]") {
  const auto at = [](std::int64_t e) { return optim::position{.epoch = e}; };
  const optim::linear_lr linear{.start_factor = 0.2, .begin = 3, .end = 7};  // counter 0 .. 3
  REQUIRE(linear(1, at(2)) == 1);
  REQUIRE(linear(1, at(3)) == 0.2);
  REQUIRE(std::abs(linear(1, at(4)) - (0.2 + 0.8 / 3)) < 1e-15);
  REQUIRE(linear(1, at(6)) == 1);
  REQUIRE(linear(1, at(20)) == 1);
  const optim::exponential_lr exponential{.gamma = 0.5, .begin = 2, .end = 5};
  REQUIRE(exponential(1, at(1)) == 1);
  REQUIRE(exponential(1, at(2)) == 1);
  REQUIRE(exponential(1, at(4)) == 0.25);
  REQUIRE(exponential(1, at(40)) == 0.25);
  const optim::constant_lr constant{.factor = 0.5, .begin = 2, .end = 4};
  REQUIRE(constant(1, at(1)) == 1);
  REQUIRE(constant(1, at(3)) == 0.5);
  REQUIRE(constant(1, at(4)) == 1);
  const optim::multi_step_lr steps{.milestones = {1, 3}, .begin = 10, .end = 12};
  REQUIRE(steps(1, at(10)) == 1);
  REQUIRE(steps(1, at(11)) == 0.1);
  REQUIRE(steps(1, at(30)) == 0.1);
}

TEST_CASE("a warm-up of one step has the end factor", "[optim]") {
  const optim::linear_lr rule{.start_factor = 0.1, .end_factor = 0.9, .end = 1};
  REQUIRE(rule(1, {}) == 0.9);
}

TEST_CASE("per_iteration turns epochs into iterations", "[optim]") {
  const auto step = optim::per_iteration(optim::step_lr{.step_size = 2, .gamma = 0.5, .begin = 1}, 10);
  REQUIRE(step(1, {.epoch = 0, .iteration = 29}) == 1);
  REQUIRE(step(1, {.epoch = 0, .iteration = 30}) == 0.5);
  const auto multi = optim::per_iteration(optim::multi_step_lr{.milestones = {2}, .gamma = 0.5}, 10);
  REQUIRE(multi(1, {.epoch = 9, .iteration = 19}) == 1);
  REQUIRE(multi(1, {.epoch = 0, .iteration = 20}) == 0.5);
  const auto constant = optim::per_iteration(optim::constant_lr{.factor = 0.5, .end = 2}, 10);
  REQUIRE(constant(1, {.iteration = 19}) == 0.5);
  REQUIRE(constant(1, {.iteration = 20}) == 1);
  const auto polynomial = optim::per_iteration(optim::polynomial_lr{.end = 2}, 10);
  REQUIRE(polynomial(1, {.iteration = 19}) == 0);
  const auto exponential = optim::per_iteration(optim::exponential_lr{.gamma = 0.5, .begin = 1}, 10);
  REQUIRE(exponential(1, {.iteration = 12}) == 0.25);
  REQUIRE_THROWS_WITH(optim::per_iteration(step, 10), "per_iteration: the rule counts iterations already");
  REQUIRE_THROWS_WITH(optim::per_iteration(optim::step_lr{}, 0), Catch::Contains("must be positive, got 0"));
}

TEST_CASE("rules refuse settings that have no meaning", "[optim]") {
  REQUIRE_THROWS_WITH((optim::step_lr{.step_size = 0}(1, {})), "step_lr: step_size must be positive, got 0");
  REQUIRE_THROWS_WITH((optim::cosine_lr{.t_max = 0}(1, {})), "cosine_lr: t_max must be positive, got 0");
}
