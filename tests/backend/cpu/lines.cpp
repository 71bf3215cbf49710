#include <tensorlab/backend/cpu/lines.hpp>

#include <limits>

#include <tensorlab/rule/reduce.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace detail = tl::detail;

TEST_CASE("sort keys ascend as the numbers do, with NaN last and zeros alike", "[cpu]") {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const double ascending[] = {-inf, -1e300, -2, -1e-300, 0, 5e-324, 1, 2, 1e300, inf, nan};
  for (std::size_t i = 1; i < std::size(ascending); ++i)
    REQUIRE(detail::sort_key(ascending[i - 1]) < detail::sort_key(ascending[i]));
  REQUIRE(detail::sort_key(-0.0f) == detail::sort_key(0.0f));
  REQUIRE(detail::sort_key(-nan) == detail::sort_key(nan));
  REQUIRE(detail::sort_key(std::int64_t{-1}) < detail::sort_key(std::int64_t{0}));
  REQUIRE(detail::sort_key((std::numeric_limits<std::int64_t>::min)()) == 0);
}

TEST_CASE("sorting by key is stable over runs and merges", "[cpu]") {
  for (const std::size_t n : {0, 1, 15, 16, 17, 33, 100}) {
    std::vector<detail::keyed_position> items(n), spare(n);
    for (std::size_t i = 0; i < n; ++i) items[i] = {(i * 7) % 5, static_cast<std::int64_t>(i)};
    detail::sort_by_key(items, spare);
    REQUIRE(items.size() == n);
    for (std::size_t i = 1; i < n; ++i) {
      const auto &a = items[i - 1], &b = items[i];
      REQUIRE((a.key < b.key || (a.key == b.key && a.position < b.position)));
    }
  }
}

TEST_CASE("lines beside each other are walked together, a tile at a time", "[cpu]") {
  // 70 columns of three rows; column c has its largest element in row c % 3.
  std::vector<float> x(210), y(210);
  for (std::size_t c = 0; c < 70; ++c) x[c % 3 * 70 + c] = 1;
  std::vector<std::int64_t> at(70, -1);
  const tl::shape s{3, 70};
  const tl::view<const float> in{x.data(), s, {70, 1}};
  detail::cpu_lines::arg_reduce(tl::rule::max{}, tl::view<std::int64_t>{at.data(), s, {0, 1}}, in, 0);
  for (std::size_t c = 0; c < 70; ++c) REQUIRE(at[c] == static_cast<std::int64_t>(c % 3));
  detail::cpu_lines::cumulate(tl::rule::sum{}, tl::view<float>{y.data(), s, {70, 1}}, in, 0, true);
  for (std::size_t c = 0; c < 70; ++c) {
    REQUIRE(y[c] == 1);
    REQUIRE(y[140 + c] == (c % 3 == 2 ? 1.0f : 0.0f));
  }
  detail::cpu_lines::arg_reduce(tl::rule::max{}, tl::view<std::int64_t>{at.data(), {0, 70}, {0, 1}},
                                tl::view<const float>{x.data(), {0, 70}, {70, 1}}, 0);
  REQUIRE(at[1] == 1);
}
