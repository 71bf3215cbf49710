#include <tensorlab/core/math.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"

namespace math = tensorlab::math;

TEST_CASE("sigmoid is exact at both ends", "[core]") {
  for (double x : {-3.0, -0.5, 0.0, 0.7, 12.0}) REQUIRE(std::abs(math::sigmoid(x) * (1 + std::exp(-x)) - 1) < 1e-15);
  REQUIRE(std::abs(math::sigmoid(-700.0) / std::exp(-700.0) - 1) < 1e-15);
  REQUIRE(math::sigmoid(-200.f) == 0.f);
  REQUIRE(math::sigmoid(800.0) == 1.0);
}

TEST_CASE("maximum and minimum pass NaN on", "[core]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  REQUIRE(math::maximum(1.0, 2.0) == 2);
  REQUIRE(math::minimum(1.0, 2.0) == 1);
  REQUIRE(std::isnan(math::maximum(nan, 2.0)));
  REQUIRE(std::isnan(math::maximum(2.0, nan)));
  REQUIRE(std::isnan(math::minimum(nan, 2.0)));
  REQUIRE(std::isnan(math::minimum(2.0, nan)));
}

TEST_CASE("abs, select and round", "[core]") {
  REQUIRE(math::abs(-2.5) == 2.5);
  REQUIRE(math::abs(3) == 3);
  REQUIRE(math::select(true, 1, 2) == 1);
  REQUIRE(math::select(false, 1.0, 2.0) == 2);
  REQUIRE(math::round(0.5) == 0);
  REQUIRE(math::round(1.5f) == 2);
  REQUIRE(math::round(-2.5) == -2);
}
