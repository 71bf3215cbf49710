#include "backend/both.hpp"

TEST_CASE("a float sum over any axis is exact to a few roundings however long it is", "[cpu]") {
  // Float sums run in short blocks that are added up in double; 0.1f is 0.100000001490116.
  const std::int64_t n = 1 << 20;
  for (const tl::strides& st : {tl::strides{2, 1}, tl::strides{1, n}}) {
    auto x = tl::array<float, B>::empty({n, 2}, st);
    B::map(tl::rule::fill<float>{0.1f}, x.view());
    auto y = tl::array<float, B>::empty({1, 2});
    B::reduce(tl::rule::sum{}, tl::reduction_view(y.view(), {n, 2}, {0}), x.cview());
    const double expected = 0.100000001490116 * static_cast<double>(n);
    for (float v : y.to_host()) REQUIRE(std::abs(static_cast<double>(v) - expected) < 1e-6 * expected);
  }
}
