#include <tensorlab/backend/simt/kernel/image.hpp>

#include <set>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

/// The offsets of an image's elements in the order of their numbers.
std::vector<std::int64_t> walk(const tl::shape& s, const tl::strides& st) {
  const kernel::image<const float> im(tl::view<const float>{nullptr, s, st});
  std::vector<std::int64_t> out;
  for (std::int64_t i = 0; i < im.size(); ++i) {
    std::int64_t at[4];
    im.coordinates(i, at);
    out.push_back(im.offset(at[0], at[1], at[2], at[3]));
  }
  return out;
}

}  // namespace

TEST_CASE("simt: an image's elements are numbered in memory order", "[backend][simt]") {
  const tl::shape s{2, 3, 2, 2};
  std::vector<std::int64_t> expected(24);
  for (std::size_t i = 0; i < 24; ++i) expected[i] = static_cast<std::int64_t>(i);
  REQUIRE(walk(s, tl::row_major(s)) == expected);
  REQUIRE(walk(s, tl::channels_last(s)) == expected);
  const auto gapped = walk(s, {100, 20, 5, 2});
  REQUIRE(std::set<std::int64_t>(gapped.begin(), gapped.end()).size() == 24);
  REQUIRE(gapped.back() == 100 + 2 * 20 + 5 + 2);
  REQUIRE(walk({0, 3, 2, 2}, tl::row_major(s)).empty());
}

TEST_CASE("simt: a window's taps lead to input positions and back", "[backend][simt]") {
  tl::window_geometry g;
  g.kernel = {1, 3};
  g.stride = {1, 2};
  g.dilation = {1, 2};
  g.pad_begin = {0, 1};
  const kernel::window_axis axis(g, 1);
  // Output q sees 2 q - 1, 2 q + 1, 2 q + 3.
  REQUIRE(axis.input(0, 0) == -1);
  REQUIRE(axis.input(2, 1) == 5);
  REQUIRE(axis.output(5, 1, 4) == 2);
  REQUIRE(axis.output(5, 2, 4) == 1);
  REQUIRE(axis.output(4, 1, 4) == -1);  // between two outputs
  REQUIRE(axis.output(1, 2, 4) == -1);  // before the first
  REQUIRE(axis.output(7, 0, 4) == -1);  // beyond the last
  REQUIRE(kernel::window_axis(g, 0).kernel == 1);
}
