#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <tensorlab/core/random.hpp>
#include <tensorlab/core/type_list.hpp>
#include <tensorlab/rule/concept.hpp>

#include "support/catch.hpp"

namespace test {

namespace tl = tensorlab;

inline bool close(double got, double expected) { return std::abs(got - expected) <= 1e-6 * (1 + std::abs(expected)); }

/// What a rule keeps for the backward pass of x.
template <class R>
double saved_value(const R& rule, double x) {
  return R::saves == tl::save::output ? rule.f(x) : x;
}

/// df, the derivative of df and, where the rule takes them, dual numbers of f against central differences.
template <class R>
void require_derivatives(const R& rule) {
  const tl::random::stream rng{3};
  const double h = 1e-5 * (R::sample.hi - R::sample.lo);
  for (int i = 0; i < 64; ++i) {
    const double x = rng.uniform(R::sample.lo + 2 * h, R::sample.hi - 2 * h), v = saved_value(rule, x);
    INFO("x = " << x);
    const double slope = (rule.f(x + h) - rule.f(x - h)) / (2 * h);
    REQUIRE(close(tl::derivative(rule, v), slope));
    REQUIRE(close(rule.f(tl::dual<double>(x, 1)).d, slope));
    // chain2 is taken with respect to what is saved; the rest of the way to x is the tape's.
    const double to_saved = R::saves == tl::save::output ? slope : 1;
    const double bend =
        (tl::derivative(rule, saved_value(rule, x + h)) - tl::derivative(rule, saved_value(rule, x - h))) / (2 * h);
    REQUIRE(close(tl::chain2<R>{rule}.f(1.0, 1.0, v) * to_saved, bend));
  }
}

/// Float and double results of a rule agree to float's precision.
template <class R>
void require_precision(const R& rule) {
  const tl::random::stream rng{4};
  for (int i = 0; i < 64; ++i) {
    const auto x = static_cast<float>(rng.uniform(R::sample.lo, R::sample.hi));
    const double exact = rule.f(static_cast<double>(x));
    INFO("x = " << x);
    REQUIRE(std::abs(static_cast<double>(rule.f(x)) - exact) <= 4e-6 * (1 + std::abs(exact)));
  }
}

/// Names of a list, to see that no two are the same.
template <class List>
std::vector<std::string> names(List list) {
  std::vector<std::string> all;
  tl::for_each_type(list, [&]<class R>() { all.push_back(R::name); });
  return all;
}

}  // namespace test
