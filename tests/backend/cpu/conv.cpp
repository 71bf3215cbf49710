#include <tensorlab/backend/cpu/conv.hpp>

#include <cmath>
#include <limits>

#include "backend/both.hpp"

using namespace test;

TEST_CASE("only operands of another memory order are copied", "[cpu]") {
  const tl::shape s{1, 2, 1, 2};
  float memory[4] = {1, 10, 2, 20}, rows[4] = {1, 2, 10, 20};
  const tl::view<float> last{memory, s, tl::channels_last(s)}, plain{rows, s, tl::row_major(s)};
  REQUIRE(tl::detail::channels_last_input<float>(last).data() == memory);
  const tl::detail::channels_last_input<float> copy(plain);
  REQUIRE(copy.data() != rows);
  REQUIRE(std::vector<float>(copy.data(), copy.data() + 4) == std::vector<float>(memory, memory + 4));
  REQUIRE(tl::detail::channels_last_output<float>(last).data() == memory);
  const tl::detail::channels_last_output<float> out(plain);
  REQUIRE(out.data() != rows);
  for (int i = 0; i < 4; ++i) out.data()[i] = static_cast<float>(i);
  out.finish();
  REQUIRE(std::vector<float>(rows, rows + 4) == std::vector<float>{0, 2, 1, 3});
}

TEST_CASE("windows of one tap that touch every pixel are the pixels", "[cpu]") {
  const tl::shape x{1, 3, 4, 4}, w{5, 3, 1, 1}, y{1, 5, 4, 4};
  tl::window_geometry g;
  REQUIRE(tl::detail::window_products<float>{x, y, w, g}.windows_are_pixels());
  g.stride = {1, 2};
  REQUIRE_FALSE(tl::detail::window_products<float>{x, {1, 5, 4, 2}, w, g}.windows_are_pixels());
  g.stride = {1, 1};
  g.pad_begin = {0, 1};
  REQUIRE_FALSE(tl::detail::window_products<float>{x, y, w, g}.windows_are_pixels());
  g.pad_begin = {0, 0};
  REQUIRE_FALSE(tl::detail::window_products<float>{x, {1, 5, 3, 4}, {5, 3, 2, 1}, g}.windows_are_pixels());
}

TEST_CASE("a window of one tap makes a convolution a product", "[cpu]") {
  using products = tl::detail::window_products<float>;
  const tl::window_geometry g;
  REQUIRE(products{{1, 3, 4, 4}, {1, 5, 4, 4}, {5, 3, 1, 1}, g}.is_product());
  REQUIRE(products{{1, 3, 4, 4}, {1, 5, 4, 4}, {5, 3, 1, 1}, g}.gains_channels());
  REQUIRE_FALSE(products{{1, 5, 4, 4}, {1, 5, 4, 4}, {5, 5, 1, 1}, g}.gains_channels());
  REQUIRE_FALSE(products{{1, 5, 4, 4}, {1, 3, 4, 4}, {3, 5, 1, 1}, g}.has_few_pixels());
  REQUIRE(products{{1, 5, 2, 2}, {1, 3, 2, 2}, {3, 5, 1, 1}, g}.has_few_pixels());
  tl::window_geometry grouped;
  grouped.groups = 2;
  REQUIRE_FALSE(products{{1, 4, 4, 4}, {1, 6, 4, 4}, {6, 2, 1, 1}, grouped}.is_product());
}

TEST_CASE("products over windows agree with the reference for floats too", "[cpu]") {
  tl::window_geometry g;
  g.kernel = {3, 2};
  g.stride = {1, 2};
  g.dilation = {2, 1};
  g.pad_begin = {2, 0};
  g.pad_end = {1, 1};
  g.groups = 2;
  const tl::shape xs{3, 6, 8, 7}, ws{4, 3, 3, 2}, ys{3, 4, g.out(0, 8), g.out(1, 7)};
  const auto x = random_both<float>(xs, layout::channels_last, 1), w = random_both<float>(ws, layout::gapped, 2);
  const auto bias = random_both<float>({4}, layout::dense, 3), dy = random_both<float>(ys, layout::channels_last, 4);
  auto y = random_both<float>(ys, layout::channels_last, 5), dx = random_both<float>(xs, layout::channels_last, 6);
  auto dw = random_both<float>(ws, layout::gapped, 7);
  const tl::detail::window_products<float> products{xs, ys, ws, g};
  tl::reference::conv(y.e(), x.ce(), w.ce(), bias.ce().data, g);
  products.forward(y.g().data, x.cg().data, w.cg(), bias.cg().data);
  require_equal(y);
  tl::reference::conv_dx(dx.e(), dy.ce(), w.ce(), g);
  products.data_gradient(dx.g().data, dy.cg().data, w.cg());
  require_equal(dx);
  tl::reference::conv_dw(dw.e(), dy.ce(), x.ce(), g);
  products.weights_gradient(dw.g(), dy.cg().data, x.cg().data);
  require_equal(dw);
}

TEMPLATE_TEST_CASE("a sum and what is positive of it take a result's place", "[cpu]", float, double) {
  using T = TestType;
  const tl::shape s{2, 5, 3, 7};
  for (const layout order : {layout::channels_last, layout::dense, layout::gapped}) {
    auto y = random_both<T>(s, order, 1);
    const auto residual = random_both<T>(s, layout::channels_last, 2);
    tl::reference::map(tl::rule::add{}, y.e(), y.ce(), residual.ce());
    tl::reference::map(tl::rule::relu{}, y.e(), y.ce());
    tl::detail::cpu_conv::add_relu(y.g(), residual.cg());
    require_equal(y);
    auto alone = random_both<T>(s, order, 3);
    tl::reference::map(tl::rule::relu{}, alone.e(), alone.ce());
    tl::detail::cpu_conv::add_relu(alone.g(), tl::view<const T>{});
    require_equal(alone);
  }
}

TEST_CASE("a prepared conv_relu is a convolution and a pass over its result", "[cpu]") {
  const tl::shape xs{2, 16, 5, 5}, ws{32, 16, 1, 1}, ys{2, 32, 5, 5};
  const auto x = random_both<float>(xs, layout::channels_last, 1), w = random_both<float>(ws, layout::dense, 2),
             residual = random_both<float>(ys, layout::channels_last, 3);
  auto y = random_both<float>(ys, layout::channels_last, 4);
  tl::capture recording;
  {
    const tl::capture::scope here(&recording);
    recording.assume_constants();
    B::conv_relu(y.g(), x.cg(), w.cg(), static_cast<const float*>(nullptr), residual.cg(), {});
  }
  REQUIRE(recording.actions() == 2);
  tl::reference::conv(y.e(), x.ce(), w.ce(), static_cast<const float*>(nullptr), {});
  tl::reference::map(tl::rule::add{}, y.e(), y.ce(), residual.ce());
  tl::reference::map(tl::rule::relu{}, y.e(), y.ce());
  for (int i = 0; i < 2; ++i) {
    require_equal(y, 4);
    recording.replay();
  }
}

TEST_CASE("conv_relu adds to what Winograd's algorithm computes, and lets NaN pass", "[cpu]") {
  tl::window_geometry g;
  g.kernel = {3, 3};
  g.pad_begin = g.pad_end = {1, 1};
  const tl::shape s{1, 32, 28, 28}, ws{32, 32, 3, 3};
  auto x = random_both<float>(s, layout::channels_last, 1), y = random_both<float>(s, layout::channels_last, 2);
  const auto w = random_both<float>(ws, layout::dense, 3), bias = random_both<float>({32}, layout::dense, 4),
             residual = random_both<float>(s, layout::channels_last, 5);
  B::conv(y.g(), x.cg(), w.cg(), bias.cg().data, g);
  tl::reference::map(tl::rule::add{}, y.e(), y.cg(), residual.ce());
  tl::reference::map(tl::rule::relu{}, y.e(), y.ce());
  B::conv_relu(y.g(), x.cg(), w.cg(), bias.cg().data, residual.cg(), g);
  require_equal(y);
  B::map(tl::rule::fill<float>{std::numeric_limits<float>::quiet_NaN()}, x.g());
  for (const tl::view<const float>& added : {residual.cg(), tl::view<const float>{}}) {
    B::conv_relu(y.g(), x.cg(), w.cg(), bias.cg().data, added, g);
    for (std::int64_t i = 0; i < s.size(); ++i) REQUIRE(std::isnan(y.cg().data[i]));
  }
}
