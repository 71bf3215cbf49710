#include <tensorlab/backend/simt/kernel/sort.hpp>

#include <limits>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

const float nan = std::numeric_limits<float>::quiet_NaN();
using integers = std::vector<std::int64_t>;

/// Sorts a line of strided values and returns the positions; `steps` runs the network a step at a time.
template <class L>
integers order_of(std::vector<float> x, bool descending, bool steps) {
  const auto n = static_cast<std::int64_t>(x.size());
  std::vector<float> values(2 * x.size(), -1.0f);
  integers positions(x.size());
  kernel::sort_body<float> body{kernel::make_nest({1}, true, tl::strides{1}, tl::strides{1}, tl::strides{1}),
                                n,
                                2,
                                1,
                                1,
                                descending,
                                0,
                                0,
                                values.data(),
                                positions.data(),
                                x.data()};
  if (steps) {
    body.merge = 1;
    L::run("sort", nullptr, 2, body);
    for (body.merge = 2; body.merge < 2 * n; body.merge *= 2)
      for (body.distance = body.merge / 2; body.distance > 0; body.distance /= 2) L::run("sort", nullptr, 2, body);
  } else {
    L::run("sort", nullptr, 1, body);
  }
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float expected = x[static_cast<std::size_t>(positions[i])];
    REQUIRE((values[2 * i] == expected || (values[2 * i] != values[2 * i] && expected != expected)));
    REQUIRE(values[2 * i + 1] == -1);
  }
  return positions;
}

}  // namespace

TEST_CASE("simt: lines of any length are sorted stably, NaN as the largest", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    for (const bool steps : {false, true}) {
      REQUIRE(order_of<L>({3, 1, nan, 1, 2}, false, steps) == integers{1, 3, 4, 0, 2});
      REQUIRE(order_of<L>({3, 1, nan, 1, 2}, true, steps) == integers{2, 0, 4, 1, 3});
      REQUIRE(order_of<L>({2, 2, 2, 2, 2, 2, 2}, false, steps) == integers{0, 1, 2, 3, 4, 5, 6});
      REQUIRE(order_of<L>({9}, false, steps) == integers{0});
      REQUIRE(order_of<L>({8, 7, 6, 5, 4, 3, 2, 1, 0}, false, steps) == integers{8, 7, 6, 5, 4, 3, 2, 1, 0});
    }
  });
}
