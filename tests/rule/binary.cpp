#include <tensorlab/rule/binary.hpp>

#include <cmath>
#include <limits>
#include <set>

#include "rule/derivatives.hpp"

namespace tl = tensorlab;
namespace rule = tensorlab::rule;

TEST_CASE("arithmetic rules", "[rule]") {
  REQUIRE(rule::add::f(2.0, 3.0) == 5);
  REQUIRE(rule::sub::f(2.0, 3.0) == -1);
  REQUIRE(rule::mul::f(2.0, 3.0) == 6);
  REQUIRE(rule::div::f(3.0, 2.0) == 1.5);
  REQUIRE(rule::pow::f(2.0, 3.0) == 8);
  REQUIRE(rule::maximum::f(2, 3) == 3);
  REQUIRE(rule::minimum::f(2.0, 3.0) == 2);
  REQUIRE(rule::greater_share::f(2.0, 1.0) == 1);
  REQUIRE(rule::greater_share::f(1.0, 1.0) == 0.5);
  REQUIRE(rule::greater_share::f(0.0, 1.0) == 0);
  REQUIRE(rule::equal_share::f(1.0, 1.0) == 1);
  REQUIRE(rule::equal_share::f(2.0, 1.0) == 0);
}

TEST_CASE("comparison and logic rules", "[rule]") {
  REQUIRE(rule::equal::f(1, 1));
  REQUIRE(rule::not_equal::f(1, 2));
  REQUIRE(rule::less::f(1, 2));
  REQUIRE(rule::less_equal::f(2, 2));
  REQUIRE(rule::greater::f(3, 2));
  REQUIRE(rule::greater_equal::f(2, 2));
  REQUIRE_FALSE(rule::less::f(2, 2));
  REQUIRE_FALSE(rule::greater::f(2, 2));
  REQUIRE(rule::logical_and::f(true, true));
  REQUIRE_FALSE(rule::logical_and::f(true, false));
  REQUIRE(rule::logical_or::f(true, false));
  REQUIRE_FALSE(rule::logical_or::f(false, false));
  REQUIRE(rule::logical_not::f(false));
  const double nan = std::numeric_limits<double>::quiet_NaN();
  REQUIRE_FALSE(rule::equal::f(nan, nan));
  REQUIRE(rule::not_equal::f(nan, nan));
  REQUIRE_FALSE(rule::less_equal::f(nan, 1.0));
}

TEST_CASE("choosing, copying, converting and filling rules", "[rule]") {
  REQUIRE(rule::where::f(true, 1, 2) == 1);
  REQUIRE(rule::where::f(false, 1, 2) == 2);
  REQUIRE(rule::copy::f(7) == 7);
  REQUIRE(rule::convert<int>::f(2.75) == 2);
  REQUIRE(rule::convert<bool>::f(0.5));
  REQUIRE(rule::fill<float>{3}.f() == 3);
}

TEST_CASE("rules of several inputs have names of their own", "[rule]") {
  const auto all =
      test::names(tl::join<rule::arithmetic_ops, rule::share_ops, rule::comparison_ops, rule::logical_ops>{});
  REQUIRE(std::set<std::string>(all.begin(), all.end()).size() == all.size());
}
