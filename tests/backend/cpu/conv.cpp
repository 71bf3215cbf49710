#include <tensorlab/backend/cpu/conv.hpp>

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
