#include <tensorlab/rule/activation.hpp>

#include <set>

#include "rule/derivatives.hpp"

namespace rule = tensorlab::rule;

TEST_CASE("activation rules have right derivatives", "[rule]") {
  tensorlab::for_each_type(rule::activation_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      test::require_derivatives(R{});
      test::require_precision(R{});
    }
  });
}

TEST_CASE("every activation is differentiable and has a name of its own", "[rule]") {
  tensorlab::for_each_type(rule::activation_ops{}, []<class R>() { static_assert(tensorlab::differentiable_rule<R>); });
  const auto all = test::names(rule::activation_ops{});
  REQUIRE(std::set<std::string>(all.begin(), all.end()).size() == all.size());
}

TEST_CASE("activations let NaN through", "[rule]") {
  tensorlab::for_each_type(rule::activation_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) { REQUIRE(std::isnan(R{}.f(std::nan("")))); }
  });
}
