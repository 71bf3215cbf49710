#include <tensorlab/optim/check.hpp>

#include <limits>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace optim = tl::optim::detail;

TEST_CASE("settings of optimisers are checked with their numbers", "[optim]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  REQUIRE_NOTHROW(optim::require_at_least_zero("adam", "eps", 0));
  REQUIRE_THROWS_WITH(optim::require_at_least_zero("adam", "eps", -1e-8),
                      Catch::Equals("adam: eps must be at least 0, got -1e-08"));
  REQUIRE_THROWS_AS(optim::require_at_least_zero("adam", "eps", nan), tl::value_error);
  REQUIRE_NOTHROW(optim::require_fraction("adam", "beta1", 0));
  REQUIRE_THROWS_WITH(optim::require_fraction("adam", "beta1", 1),
                      Catch::Equals("adam: beta1 must be in [0, 1), got 1"));
  REQUIRE_THROWS_AS(optim::require_fraction("adam", "beta1", nan), tl::value_error);
}
