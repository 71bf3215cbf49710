#include <tensorlab/backend/simt/kernel/pool.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

using integers = std::vector<std::int64_t>;

template <class T>
kernel::image<T> row(T* data, std::int64_t w) {
  const tl::shape s{1, 1, 1, w};
  return kernel::image<T>(tl::view<T>{data, s, tl::row_major(s)});
}

/// Three taps, stride 2, one element of padding at either end: the windows of five elements are 0..1, 1..3, 3..4.
tl::window_geometry window() {
  tl::window_geometry g;
  g.kernel = {1, 3};
  g.stride = {1, 2};
  g.pad_begin = g.pad_end = {0, 1};
  return g;
}

template <class L>
std::vector<float> pooled(tl::pool_kind kind, const std::vector<float>& x, integers& position) {
  const auto g = window();
  std::vector<float> y(3);
  const kernel::pool_body<float> body{
      kind,  row<float>(y.data(), 3), row<std::int64_t>(position.data(), 3), row<const float>(x.data(), 5), {g, 0},
      {g, 1}};
  L::run("pool", y.data(), 1, body);
  return y;
}

template <class L>
std::vector<float> spread(tl::pool_kind kind, const std::vector<float>& dy, const integers& position) {
  const auto g = window();
  std::vector<float> dx(5);
  const kernel::pool_dx_body<float> body{kind,
                                         row<float>(dx.data(), 5),
                                         row<const float>(dy.data(), 3),
                                         row<const std::int64_t>(position.data(), 3),
                                         {g, 0},
                                         {g, 1}};
  L::run("pool_dx", dx.data(), 1, body);
  return dx;
}

}  // namespace

TEST_CASE("simt: pooling takes the first largest element or the mean of a window", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const std::vector<float> x{-3, -6, 9, 0, 9};
    integers at(3, -7);
    REQUIRE(pooled<L>(tl::pool_kind::max, x, at) == std::vector<float>{-3, 9, 9});
    REQUIRE(at == integers{0, 2, 4});
    integers unused(3, -7);
    REQUIRE(pooled<L>(tl::pool_kind::average, x, unused) == std::vector<float>{-3, 1, 3});
    REQUIRE(pooled<L>(tl::pool_kind::average_without_padding, x, unused) == std::vector<float>{-4.5f, 1, 4.5f});
    REQUIRE(unused == integers(3, -7));
    REQUIRE(pooled<L>(tl::pool_kind::max, {5, 5, 5, 5, 5}, at) == std::vector<float>{5, 5, 5});
    REQUIRE(at == integers{0, 1, 3});
  });
}

TEST_CASE("simt: an input's gradient gathers its shares of the windows", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const std::vector<float> dy{6, 30, 600};
    REQUIRE(spread<L>(tl::pool_kind::max, dy, {1, 1, 4}) == std::vector<float>{0, 36, 0, 0, 600});
    REQUIRE(spread<L>(tl::pool_kind::average, dy, {0, 0, 0}) == std::vector<float>{2, 12, 10, 210, 200});
    REQUIRE(spread<L>(tl::pool_kind::average_without_padding, dy, {0, 0, 0}) ==
            std::vector<float>{3, 13, 10, 310, 300});
  });
}
