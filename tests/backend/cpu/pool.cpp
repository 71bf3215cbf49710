#include <tensorlab/backend/cpu/pool.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::detail::pool_window;

TEST_CASE("a pooling window ends where the image does", "[cpu]") {
  tl::window_geometry g;
  g.kernel = {2, 4};
  g.stride = {1, 3};
  g.dilation = {1, 2};
  g.pad_begin = {1, 3};
  // Along the width of 6: the taps of output 0 lie at -3, -1, 1, 3, those of output 1 at 0, 2, 4, 6, of 2 at 3, 5,
  // 7, 9.
  const pool_window corner(g, 5, 6, 0, 0), middle(g, 5, 6, 1, 1), edge(g, 5, 6, 5, 2), outside(g, 5, 6, 6, 3);
  REQUIRE(corner.h == -1);
  REQUIRE(corner.v == -3);
  REQUIRE((corner.r0 == 1 && corner.r1 == 2 && corner.s0 == 2 && corner.s1 == 4));
  REQUIRE(corner.count() == 2);
  REQUIRE((middle.r0 == 0 && middle.r1 == 2 && middle.s0 == 0 && middle.s1 == 3));
  REQUIRE((edge.r0 == 0 && edge.r1 == 1 && edge.s0 == 0 && edge.s1 == 2));
  REQUIRE(outside.count() == 0);
}

TEST_CASE("more channels than a tile are pooled", "[cpu]") {
  // Channel c of two pixels holds c and 2 c.
  const std::int64_t channels = tl::detail::cpu_pool::tile + 3;
  std::vector<float> x, y(static_cast<std::size_t>(channels)), dx(static_cast<std::size_t>(2 * channels));
  for (const float pixel : {1.0f, 2.0f})
    for (std::int64_t c = 0; c < channels; ++c) x.push_back(pixel * static_cast<float>(c));
  std::vector<std::int64_t> at(y.size(), -1);
  tl::window_geometry g;
  g.kernel = {1, 2};
  const tl::shape xs{1, channels, 1, 2}, ys{1, channels, 1, 1};
  const tl::view<float> to{y.data(), ys, tl::channels_last(ys)};
  const tl::view<const float> from{x.data(), xs, tl::channels_last(xs)};
  const tl::view<std::int64_t> position{at.data(), ys, tl::channels_last(ys)};
  tl::detail::cpu_pool::pool(tl::pool_kind::max, to, position, from, g);
  for (std::size_t c = 0; c < y.size(); ++c) REQUIRE(y[c] == 2 * static_cast<float>(c));
  REQUIRE(at[0] == 0);  // both are 0: the first counts
  REQUIRE(std::vector<std::int64_t>(at.begin() + 1, at.end()) == std::vector<std::int64_t>(y.size() - 1, 1));
  tl::detail::cpu_pool::pool(tl::pool_kind::average, to, {}, from, g);
  for (std::size_t c = 0; c < y.size(); ++c) REQUIRE(y[c] == 1.5f * static_cast<float>(c));
  tl::detail::cpu_pool::pool_dx(tl::pool_kind::max, tl::view<float>{dx.data(), xs, tl::channels_last(xs)},
                                tl::view<const float>(to), position, g);
  for (std::size_t c = 1; c < y.size(); ++c) REQUIRE((dx[c] == 0 && dx[y.size() + c] == y[c]));
}
