#include <tensorlab/backend/simt/kernel/conv.hpp>

#include <tensorlab/backend/simt/kernel/fold.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

template <class T>
kernel::image<T> row(T* data, std::int64_t n, std::int64_t c, std::int64_t w) {
  const tl::shape s{n, c, 1, w};
  return kernel::image<T>(tl::view<T>{data, s, tl::row_major(s)});
}

/// Two taps, stride 2, one element of padding before: output q sees 2 q - 1 and 2 q.
tl::window_geometry window() {
  tl::window_geometry g;
  g.kernel = {1, 2};
  g.stride = {1, 2};
  g.pad_begin = {0, 1};
  return g;
}

}  // namespace

TEST_CASE("simt: a convolution is the sum over taps and channels", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const auto g = window();
    const std::vector<float> x{1, 2, 3, 4, 5, 10, 20, 30, 40, 50}, w{1, 2, 3, 4}, bias{1000};
    std::vector<float> y(3);
    const kernel::conv_body<float> body{row<float>(y.data(), 1, 1, 3),
                                        row<const float>(x.data(), 1, 2, 5),
                                        row<const float>(w.data(), 1, 2, 2),
                                        bias.data(),
                                        {g, 0},
                                        {g, 1},
                                        1};
    L::run("conv", y.data(), 1, body);
    // 2 1 + 4 10;  1 2 + 2 3 + 3 20 + 4 30;  1 4 + 2 5 + 3 40 + 4 50
    REQUIRE(y == std::vector<float>{1042, 1188, 1334});
  });
}

TEST_CASE("simt: a group's outputs see its own channels", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const tl::window_geometry g;
    const std::vector<float> x{1, 2, 3, 4}, w{5, 7}, dy{1, 1, 2, 2};
    std::vector<float> y(4), dx(4);
    const kernel::conv_body<float> body{row<float>(y.data(), 1, 2, 2),
                                        row<const float>(x.data(), 1, 2, 2),
                                        row<const float>(w.data(), 2, 1, 1),
                                        nullptr,
                                        {g, 0},
                                        {g, 1},
                                        1};
    L::run("conv", y.data(), 1, body);
    REQUIRE(y == std::vector<float>{5, 10, 21, 28});
    const kernel::conv_dx_body<float> back{row<float>(dx.data(), 1, 2, 2),
                                           row<const float>(dy.data(), 1, 2, 2),
                                           row<const float>(w.data(), 2, 1, 1),
                                           {g, 0},
                                           {g, 1},
                                           1};
    L::run("conv_dx", dx.data(), 1, back);
    REQUIRE(dx == std::vector<float>{5, 5, 14, 14});
  });
}

TEST_CASE("simt: an input's gradient gathers from the outputs that saw it", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const auto g = window();
    const std::vector<float> dy{1, 10, 100}, w{1, 2, 3, 4};
    std::vector<float> dx(10);
    const kernel::conv_dx_body<float> body{row<float>(dx.data(), 1, 2, 5),
                                           row<const float>(dy.data(), 1, 1, 3),
                                           row<const float>(w.data(), 1, 2, 2),
                                           {g, 0},
                                           {g, 1},
                                           1};
    L::run("conv_dx", dx.data(), 1, body);
    REQUIRE(dx == std::vector<float>{2, 10, 20, 100, 200, 4, 30, 40, 300, 400});
  });
}

TEST_CASE("simt: a weight's gradient skips the padding", "[backend][simt]") {
  const std::vector<float> dy{1, 10, 100}, x{1, 2, 3, 4, 5};
  std::vector<float> dw(1);
  const kernel::conv_dw_fold<float> fold{dy.data(), x.data(), dw.data(), 1, 5, 0, -1, -1};
  float sum = fold.identity();
  for (std::int64_t q = 0; q < 3; ++q) {
    const std::int64_t at[] = {q, 2 * q, 0, 2 * q, 0};  // the first tap, which output 0 has on the padding
    sum = fold.step(sum, at);
  }
  REQUIRE(sum == 420);  // 10 2 + 100 4
  const std::int64_t to[] = {0, 0, 0, 0, 0};
  fold.finish(to, fold.combine(sum, 1));
  REQUIRE(dw[0] == 421);
}
