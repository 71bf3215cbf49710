#include "backend/both.hpp"

namespace {

using namespace test;

template <class T>
void check(double lo, double hi) {
  const tl::shape shapes[] = {{0}, {1}, {2}, {17}, {300}, {5, 1, 7}, {4, 40, 6}, {3, 0, 2}};
  std::uint64_t seed = 1;
  for (const tl::shape& s : shapes)
    for (int axis = 0; axis < s.rank(); ++axis)
      for (layout l : every_layout)
        for (bool descending : {false, true}) {
          const auto x = random_both<T>(s, l, ++seed, lo, hi);
          auto values = random_both<T>(s, layout::gapped, ++seed);
          auto positions = random_both<std::int64_t>(s, layout::dense, ++seed);
          tl::reference::sort(values.e(), positions.e(), x.ce(), axis, descending);
          B::sort(values.g(), positions.g(), x.cg(), axis, descending);
          require_equal(values);
          require_equal(positions);
        }
}

}  // namespace

TEMPLATE_TEST_CASE("sort agrees with the reference", "[backend]", float, double) { check<TestType>(-5, 5); }

TEST_CASE("sort keeps the order of equal elements", "[backend]") {
  check<std::int64_t>(-3, 3);
  check<std::int32_t>(-2, 2);
}

TEST_CASE("sort puts NaN last ascending and first descending, and treats zeros alike", "[backend]") {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  const float given[] = {0.0f, nan, -inf, -0.0f, inf, nan, 0.0f, -1.0f};
  auto x = tl::array<float, B>::from_host(given, {8});
  auto values = tl::array<float, B>::empty({8});
  auto positions = tl::array<std::int64_t, B>::empty({8});
  B::sort(values.view(), positions.view(), x.cview(), 0, false);
  REQUIRE(positions.to_host() == std::vector<std::int64_t>{2, 7, 0, 3, 6, 4, 1, 5});
  B::sort(values.view(), positions.view(), x.cview(), 0, true);
  REQUIRE(positions.to_host() == std::vector<std::int64_t>{1, 5, 4, 0, 3, 6, 7, 2});
  REQUIRE(std::signbit(values.to_host()[4]));
}
