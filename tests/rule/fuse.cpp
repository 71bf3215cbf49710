#include <tensorlab/rule/fuse.hpp>

#include <cmath>

#include <tensorlab/rule/activation.hpp>
#include <tensorlab/rule/unary.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace rule = tl::rule;

TEST_CASE("fused rules are applied one after the other", "[rule]") {
  const auto one = tl::fuse(rule::square{});
  REQUIRE(one.f(3.0) == 9);
  const auto r = tl::fuse(rule::mul_scalar{2}, rule::square{}, rule::add_scalar{1});
  REQUIRE(r.f(3.0) == 37);                                              // (2 3)^2 + 1
  REQUIRE(tl::fuse(rule::add_scalar{1}, rule::square{}).f(3.0) == 16);  // the order counts
}

TEST_CASE("the derivative of fused rules is the product of theirs", "[rule]") {
  REQUIRE(tl::derivative(tl::fuse(rule::square{}), 3.0) == 6);
  const auto r = tl::fuse(rule::mul_scalar{2}, rule::square{}, rule::add_scalar{1});
  REQUIRE(tl::derivative(r, 3.0) == 24);  // 2 (2 2 3)
  // tanh saves its output, erf its input: d/dx tanh(erf x) = (1 - tanh(erf x)^2) 2 / sqrt(pi) e^(-x^2)
  const double y = std::tanh(std::erf(0.3));
  REQUIRE(tl::derivative(tl::fuse(rule::erf{}, rule::tanh{}), 0.3) ==
          Approx((1 - y * y) * 1.1283791670955126 * std::exp(-0.09)));
  REQUIRE(
      tl::derivative(tl::fuse(rule::tanh{}, rule::erf{}), 0.3) ==
      Approx((1 - std::tanh(0.3) * std::tanh(0.3)) * 1.1283791670955126 * std::exp(-std::tanh(0.3) * std::tanh(0.3))));
}

TEST_CASE("a fused rule's slope at a kink is its parts'", "[rule]") {
  REQUIRE(tl::derivative(tl::fuse(rule::relu{}, rule::mul_scalar{3}), 0.0) == 0);
  REQUIRE(tl::derivative(tl::fuse(rule::mul_scalar{3}, rule::relu{}), 0.0) == 0);
}

TEST_CASE("a fused rule has a second derivative", "[rule]") {
  // (e^(2 x))'' = 4 e^(2 x)
  const auto r = tl::fuse(rule::mul_scalar{2}, rule::exp{});
  REQUIRE(tl::chain2<decltype(r)>{r}.f(1.0, 1.0, 0.5) == Approx(4 * std::exp(1.0)));
}
