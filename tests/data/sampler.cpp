#include <tensorlab/data/sampler.hpp>

#include <algorithm>
#include <limits>

#include "support/catch.hpp"

namespace tl = tensorlab;
using list = std::vector<std::int64_t>;

TEST_CASE("sequential counts", "[data][sampler]") { REQUIRE(tl::data::sequential{}.order(3, 4) == list{0, 1, 2, 3}); }

TEST_CASE("shuffled is a permutation that seed and epoch choose", "[data][sampler]") {
  const tl::data::shuffled s{11};
  const list a = s.order(0, 100);
  list sorted = a;
  std::sort(sorted.begin(), sorted.end());
  REQUIRE(sorted == tl::data::sequential{}.order(0, 100));
  REQUIRE(a != sorted);
  REQUIRE(a == s.order(0, 100));
  REQUIRE(a != s.order(1, 100));
  REQUIRE(a != tl::data::shuffled{12}.order(0, 100));
}

TEST_CASE("shuffled puts every sample everywhere equally often", "[data][sampler]") {
  // 6000 epochs of 6 samples: each of the 36 cells expects 1000; chi-square with 25 degrees of freedom, p = 1e-4
  // at 60.1.
  std::vector<double> seen(36);
  for (int e = 0; e < 6000; ++e) {
    const list o = tl::data::shuffled{4}.order(e, 6);
    for (std::size_t i = 0; i < 6; ++i) ++seen[i * 6 + static_cast<std::size_t>(o[i])];
  }
  double chi = 0;
  for (double n : seen) chi += (n - 1000) * (n - 1000) / 1000;
  REQUIRE(chi < 60.1);
}

TEST_CASE("weighted draws in proportion to the weights", "[data][sampler]") {
  const std::vector<double> w{1, 0, 3, 0.5, 0, 5.5, 0};
  const tl::data::weighted s(w, 100000, 3);
  REQUIRE(s.size(7) == 100000);
  std::vector<double> seen(7);
  for (std::int64_t i : s.order(0, 7)) ++seen[static_cast<std::size_t>(i)];
  double chi = 0;
  for (std::size_t i = 0; i < 7; ++i) {
    const double expected = 100000 * w[i] / 10;
    if (expected == 0) {
      REQUIRE(seen[i] == 0);
    } else {
      chi += (seen[i] - expected) * (seen[i] - expected) / expected;
    }
  }
  REQUIRE(chi < 21.1);  // 3 degrees of freedom, p = 1e-4
  REQUIRE(s.order(0, 7) == s.order(0, 7));
  REQUIRE(s.order(0, 7) != s.order(1, 7));
}

TEST_CASE("weighted: draws are independent of their neighbours", "[data][sampler]") {
  const list o = tl::data::weighted(std::vector<double>{1, 1}, 40000, 8).order(0, 2);
  int repeats = 0;
  for (std::size_t i = 1; i < o.size(); ++i) repeats += o[i] == o[i - 1] ? 1 : 0;
  REQUIRE(std::abs(repeats - 20000) < 400);  // four standard deviations
}

TEST_CASE("weighted: bad weights are value errors", "[data][sampler]") {
  const auto make = [](std::vector<double> w, std::int64_t draws = 1) { return tl::data::weighted(w, draws, 0); };
  REQUIRE_THROWS_WITH(make({1, -2}), Catch::StartsWith("weighted: weight 1 is not a finite number >= 0"));
  REQUIRE_THROWS_AS(make({1, std::numeric_limits<double>::quiet_NaN()}), tl::value_error);
  REQUIRE_THROWS_AS(make({std::numeric_limits<double>::infinity()}), tl::value_error);
  REQUIRE_THROWS_AS(make({0, 0}), tl::value_error);
  REQUIRE_THROWS_AS(make({}), tl::value_error);
  REQUIRE_THROWS_AS(make({1}, -1), tl::value_error);
  REQUIRE_THROWS_WITH(make({1, 1}).order(0, 3), "weighted: 2 weights for a data set of 3 samples");
}
