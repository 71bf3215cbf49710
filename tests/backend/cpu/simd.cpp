#include <tensorlab/backend/cpu/simd.hpp>

#include <algorithm>
#include <numeric>

#include "support/catch.hpp"

namespace detail = tensorlab::detail;

TEMPLATE_TEST_CASE("all lanes of a pack are combined into one", "[cpu]", float, double) {
  using pack = detail::pack<TestType>;
  TestType lanes[pack::size];
  std::iota(lanes, lanes + pack::size, TestType(1));
  std::swap(lanes[0], lanes[pack::size - 1]);
  const pack v = pack::load(lanes);
  REQUIRE(detail::fold_lanes(v, [](const pack& a, const pack& b) { return a + b; }) ==
          TestType(pack::size * (pack::size + 1) / 2));
  REQUIRE(detail::fold_lanes(v, [](const pack& a, const pack& b) { return select(a < b, b, a); }) ==
          TestType(pack::size));
  REQUIRE(detail::fold_lanes(v, [](const pack& a, const pack& b) { return select(a < b, a, b); }) == TestType(1));
}
