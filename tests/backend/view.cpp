#include <tensorlab/backend/view.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("a view finds elements by their row-major number", "[backend][view]") {
  const int memory[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
  const tl::view<const int> columns{memory, {2, 3}, {1, 4}};
  REQUIRE(columns.size() == 6);
  REQUIRE(columns.rank() == 2);
  REQUIRE_FALSE(columns.is_row_major());
  std::vector<int> seen;
  for (std::int64_t i = 0; i < columns.size(); ++i) seen.push_back(columns.at(i));
  REQUIRE(seen == std::vector<int>{0, 4, 8, 1, 5, 9});
  const tl::view<const int> backwards{memory + 3, {4}, {-1}};
  REQUIRE(backwards.at(3) == 0);
  REQUIRE(tl::view<const int>{memory + 5, {}, {}}.at(0) == 5);
  REQUIRE(tl::view<const int>{nullptr, {3, 0}, {1, 1}}.is_row_major());
}

TEST_CASE("a view of elements is one of constant elements", "[backend][view]") {
  int memory[] = {1, 2};
  const tl::view<int> v{memory, {2}, {1}};
  v.at(1) = 5;
  const tl::view<const int> c = v;
  REQUIRE(c.at(1) == 5);
  STATIC_REQUIRE_FALSE(std::is_convertible_v<tl::view<const int>, tl::view<int>>);
}

TEST_CASE("a broadcast view repeats elements, and a reduction's output stands still", "[backend][view]") {
  int memory[] = {10, 20, 30};
  const tl::view<int> row{memory, {3, 1}, {1, 1}};
  const auto wide = tl::broadcast_view(row, {2, 3, 2});
  REQUIRE(wide.shape == tl::shape{2, 3, 2});
  REQUIRE(wide.strides == tl::strides{0, 1, 0});
  REQUIRE(wide.at(9) == 20);
  const auto sums = tl::reduction_view(tl::view<int>{memory, {3, 1}, {1, 1}}, {3, 5}, {1});
  REQUIRE(sums.shape == tl::shape{3, 5});
  REQUIRE(sums.strides == tl::strides{1, 0});
  REQUIRE(&sums.at(14) == memory + 2);
}
