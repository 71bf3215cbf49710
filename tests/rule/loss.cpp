#include <tensorlab/rule/loss.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace rule = tl::rule;

TEST_CASE("smooth L1 is a parabola between two lines", "[rule]") {
  const rule::smooth_l1 l{2};
  REQUIRE(l.f(1.0) == 0.25);  // 1 / (2 2)
  REQUIRE(l.f(-3.0) == 2);    // 3 - 1
  REQUIRE(l.f(2.0) == 1);
  REQUIRE(l.df(1.0) == 0.5);
  REQUIRE(l.df(3.0) == 1);
  REQUIRE(l.df(-3.0) == -1);
  const rule::smooth_l1 sharp{0};  // |d|
  REQUIRE(sharp.f(-0.5) == 0.5);
  REQUIRE(sharp.df(0.0) == 0);
}

TEST_CASE("Huber's loss is a parabola whose slope stops at delta", "[rule]") {
  const rule::huber l{2};
  REQUIRE(l.f(1.0) == 0.5);
  REQUIRE(l.f(-3.0) == 4);  // 2 (3 - 1)
  REQUIRE(l.df(1.0) == 1);
  REQUIRE(l.df(3.0) == 2);
  REQUIRE(l.df(-3.0) == -2);
}

TEST_CASE("cross entropy of logits weighs positive labels and never overflows", "[rule]") {
  const double softplus = std::log(1 + std::exp(-2.0));
  REQUIRE(rule::bce_with_logits::f(2.0, 1.0, 1.0) == Approx(softplus));
  REQUIRE(rule::bce_with_logits::f(2.0, 0.0, 1.0) == Approx(2 + softplus));
  REQUIRE(rule::bce_with_logits::f(-2.0, 1.0, 3.0) == Approx(3 * (2 + softplus)));
  REQUIRE(rule::bce_with_logits::f(-1000.0, 1.0, 1.0) == 1000);
  REQUIRE(rule::bce_with_logits::f(1000.0, 1.0, 1.0) == 0);
}

TEST_CASE("the slope of cross entropy is the difference of its numbers", "[rule]") {
  for (const double z : {-1.5, 0.0, 2.0})
    for (const double y : {0.0, 0.25, 1.0})
      for (const double p : {1.0, 3.0}) {
        const double h = 1e-6;
        const double slope = (rule::bce_with_logits::f(z + h, y, p) - rule::bce_with_logits::f(z - h, y, p)) / (2 * h);
        REQUIRE(rule::bce_with_logits_chain::f(2.0, z, y, p) == Approx(2 * slope).margin(1e-8));
      }
}

TEST_CASE("the gradient of a cross entropy is the probability, apart from the target's", "[rule]") {
  REQUIRE(rule::cross_entropy_chain{}.f(std::log(0.25), 8.0) == Approx(2));
  REQUIRE(rule::cross_entropy_chain{0.125}.f(std::log(0.25), 8.0) == Approx(1));
  REQUIRE(rule::cross_entropy_chain{}.f(-std::numeric_limits<double>::infinity(), 8.0) == 0);
}
