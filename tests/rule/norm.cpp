#include <tensorlab/rule/norm.hpp>

#include <cmath>

#include "support/catch.hpp"

namespace rule = tensorlab::rule;

TEST_CASE("running statistics move towards the batch's by the momentum", "[rule][norm]") {
  REQUIRE(rule::running_mean{0.25}.f(2.0, 6.0) == 0.75 * 2 + 0.25 * 6);
  const double variance = 3, eps = 0.5, rstd = 1 / std::sqrt(variance + eps);
  REQUIRE(std::abs(rule::running_variance{0.25, 1.5, eps}.f(2.0, rstd) - (0.75 * 2 + 0.25 * 1.5 * variance)) < 1e-14);
  // A channel without variance stays at zero in spite of rounding.
  REQUIRE(rule::running_variance{1, 1, 1e-5}.f(7.0F, 1 / std::sqrt(1e-5F)) >= 0);
  REQUIRE(rule::running_variance{1, 1, 1e-5}.f(7.0F, 1 / std::sqrt(1e-5F)) < 1e-10F);
}
