#include <tensorlab/loss/reduction.hpp>

#include "support/backend.hpp"

namespace detail = tl::loss::detail;
using tl::loss::reduction;

TEST_CASE("a loss is the mean, the sum or all of its elements", "[loss]") {
  const auto x = tl::tensor<float, B>::from({1, 2, 3, 6}, {2, 2});
  test::require_values(detail::reduced(x, reduction::mean), {3});
  test::require_values(detail::reduced(x, reduction::sum), {12});
  test::require_values(detail::reduced(x, reduction::none), {1, 2, 3, 6});
  REQUIRE(detail::reduced(x, reduction::sum).rank() == 0);
}

TEST_CASE("losses say whose shapes differ", "[loss]") {
  REQUIRE_NOTHROW(detail::require_same_shape("mse", "x", {2, 3}, "y", {2, 3}));
  REQUIRE_THROWS_WITH(detail::require_same_shape("mse", "x", {2, 3}, "y", {3, 2}),
                      Catch::Equals("mse: shapes differ: x [2, 3], y [3, 2] (6 vs 6)"));
  REQUIRE_NOTHROW(detail::require_broadcast("bce", "weight", {3}, "x", {2, 3}));
  REQUIRE_NOTHROW(detail::require_broadcast("bce", "weight", {2, 1}, "x", {2, 3}));
  REQUIRE_THROWS_WITH(detail::require_broadcast("bce", "weight", {2}, "x", {2, 3}),
                      Catch::Equals("bce: weight does not broadcast to x: weight [2], x [2, 3] (2 vs 3)"));
  REQUIRE_THROWS_WITH(detail::require_broadcast("bce", "weight", {1, 2, 3}, "x", {2, 3}),
                      Catch::Contains("(3 vs 2)") || Catch::Contains("(1 vs"));
}
