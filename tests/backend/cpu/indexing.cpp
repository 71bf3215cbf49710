#include <tensorlab/backend/cpu/indexing.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::detail::cpu_indexing;
using integers = std::vector<std::int64_t>;

namespace {

/// The gathered and the scattered rows of a table [4, 5] of numbers by a repeated index, with x's rows `step` apart.
void check_rows(std::int64_t step, std::int64_t column) {
  INFO("row step " << step << ", column step " << column);
  std::vector<float> table(static_cast<std::size_t>(4 * step)), y(15, -1.0f);
  for (std::int64_t r = 0; r < 4; ++r)
    for (std::int64_t c = 0; c < 5; ++c)
      table[static_cast<std::size_t>(r * step + c * column)] = static_cast<float>(10 * r + c);
  const integers index{3, 0, 3};
  const tl::shape s{3, 5};
  const tl::view<const std::int64_t> rows{index.data(), s, {1, 0}};
  const tl::view<float> out{y.data(), s, {5, 1}}, sums{table.data(), {4, 5}, {step, column}};
  cpu_indexing::gather(out, tl::view<const float>(sums), rows, 0);
  REQUIRE(y == std::vector<float>{30, 31, 32, 33, 34, 0, 1, 2, 3, 4, 30, 31, 32, 33, 34});
  cpu_indexing::scatter_add(sums, tl::view<const float>(out), rows, 0);
  for (std::int64_t c = 0; c < 5; ++c) {
    REQUIRE(sums.at(c) == static_cast<float>(2 * c));
    REQUIRE(sums.at(5 + c) == static_cast<float>(10 + c));
    REQUIRE(sums.at(15 + c) == static_cast<float>(3 * (30 + c)));
  }
}

}  // namespace

TEST_CASE("whole rows are gathered and added where the index stands still", "[cpu]") {
  check_rows(5, 1);
  check_rows(7, 1);
  check_rows(10, 2);
}

TEST_CASE("an index of its own for each element leads along the axis", "[cpu]") {
  const std::vector<double> x{1, 2, 3, 10, 20, 30};
  const integers index{2, 0, 0, 1};
  std::vector<double> y(4), sums(6);
  const tl::shape s{2, 2};
  const tl::view<const std::int64_t> at{index.data(), s, {2, 1}};
  cpu_indexing::gather(tl::view<double>{y.data(), s, {2, 1}}, tl::view<const double>{x.data(), {2, 3}, {3, 1}}, at, 1);
  REQUIRE(y == std::vector<double>{3, 1, 10, 20});
  cpu_indexing::scatter_add(tl::view<double>{sums.data(), {2, 3}, {3, 1}}, tl::view<const double>{y.data(), s, {2, 1}},
                            at, 1);
  REQUIRE(sums == std::vector<double>{1, 0, 3, 10, 20, 0});
}

TEST_CASE("bins are counted over strided values and edges", "[cpu]") {
  const std::vector<float> x{0, -1, 1, -1, 2.5f, -1}, edges{1, -1, 2, -1};
  integers y(3);
  const auto bins = [&](bool right) {
    cpu_indexing::bucketize(tl::view<std::int64_t>{y.data(), {3}, {1}}, tl::view<const float>{x.data(), {3}, {2}},
                            tl::view<const float>{edges.data(), {2}, {2}}, right);
    return y;
  };
  REQUIRE(bins(false) == integers{0, 0, 2});
  REQUIRE(bins(true) == integers{0, 1, 2});
}
