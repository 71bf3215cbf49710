#include <tensorlab/rule/drop.hpp>

#include <cmath>

#include <tensorlab/rule/activation.hpp>
#include <tensorlab/rule/binary.hpp>

#include "support/catch.hpp"

namespace rule = tensorlab::rule;

TEST_CASE("a draw in memory makes the mask of its key and block", "[rule]") {
  const rule::draw begin{~std::uint64_t{4}, 7};
  std::int64_t drawn[] = {begin.f(0), begin.f(1)};
  const auto mask = rule::drawn_mask<float>{drawn, 0.75F, 4.0F / 3}.mask();
  const rule::keep_mask<float> expected{~std::uint64_t{4}, 7, 0.75F, 4.0F / 3};
  for (std::uint64_t i = 0; i < 50; ++i) REQUIRE(mask.f(i) == expected.f(i));
  drawn[1] = 8;  // a block is four floats
  REQUIRE(rule::drawn_mask<float>{drawn, 0.75F, 4.0F / 3}.mask().f(3) == expected.f(7));
}

TEST_CASE("drop is the rule's value times the mask, its chain the slope times both", "[rule]") {
  const std::int64_t drawn[] = {42, 3};
  const rule::drawn_mask<double> random{drawn, 0.5, 2};
  const rule::drop<rule::copy, double> plain{random};
  const rule::drop<rule::leaky_relu, double> leaky{random, {0.25}};
  const rule::drop_chain<rule::leaky_relu, double> back{random, {0.25}};
  int kept = 0;
  for (std::uint64_t i = 0; i < 100; ++i) {
    const double c = random.mask().f(i);
    REQUIRE((c == 0 || c == 2));
    kept += c != 0;
    REQUIRE(plain.f(i, 1.5) == 1.5 * c);
    REQUIRE(leaky.f(i, -8.0) == -2 * c);        // 0.25 -8
    REQUIRE(back.f(i, 3.0, -8.0) == 0.75 * c);  // 3 0.25
    REQUIRE(back.f(i, 3.0, 8.0) == 3 * c);
  }
  REQUIRE((kept > 25 && kept < 75));  // five standard deviations, sqrt(100 / 4)
}

TEST_CASE("the chain of a rule that saves its output takes the input", "[rule]") {
  const std::int64_t drawn[] = {1, 0};
  const rule::drawn_mask<double> all{drawn, 1, 1};
  const double t = std::tanh(0.7);
  REQUIRE(rule::drop_chain<rule::tanh, double>{all}.f(0, 2.0, 0.7) == Approx(2 * (1 - t * t)));
  REQUIRE(rule::drop_chain<rule::relu, double>{all}.f(0, 2.0, -0.7) == 0);
  // By dual numbers: gelu_tanh'(0) = 1 / 2.
  REQUIRE(rule::drop_chain<rule::gelu_tanh, double>{all}.f(0, 2.0, 0.0) == 1);
}
