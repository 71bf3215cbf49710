#include "backend/both.hpp"

using namespace test;

#if TENSORLAB_HAS_ONEDNN

namespace {

tl::window_geometry square(std::int64_t kernel, std::int64_t pad) {
  tl::window_geometry g;
  g.kernel = {kernel, kernel};
  g.pad_begin = g.pad_end = {pad, pad};
  return g;
}

}  // namespace

TEST_CASE("a convolution's primitive is made once", "[cpu]") {
  const auto x = random_both<float>({2, 5, 9, 9}, layout::channels_last, 1),
             w = random_both<float>({7, 5, 3, 3}, layout::dense, 2);
  auto y = random_both<float>({2, 7, 9, 9}, layout::channels_last, 3);
  const auto run = [&] { B::conv(y.g(), x.cg(), w.cg(), static_cast<const float*>(nullptr), square(3, 1)); };
  run();
  const auto warm = B::convolution_cache();
  const auto memory = B::memory();
  for (int i = 0; i < 5; ++i) run();
  REQUIRE(B::convolution_cache().misses == warm.misses);
  REQUIRE(B::convolution_cache().hits == warm.hits + 5);
  REQUIRE(B::convolution_cache().size <= B::convolution_cache().capacity);
  REQUIRE(B::memory().system_allocations == memory.system_allocations);
}

TEST_CASE("what oneDNN refuses is an error that names the pass and the shapes", "[cpu]") {
  const auto x = random_both<float>({1, 4, 6, 6}, layout::channels_last, 1),
             w = random_both<float>({4, 4, 3, 3}, layout::dense, 2);
  auto y = random_both<float>({1, 4, 6, 6}, layout::channels_last, 3);  // without padding it is [1, 4, 4, 4]
  REQUIRE_THROWS_WITH(
      B::conv(y.g(), x.cg(), w.cg(), static_cast<const float*>(nullptr), square(3, 0)),
      Catch::StartsWith("conv: oneDNN: ") && Catch::Contains("x [1, 4, 6, 6], w [4, 4, 3, 3], y [1, 4, 6, 6]"));
}

#endif

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
