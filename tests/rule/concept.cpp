#include <tensorlab/rule/concept.hpp>
#include <tensorlab/rule/unary.hpp>

#include <cmath>

#include "support/catch.hpp"

namespace tl = tensorlab;

namespace {

struct cube {  // no df: dual numbers
  static constexpr tl::save saves = tl::save::input;
  static constexpr auto name = "cube";
  template <class T>
  static T f(const T& x) {
    return x * x * x;
  }
};

}  // namespace

static_assert(tl::has_df<tl::rule::exp> && !tl::has_df<cube> && !tl::has_df<tl::rule::floor>);
static_assert(tl::differentiable_rule<cube> && !tl::differentiable_rule<tl::rule::floor>);

TEST_CASE("the derivative of a rule is its df or a dual number's", "[rule]") {
  REQUIRE(tl::derivative(tl::rule::square{}, 3.0) == 6);
  REQUIRE(tl::derivative(cube{}, 2.0) == 12);
}

TEST_CASE("chain and chain2 are the backward passes", "[rule]") {
  REQUIRE(tl::chain<cube>{}.f(10.0, 2.0) == 120);
  REQUIRE(tl::chain2<cube>{}.f(3.0, 10.0, 2.0) == 3 * 10 * 12);
  // exp saves its output y: f' = y, whose derivative with respect to y is 1.
  REQUIRE(tl::chain<tl::rule::exp>{}.f(2.0, 5.0) == 10);
  REQUIRE(tl::chain2<tl::rule::exp>{}.f(3.0, 2.0, 5.0) == 6);
  REQUIRE(tl::chain<tl::rule::mul_scalar>{{0.5}}.f(8.0, 1.0) == 4);
}
