#include <tensorlab/rule/unary.hpp>

#include <set>

#include "rule/derivatives.hpp"

namespace rule = tensorlab::rule;

TEST_CASE("elementary rules have right derivatives", "[rule]") {
  tensorlab::for_each_type(rule::elementary_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      test::require_derivatives(R{});
      test::require_precision(R{});
    }
  });
}

TEST_CASE("every elementary rule is differentiable and has a name of its own", "[rule]") {
  tensorlab::for_each_type(rule::elementary_ops{}, []<class R>() { static_assert(tensorlab::differentiable_rule<R>); });
  tensorlab::for_each_type(rule::discrete_ops{}, []<class R>() { static_assert(!tensorlab::differentiable_rule<R>); });
  const auto all = test::names(tensorlab::join<rule::elementary_ops, rule::discrete_ops>{});
  REQUIRE(std::set<std::string>(all.begin(), all.end()).size() == all.size());
}

TEST_CASE("parameters of rules are used", "[rule]") {
  REQUIRE(rule::clamp{-2, 3}.f(5.0) == 3);
  REQUIRE(rule::clamp{-2, 3}.f(-5.f) == -2.f);
  REQUIRE(rule::add_scalar{2}.f(1.0) == 3);
  REQUIRE(rule::mul_scalar{2}.f(3.0) == 6);
  REQUIRE(rule::div_scalar{4}.f(3.0) == 0.75);
  REQUIRE(rule::subtract_from{4}.f(3.0) == 1);
  REQUIRE(rule::divide_into{3}.f(4.0) == 0.75);
  REQUIRE(rule::pow_scalar{3}.f(2.0) == 8);
  REQUIRE(rule::pow_scalar{0}.df(0.0) == 0);
}
