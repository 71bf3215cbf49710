#include <tensorlab/backend/simt/nest.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

template <int Operands>
std::vector<std::int64_t> offsets(const kernel::nest<Operands>& n, std::int64_t index) {
  std::vector<std::int64_t> at(Operands);
  n.offsets(index, at.data());
  return at;
}

}  // namespace

TEST_CASE("simt: dimensions that every operand walks as one are one loop", "[backend][simt]") {
  const tl::shape s{2, 1, 3, 4};
  const auto dense = kernel::make_nest(s, true, tl::strides{12, 99, 4, 1}, tl::strides{12, 0, 4, 1});
  REQUIRE(dense.rank == 1);
  REQUIRE(dense.count == 24);
  REQUIRE(dense.is_dense());
  REQUIRE(offsets(dense, 17) == std::vector<std::int64_t>{17, 17});
  const auto gaps = kernel::make_nest(s, true, tl::strides{12, 99, 4, 1}, tl::strides{30, 0, 4, 1});
  REQUIRE(gaps.rank == 2);
  REQUIRE_FALSE(gaps.is_dense());
  REQUIRE(offsets(gaps, 17) == std::vector<std::int64_t>{17, 35});  // 30 + 5
  REQUIRE(gaps.innermost(1) == 1);
  REQUIRE_FALSE(kernel::make_nest({5}, true, tl::strides{1}, tl::strides{2}).is_dense());
}

TEST_CASE("simt: loops follow the first operand's memory where that is asked for", "[backend][simt]") {
  const tl::shape s{2, 3};
  const tl::strides columns{1, 2}, rows{3, 1};
  REQUIRE(offsets(kernel::make_nest(s, true, columns, rows), 1) == std::vector<std::int64_t>{1, 3});
  REQUIRE(offsets(kernel::make_nest(s, false, columns, rows), 1) == std::vector<std::int64_t>{2, 1});
  // Repeated elements go outermost.
  REQUIRE(kernel::make_nest(s, true, tl::strides{1, 0}).innermost(0) == 1);
}

TEST_CASE("simt: an empty nest has no elements and a scalar's has one", "[backend][simt]") {
  REQUIRE(kernel::make_nest({3, 0, 2}, true, tl::strides{0, 2, 1}).count == 0);
  const auto scalar = kernel::make_nest({}, true, tl::strides{});
  REQUIRE(scalar.count == 1);
  REQUIRE(scalar.rank == 0);
  REQUIRE(scalar.is_dense());
  REQUIRE(offsets(scalar, 0) == std::vector<std::int64_t>{0});
  REQUIRE(scalar.innermost(0) == 0);
}

TEST_CASE("simt: numbers beyond 32 bits find their element", "[backend][simt]") {
  const std::int64_t row = std::int64_t{1} << 31;
  const auto n = kernel::make_nest({3, row}, false, tl::strides{5, 2});
  REQUIRE(n.rank == 2);
  REQUIRE(offsets(n, 2 * row + 7) == std::vector<std::int64_t>{24});  // 2 * 5 + 7 * 2
  const auto small = kernel::make_nest({3, 8}, false, tl::strides{5, 2});
  REQUIRE(offsets(small, 2 * 8 + 7) == std::vector<std::int64_t>{24});
}

TEST_CASE("simt: entries are picked by where a mask is zero", "[backend][simt]") {
  REQUIRE(kernel::pick({4, 5, 6}, {0, 7, 0}, true) == tl::dims{4, 6});
  REQUIRE(kernel::pick({4, 5, 6}, {0, 7, 0}, false) == tl::dims{5});
}
