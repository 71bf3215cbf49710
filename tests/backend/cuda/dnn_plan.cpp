#include <tensorlab/backend/cuda/dnn_plan.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::cuda_kernel::dnn_plan;

namespace {

tl::view<const float> laid(const tl::shape& s, bool channels_last) {
  return {nullptr, s, channels_last ? tl::channels_last(s) : tl::row_major(s)};
}

tl::window_geometry window(std::int64_t begin, std::int64_t end, std::int64_t groups = 1) {
  tl::window_geometry g;
  g.kernel = {3, 3};
  g.pad_begin = {begin, begin};
  g.pad_end = {end, end};
  g.groups = groups;
  return g;
}

const tl::shape xs{2, 4, 8, 8}, ws{6, 4, 3, 3}, ys{2, 6, 8, 8};

}  // namespace

TEST_CASE("cuda: cuDNN gets convolutions of dense images in one memory order", "[backend][cuda]") {
  const auto g = window(1, 1);
  for (const bool last : {false, true}) {
    const auto p = dnn_plan::of(laid(ys, last), laid(xs, last), laid(ws, false), g);
    REQUIRE(p.suits);
    REQUIRE(p.channels_last == last);
    REQUIRE_FALSE(dnn_plan::of(laid(ys, last), laid(xs, !last), laid(ws, false), g).suits);
  }
  auto gapped = laid(xs, false);
  gapped.strides[0] *= 2;
  REQUIRE_FALSE(dnn_plan::of(laid(ys, false), gapped, laid(ws, false), g).suits);
}

TEST_CASE("cuda: cuDNN pads both sides alike", "[backend][cuda]") {
  REQUIRE(dnn_plan::of(laid({2, 6, 6, 6}, true), laid(xs, true), laid(ws, true), window(0, 0)).suits);
  REQUIRE_FALSE(dnn_plan::of(laid({2, 6, 7, 7}, true), laid(xs, true), laid(ws, true), window(0, 1)).suits);
  // Padding at the end that no window reaches is as good as none.
  auto strided = window(1, 0);
  strided.stride = {2, 2};
  REQUIRE(dnn_plan::of(laid({2, 6, 4, 4}, true), laid(xs, true), laid(ws, true), strided).suits);
}

TEST_CASE("cuda: cuDNN gets no depthwise, empty or huge convolutions", "[backend][cuda]") {
  REQUIRE(dnn_plan::of(laid({2, 4, 8, 8}, true), laid(xs, true), laid({4, 2, 3, 3}, true), window(1, 1, 2)).suits);
  REQUIRE_FALSE(
      dnn_plan::of(laid({2, 4, 8, 8}, true), laid(xs, true), laid({4, 1, 3, 3}, true), window(1, 1, 4)).suits);
  REQUIRE_FALSE(dnn_plan::of(laid({0, 6, 8, 8}, true), laid({0, 4, 8, 8}, true), laid(ws, true), window(1, 1)).suits);
  const std::int64_t many = std::int64_t{1} << 23;
  REQUIRE_FALSE(
      dnn_plan::of(laid({many, 6, 8, 8}, true), laid({many, 4, 8, 8}, true), laid(ws, true), window(1, 1)).suits);
}
