#include <tensorlab/core/dims.hpp>

#include <span>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("dims hold up to eight numbers", "[core]") {
  const tl::dims d{2, 3, 4};
  REQUIRE(d.rank() == 3);
  REQUIRE(d[1] == 3);
  REQUIRE(d.back() == 4);
  REQUIRE(d.size() == 24);
  REQUIRE(tl::dims{}.size() == 1);
  REQUIRE(tl::dims{5, 0}.size() == 0);
  REQUIRE(tl::dims{1, 2, 3, 4, 5, 6, 7, 8}.rank() == 8);
  REQUIRE_THROWS_AS((tl::dims{1, 2, 3, 4, 5, 6, 7, 8, 9}), tl::shape_error);
  REQUIRE_THROWS_WITH(tl::dims::filled(9, 1), "shape: more than 8 dimensions");
}

TEST_CASE("dims are compared, searched and printed", "[core]") {
  REQUIRE(tl::dims{1, 2} == tl::dims{1, 2});
  REQUIRE(tl::dims{1, 2} != tl::dims{1, 2, 1});
  REQUIRE(tl::dims{1, 2} != tl::dims{1, 3});
  REQUIRE(tl::dims{4, 7}.contains(7));
  REQUIRE_FALSE(tl::dims{4, 7}.contains(0));
  REQUIRE(tl::to_string(tl::dims{2, -1, 3}) == "[2, -1, 3]");
  REQUIRE(tl::to_string(tl::dims{}) == "[]");
}

TEST_CASE("dims grow and shrink", "[core]") {
  tl::dims d{1, 3};
  d.insert(1, 2);
  REQUIRE(d == tl::dims{1, 2, 3});
  d.insert(0, 0);
  d.insert(4, 4);
  REQUIRE(d == tl::dims{0, 1, 2, 3, 4});
  d.erase(2);
  REQUIRE(d == tl::dims{0, 1, 3, 4});
  d.push_back(9);
  REQUIRE(d == tl::dims{0, 1, 3, 4, 9});
  REQUIRE(tl::dims::filled(2, 7) == tl::dims{7, 7});
}

TEST_CASE("dims convert to and from spans", "[core]") {
  const std::int64_t values[] = {3, 1, 2};
  const tl::dims d{std::span<const std::int64_t>(values)};
  REQUIRE(d == tl::dims{3, 1, 2});
  REQUIRE(d.span().size() == 3);
  std::int64_t sum = 0;
  for (std::int64_t v : d) sum += v;
  REQUIRE(sum == 6);
}

static_assert(tl::dims{2, 3}.size() == 6, "shapes are usable at compile time");
