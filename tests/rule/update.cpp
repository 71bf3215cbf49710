#include <tensorlab/rule/update.hpp>

#include <tuple>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace rule = tl::rule;

TEST_CASE("descent follows the gradient and the penalty", "[rule]") {
  double p = 2;
  rule::sgd{0.5, 0.25}.f(p, 1.0);
  REQUIRE(p == 1.25);  // 2 - 0.5 (1 + 0.25 2)
}

TEST_CASE("momentum keeps a part of the steps before", "[rule]") {
  double p = 0, b = 0;
  const rule::sgd_momentum heavy{1, 0, 0.5};
  heavy.f(p, 4.0, b);
  heavy.f(p, 4.0, b);
  REQUIRE(b == 6);
  REQUIRE(p == -10);
  double q = 0, c = 0;
  const rule::sgd_momentum nesterov{1, 0, 0.5, 1, 1, 0.5};
  nesterov.f(q, 4.0, c);
  REQUIRE(q == -6);  // 4 + 0.5 4
}

TEST_CASE("Adam divides the gradient's average by the root of its square's", "[rule]") {
  double p = 1, m = 0, v = 0;
  rule::adam{0.5, 4, 0.75, 0.75, 0, 0, 0.5}.f(p, 8.0, m, v);
  REQUIRE(m == 2);
  REQUIRE(v == 16);
  REQUIRE(p == 0.4375);  // 0.5 - 0.5 2 / (4 4)
}

TEST_CASE("with amsgrad the largest average so far divides", "[rule]") {
  double p = 0, m = 0, v = 0, largest = 64;
  const rule::adam_amsgrad r{1, 1, 0.75, 0.75, 0};
  r.f(p, 8.0, m, v, largest);
  REQUIRE(largest == 64);
  REQUIRE(p == -0.25);  // 2 / 8
  largest = 0;
  r.f(p, 8.0, m, v, largest);
  REQUIRE(largest == v);
}

TEST_CASE("RMSprop divides the gradient by the root of its square's average", "[rule]") {
  double p = 1, v = 0;
  rule::rmsprop{0.5, 0.75, 0}.f(p, 8.0, v);
  REQUIRE(p == 0);  // 1 - 0.5 8 / 4
  double q = 1, u = 0, a = 0, b = 1;
  rule::rmsprop_general{0.5, 0.75, 0, 0, 0.5, false}.f(q, 8.0, u, a, b);
  REQUIRE(b == 2.5);  // 0.5 + 8 / 4
  REQUIRE(q == -0.25);
  REQUIRE(a == 0);
  u = 0, a = 0, b = 0;
  rule::rmsprop_general{1, 0.75, 0, 0, 0, true}.f(q, 8.0, u, a, b);
  REQUIRE(a == 2);
  REQUIRE(b == Approx(8 / 3.4641016151));  // sqrt(16 - 4)
}

TEST_CASE("a moving average keeps its decay's share", "[rule]") {
  double p = 8;
  rule::moving_average{0.75}.f(p, 4.0);
  REQUIRE(p == 7);
}

TEST_CASE("every update rule says how many states it has", "[rule]") {
  std::vector<int> states;
  tl::for_each_type(rule::update_ops{}, [&]<class R>() { states.push_back(R::states); });
  REQUIRE(states == std::vector<int>{0, 1, 2, 3, 1, 3, 0});
}

TEST_CASE("a gradient counts as many times as a rule is told", "[rule]") {
  const auto same = [](auto rule, auto... state) {
    auto plain = rule;
    rule.factor = 0.25;
    double p = 2, q = 2;
    auto other = std::tuple(state...);
    auto mine = other;
    for (int i = 0; i < 2; ++i) {
      std::apply([&](auto&... s) { rule.f(p, 8.0, s...); }, mine);
      std::apply([&](auto&... s) { plain.f(q, 2.0, s...); }, other);
    }
    REQUIRE(p == q);
    REQUIRE(mine == other);
    REQUIRE(p != 2);
  };
  same(rule::sgd{0.5, 0.25});
  same(rule::sgd_momentum{0.5, 0.25, 0.5}, 0.0);
  same(rule::adam{0.5, 0.25, 0.75, 0.75, 1, 0.5, 0.5}, 0.0, 0.0);
  same(rule::adam_amsgrad{0.5, 0.25, 0.75, 0.75, 1, 0.5, 0.5}, 0.0, 0.0, 0.0);
  same(rule::rmsprop{0.5, 0.75, 1, 0.5}, 0.0);
  same(rule::rmsprop_general{0.5, 0.75, 1, 0.5, 0.5, true}, 0.0, 0.0, 0.0);
}
