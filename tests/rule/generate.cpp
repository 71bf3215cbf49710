#include <tensorlab/rule/generate.hpp>

#include "support/catch.hpp"

namespace rule = tensorlab::rule;
namespace random_numbers = tensorlab::random;

TEST_CASE("iota counts", "[rule]") {
  REQUIRE(rule::iota<double>{1, 0.5}.f(4) == 3);
  REQUIRE(rule::iota<std::int64_t>{10, -3}.f(2) == 4);
}

TEST_CASE("uniform scales the stream's numbers", "[rule]") {
  const rule::uniform<float> r{42, 7, -2, 3};
  for (std::uint64_t i = 0; i < 100; ++i) {
    REQUIRE(r.f(i) == -2 + 5 * random_numbers::uniform_at<float>(42, 7, i));
    REQUIRE((r.f(i) >= -2 && r.f(i) < 3));
  }
}

TEST_CASE("keep_mask keeps the share it is told", "[rule]") {
  const rule::keep_mask<double> r{1, 0, 0.75, 4.0 / 3};
  int kept = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    REQUIRE((r.f(i) == 0 || r.f(i) == 4.0 / 3));
    kept += r.f(i) != 0;
  }
  REQUIRE(std::abs(kept - 7500) < 5 * 43.3);  // five standard deviations, sqrt(10000 0.75 0.25)
  REQUIRE(rule::keep_mask<float>{1, 0, 1, 1}.f(5) == 1);
  REQUIRE(rule::keep_mask<float>{1, 0, 0, 1}.f(5) == 0);
}
