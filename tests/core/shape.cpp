#include <tensorlab/core/shape.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::dims;

TEST_CASE("row-major strides", "[core]") {
  REQUIRE(tl::row_major({2, 3, 4}) == dims{12, 4, 1});
  REQUIRE(tl::row_major({}) == dims{});
  REQUIRE(tl::row_major({2, 0, 4}) == dims{4, 4, 1});
  REQUIRE(tl::is_row_major({2, 3}, {3, 1}));
  REQUIRE_FALSE(tl::is_row_major({2, 3}, {1, 2}));
  REQUIRE_FALSE(tl::is_row_major({2, 3}, {6, 2}));
  REQUIRE(tl::is_row_major({1, 3, 1}, {77, 1, -5}));
  REQUIRE(tl::is_row_major({2, 0}, {9, 9}));
  REQUIRE(tl::is_row_major({}, {}));
}

TEST_CASE("channels-last strides", "[core]") {
  REQUIRE(tl::channels_last({2, 3, 4, 5}) == dims{60, 1, 15, 3});
  REQUIRE(tl::channels_last({2, 3, 4}) == dims{12, 1, 3});
  REQUIRE(tl::channels_last({2, 3}) == dims{3, 1});
}

TEST_CASE("dense strides keep the order of dimensions in memory", "[core]") {
  REQUIRE(tl::dense_like({2, 3, 4}, {12, 4, 1}) == dims{12, 4, 1});
  REQUIRE(tl::dense_like({2, 3, 4, 5}, tl::channels_last({2, 3, 4, 5})) == dims{60, 1, 15, 3});
  REQUIRE(tl::dense_like({3, 2}, {1, 3}) == dims{1, 3});
  REQUIRE(tl::dense_like({3, 2}, {2, 14}) == dims{1, 3});
  REQUIRE(tl::dense_like({3, 2}, {0, 1}) == dims{2, 1});
  REQUIRE(tl::dense_like({2, 1, 4, 5}, tl::channels_last({2, 1, 4, 5})) == dims{20, 20, 5, 1});
}

TEST_CASE("axes are normalised and checked", "[core]") {
  REQUIRE(tl::normalize_axis("op", -1, 3) == 2);
  REQUIRE(tl::normalize_axis("op", 0, 3) == 0);
  REQUIRE_THROWS_WITH(tl::normalize_axis("op", 3, 3), "op: axis 3 is outside a tensor of rank 3");
  REQUIRE_THROWS_AS(tl::normalize_axis("op", -4, 3), tl::shape_error);
  REQUIRE(tl::normalize_axes("op", {}, 3) == dims{0, 1, 2});
  REQUIRE(tl::normalize_axes("op", {-1, 0}, 3) == dims{2, 0});
  REQUIRE_THROWS_WITH(tl::normalize_axes("op", {1, -2}, 3), "op: axis -2 is given twice in [1, -2]");
}

TEST_CASE("shapes broadcast as NumPy's", "[core]") {
  REQUIRE(tl::broadcast_shapes("op", {2, 3}, {2, 3}) == dims{2, 3});
  REQUIRE(tl::broadcast_shapes("op", {3}, {2, 1}) == dims{2, 3});
  REQUIRE(tl::broadcast_shapes("op", {}, {4, 0}) == dims{4, 0});
  REQUIRE(tl::broadcast_shapes("op", {1, 5}, {0, 1}) == dims{0, 5});
  REQUIRE_THROWS_WITH(tl::broadcast_shapes("op", {2, 3}, {4}),
                      "op: shapes do not broadcast: lhs [2, 3], rhs [4] (3 vs 4)");
  REQUIRE_THROWS_AS(tl::broadcast_shapes("op", {0}, {2}), tl::shape_error);
  REQUIRE(tl::broadcast_strides({2, 1}, {1, 1}, {3, 2, 4}) == dims{0, 1, 0});
}

TEST_CASE("reduced shapes", "[core]") {
  REQUIRE(tl::reduced_shape({2, 3, 4}, {1}, false) == dims{2, 4});
  REQUIRE(tl::reduced_shape({2, 3, 4}, {2, 0}, true) == dims{1, 3, 1});
  REQUIRE(tl::reduced_shape({2}, {0}, false) == dims{});
}
