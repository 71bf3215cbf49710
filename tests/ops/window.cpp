#include <tensorlab/ops/window.hpp>

#include "support/backend.hpp"

TEST_CASE("SAME padding gives ceil(in / stride) outputs, the odd one at the end", "[ops][window]") {
  // total = max((ceil(i / s) - 1) s + (k - 1) d + 1 - i, 0)
  REQUIRE(tl::same_padding(8, 3, 2) == tl::padding_sides{0, 1});
  REQUIRE(tl::same_padding(7, 3, 2) == tl::padding_sides{1, 1});
  REQUIRE(tl::same_padding(8, 5, 2) == tl::padding_sides{1, 2});
  REQUIRE(tl::same_padding(9, 1, 3) == tl::padding_sides{0, 0});
  REQUIRE(tl::same_padding(10, 3, 1, 4) == tl::padding_sides{4, 4});
  for (std::int64_t in = 1; in < 20; ++in)
    for (std::int64_t kernel = 1; kernel < 6; ++kernel)
      for (std::int64_t stride = 1; stride < 4; ++stride) {
        const auto p = tl::same_padding(in, kernel, stride);
        const tl::window_geometry g{{1, kernel}, {1, stride}, {1, 1}, {0, p.begin}, {0, p.end}, 1};
        REQUIRE(g.out(1, in) == (in + stride - 1) / stride);
        REQUIRE(p.end - p.begin >= 0);
        REQUIRE(p.end - p.begin <= 1);
      }
}

TEST_CASE("SAME padding of an image takes its last two dimensions", "[ops][window]") {
  const tl::window_padding p = tl::same_padding({1, 3, 8, 7}, 3, 2);
  REQUIRE(p == tl::window_padding({0, 1}, {1, 1}));
  REQUIRE_THROWS_WITH(tl::same_padding(tl::shape{5}, 3), "same_padding: no height and width in shape [5]");
}

TEST_CASE("an image op's result lies in memory as its input does", "[ops][window]") {
  const tl::shape in{2, 3, 4, 5}, out{2, 6, 2, 2};
  const auto result = [&](const tl::shape& s, const tl::strides& st) {
    return tl::detail::image_strides<tl::reference>(out, s, st);
  };
  REQUIRE(result(in, tl::row_major(in)) == tl::row_major(out));
  REQUIRE(result(in, tl::channels_last(in)) == tl::channels_last(out));
  // One channel or one pixel reads both ways: row-major wins.
  REQUIRE(result({2, 1, 4, 5}, tl::channels_last({2, 1, 4, 5})) == tl::row_major(out));
  REQUIRE(result({2, 3, 1, 1}, tl::channels_last({2, 3, 1, 1})) == tl::row_major(out));
}
