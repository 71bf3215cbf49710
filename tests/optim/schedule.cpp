#include <tensorlab/optim/schedule.hpp>

#include <tensorlab/optim/rates.hpp>
#include <tensorlab/optim/sgd.hpp>

#include "optim/five.hpp"

namespace optim = tl::optim;

TEST_CASE("a schedule is its rules one after the other", "[optim]") {
  auto net = five<float>::init();
  optim::sgd opt{net, {.lr = 0.5}};
  const optim::schedule rate{
      opt,
      {[](double lr, const optim::position& at) { return lr + static_cast<double>(at.epoch); },
       [](double lr, const optim::position& at) { return lr * static_cast<double>(at.iteration); }}};
  REQUIRE(rate.base() == 0.5);
  REQUIRE(rate({.epoch = 2, .iteration = 3}) == 7.5);
  opt.set_learning_rate(rate({.epoch = 1, .iteration = 1}));
  REQUIRE(opt.learning_rate() == 1.5);
  REQUIRE(optim::schedule(0.25)({.epoch = 9, .iteration = 9}) == 0.25);
  REQUIRE_THROWS_WITH(optim::schedule(-1), "schedule: the base rate must be at least 0, got -1");
}

TEST_CASE("the rate scales with the batch", "[optim]") {
  REQUIRE(optim::scaled_learning_rate(1e-4, 32, 128) == 2.5e-5);
  REQUIRE_THROWS_WITH(optim::scaled_learning_rate(1, 0, 128),
                      Catch::Contains("batch sizes must be positive, got 0, 128"));
}

TEST_CASE("warm-up by iteration, then steps by epoch: the action recognition recipe A", "[optim]") {
  // lr 1e-4 for batches of 128, here 32; 125 iterations per epoch.
  const optim::schedule rate{optim::scaled_learning_rate(1e-4, 32, 128),
                             {optim::per_iteration(optim::linear_lr{.start_factor = 0.1, .end = 3}, 125),
                              optim::multi_step_lr{.milestones = {15, 25}, .gamma = 0.5, .begin = 3}}};
  const auto at_iteration = [&](std::int64_t i) { return rate({.epoch = i / 125, .iteration = i}); };
  const auto close = [](double got, double expected, double unit) { return std::abs(got - expected) <= unit / 2; };
  REQUIRE(close(at_iteration(0), 2.5e-6, 1e-12));
  REQUIRE(close(at_iteration(1), 2.56016e-6, 1e-11));
  REQUIRE(close(at_iteration(124), 9.95989e-6, 1e-11));
  REQUIRE(close(at_iteration(250), 1.754011e-5, 1e-11));
  REQUIRE(close(at_iteration(374), 2.5e-5, 1e-12));
  for (std::int64_t epoch = 3; epoch < 30; ++epoch) {
    const double expected = epoch < 18 ? 2.5e-5 : epoch < 28 ? 1.25e-5 : 6.25e-6;
    REQUIRE(close(at_iteration(125 * epoch), expected, 1e-12));
    REQUIRE(close(at_iteration(125 * epoch + 124), expected, 1e-12));
  }
}

TEST_CASE("warm-up by iteration, then a cosine by epoch: the action recognition recipe B", "[optim]") {
  const optim::schedule rate{2.5e-5,
                             {optim::per_iteration(optim::linear_lr{.start_factor = 0.1, .end = 5}, 125),
                              optim::cosine_lr{.t_max = 25, .eta_min = 1e-6, .begin = 5}}};
  const auto at_epoch = [&](std::int64_t e) { return rate({.epoch = e, .iteration = 125 * e}); };
  REQUIRE(std::abs(at_epoch(0) - 2.5e-6) < 1e-18);
  REQUIRE(std::abs(at_epoch(5) - 2.5e-5) < 5e-12);
  REQUIRE(std::abs(at_epoch(10) - 2.270820e-5) < 5e-12);
  REQUIRE(std::abs(at_epoch(17) - 1.375349e-5) < 5e-12);
  REQUIRE(std::abs(at_epoch(29) - 1.094624e-6) < 5e-13);
}

TEST_CASE("the rates that a published training log shows", "[optim]") {
  // lr 1e-5 for batches of 128, here 16; warm-up from 0.01 over 5 epochs of 250 iterations; logged with five digits.
  const optim::schedule rate{optim::scaled_learning_rate(1e-5, 16, 128),
                             {optim::per_iteration(optim::linear_lr{.start_factor = 0.01, .end = 5}, 250)}};
  const auto close = [&](std::int64_t i, double logged) {
    return std::abs(rate({.epoch = i / 250, .iteration = i}) - logged) <=
           0.5e-4 * std::pow(10, std::floor(std::log10(logged)));
  };
  REQUIRE(close(19, 3.1325e-08));
  REQUIRE(close(249, 2.5921e-07));
  REQUIRE(close(269, 2.7902e-07));
}

TEST_CASE("closed forms equal the multiplicative recursions", "[optim]") {
  // MMEngine's: each rule changes the present rate once per step while begin <= step < end.
  const double pi = std::acos(-1.0), s = 0.05, gamma = 0.3, eta_min = 0.02, t_max = 9;
  const std::vector<std::int64_t> milestones{2, 6, 6};
  double lr = 0.7, base = 0.7;
  const optim::schedule rate{base,
                             {optim::linear_lr{.start_factor = s, .end = 6},
                              optim::multi_step_lr{.milestones = milestones, .gamma = gamma, .begin = 2, .end = 10},
                              optim::cosine_lr{.t_max = 9, .eta_min = eta_min, .begin = 10, .end = 25}}};
  for (std::int64_t step = 0; step < 30; ++step) {
    if (step == 0) lr *= s;
    if (step > 0 && step < 6) lr *= 1 + (1 - s) / (5 * s + static_cast<double>(step - 1) * (1 - s));
    if (step >= 2 && step < 10)
      for (std::int64_t m : milestones)
        if (m == step - 2) lr *= gamma;
    if (step > 10 && step < 25) {
      const auto k = static_cast<double>(step - 10);
      const double now = 1 + std::cos(pi * k / t_max), before = 1 + std::cos(pi * (k - 1) / t_max);
      // At the bottom the recursion would divide by zero; there the rate starts anew from eta_min.
      const double top = base * gamma * gamma * gamma;
      lr = before < 1e-12 ? lr + (top - eta_min) * (1 - std::cos(pi / t_max)) / 2
                          : now / before * (lr - eta_min) + eta_min;
    }
    INFO("step " << step);
    REQUIRE(std::abs(rate({.epoch = step}) - lr) < 1e-14);
  }
}
