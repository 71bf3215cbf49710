#include <tensorlab/rule/reduce.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace rule = tensorlab::rule;

TEST_CASE("the initial value of a reduction changes nothing", "[rule]") {
  tl::for_each_type(rule::reduce_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      for (double x : {-2.5, 0.0, 3.0, std::numeric_limits<double>::infinity()}) {
        REQUIRE(R::combine(R::template init<double>(), x) == x);
        REQUIRE(R::combine(x, R::template init<double>()) == x);
      }
      for (std::int64_t x : {std::int64_t{-7}, std::int64_t{0}, (std::numeric_limits<std::int64_t>::min)()})
        REQUIRE(R::combine(R::template init<std::int64_t>(), x) == x);
    }
  });
}

TEST_CASE("reductions do not depend on the order of exact values", "[rule]") {
  tl::for_each_type(rule::reduce_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      const double x[] = {2, -3, 0.5, 4};
      const auto load = [&](int i) { return R::load(x[i]); };
      const double left = R::combine(R::combine(R::combine(load(0), load(1)), load(2)), load(3));
      const double tree = R::combine(R::combine(load(3), load(1)), R::combine(load(2), load(0)));
      REQUIRE(left == tree);
    }
  });
}

TEST_CASE("reductions load and combine by their formulas", "[rule]") {
  REQUIRE(rule::sum::combine(rule::sum::load(2.0), rule::sum::load(3.0)) == 5);
  REQUIRE(rule::sum_squares::combine(rule::sum_squares::load(2.0), rule::sum_squares::load(3.0)) == 13);
  REQUIRE(rule::prod::combine(2.0, 3.0) == 6);
  REQUIRE(rule::max::combine(2.0, 3.0) == 3);
  REQUIRE(rule::min::combine(2.0, 3.0) == 2);
  REQUIRE(std::isnan(rule::max::combine(1.0, std::nan(""))));
  REQUIRE(std::isnan(rule::min::combine(std::nan(""), 1.0)));
}

TEST_CASE("the first of equal elements stays the best, and a NaN beats numbers", "[rule]") {
  const double nan = std::nan("");
  REQUIRE(rule::max::better(2, 1));
  REQUIRE_FALSE(rule::max::better(1, 1));
  REQUIRE(rule::min::better(1, 2));
  REQUIRE_FALSE(rule::min::better(1, 1));
  REQUIRE(rule::max::better(nan, 1.0));
  REQUIRE_FALSE(rule::max::better(1.0, nan));
  REQUIRE_FALSE(rule::max::better(nan, nan));
  REQUIRE(rule::min::better(nan, 1.0));
  REQUIRE_FALSE(rule::min::better(nan, nan));
}
