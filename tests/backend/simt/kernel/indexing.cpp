#include <tensorlab/backend/simt/kernel/indexing.hpp>

#include <limits>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

using integers = std::vector<std::int64_t>;

TEST_CASE("simt: gather takes elements of a strided table along an axis", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    // x [4, 2] by columns: rows (0, 10), (1, 11), (2, 12), (3, 13).
    const std::vector<float> x{0, 1, 2, 3, 10, 11, 12, 13};
    const integers index{3, 0, 1, 1, 2, 3};
    std::vector<float> y(6);
    const kernel::gather_body<float> body{
        kernel::make_nest({3, 2}, true, tl::strides{2, 1}, tl::strides{2, 1}, tl::strides{0, 4}), 1, y.data(),
        index.data(), x.data()};
    L::run("gather", y.data(), 2, body);
    REQUIRE(y == std::vector<float>{3, 10, 1, 11, 2, 13});
  });
}

TEST_CASE("simt: bins are counted over strided edges", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const std::vector<float> x{0, 1, 2, 2.5f, 9, std::numeric_limits<float>::quiet_NaN()},
        edges{1, -1, 2, -1, 3};  // every second one
    integers y(6);
    kernel::bucketize_body<float> body{
        kernel::make_nest({6}, true, tl::strides{1}, tl::strides{1}), y.data(), x.data(), edges.data(), 2, 3, false};
    L::run("bucketize", y.data(), 2, body);
    REQUIRE(y == integers{0, 0, 1, 2, 3, 3});
    body.right = true;
    L::run("bucketize", y.data(), 2, body);
    REQUIRE(y == integers{0, 1, 2, 2, 3, 3});
    body.count = 0;
    L::run("bucketize", y.data(), 2, body);
    REQUIRE(y == integers(6, 0));
  });
}

TEST_CASE("simt: both ways to scatter add the same terms in the same order", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    // Two lines of four go to three positions; 1e8 + 1 - 1e8 tells the orders of addition apart.
    const std::vector<float> x{1e8f, 1, -1e8f, 5, 1, 2, 3, 4};
    const integers index{0, 0, 0, 2, 1, 1, 2, 1};
    for (const bool by_position : {false, true}) {
      std::vector<float> y{0, 100, 0, 0, 100, 0};
      const kernel::scatter_add_body<float> body{
          kernel::make_nest({2, 1}, true, tl::strides{3, 1}, tl::strides{4, 1}, tl::strides{4, 1}),
          4,
          3,
          1,
          1,
          1,
          by_position,
          y.data(),
          index.data(),
          x.data()};
      L::run("scatter_add", y.data(), 2, body);
      REQUIRE(y == std::vector<float>{0, 100, 5, 0, 107, 3});
    }
  });
}
