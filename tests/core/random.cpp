#include <tensorlab/core/random.hpp>

#include <array>
#include <cmath>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("a stream repeats from its seed and counter", "[core]") {
  const tl::random::stream a{42}, b{42}, c{43};
  const double first = a.uniform();
  REQUIRE(first == b.uniform());
  REQUIRE(first != c.uniform());
  tl::random::stream later;
  later.restore(a.seed(), a.counter());
  REQUIRE(later == a);
  REQUIRE(later.normal() == a.normal());
  REQUIRE(tl::random::stream(42, 1).uniform() == b.uniform());
  const std::uint64_t before = a.counter();
  REQUIRE(a.take(5) == before);
  REQUIRE(a.counter() == before + 5);
}

TEST_CASE("uniform and normal numbers have their moments", "[core]") {
  const tl::random::stream rng{1};
  const int n = 20000;
  double sum = 0, squares = 0, normal_sum = 0, normal_squares = 0;
  for (int i = 0; i < n; ++i) {
    const double u = rng.uniform(-1, 3), z = rng.normal();
    REQUIRE((u >= -1 && u < 3));
    sum += u;
    squares += (u - 1) * (u - 1);
    normal_sum += z;
    normal_squares += z * z;
  }
  // Within five standard errors: variance 16/12 and fourth moment 16/5 of the uniform, 1 and 3 of the normal.
  const double root = std::sqrt(n);
  REQUIRE(std::abs(sum / n - 1) < 5 * std::sqrt(16.0 / 12) / root);
  REQUIRE(std::abs(squares / n - 16.0 / 12) < 5 * std::sqrt(16.0 / 5 - 256.0 / 144) / root);
  REQUIRE(std::abs(normal_sum / n) < 5 / root);
  REQUIRE(std::abs(normal_squares / n - 1) < 5 * std::sqrt(2.0) / root);
}

TEST_CASE("below draws every value about equally often", "[core]") {
  const tl::random::stream rng{9};
  std::array<int, 6> counts{};
  for (int i = 0; i < 6000; ++i) ++counts[rng.below(6)];
  for (int c : counts) REQUIRE(std::abs(c - 1000) < 5 * std::sqrt(1000.0 * 5 / 6));
  REQUIRE(rng.below(1) == 0);
  REQUIRE(rng.below(std::uint64_t{1} << 63) < std::uint64_t{1} << 63);
  REQUIRE_THROWS_AS(rng.below(0), tl::value_error);
}

TEST_CASE("split streams depend on seed and tag alone", "[core]") {
  const tl::random::stream rng{5};
  const auto a = rng.split(1);
  rng.take(10);
  REQUIRE(rng.split(1) == a);
  REQUIRE(rng.split(2) != a);
  REQUIRE(tl::random::stream{6}.split(1) != a);
}
