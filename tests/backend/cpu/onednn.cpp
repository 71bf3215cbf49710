#include <vector>

#include "backend/cpu/same_bits.hpp"

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

TEST_CASE("Winograd's algorithm agrees with the reference, and can be barred", "[cpu]") {
  const auto g = square(3, 1);
  const tl::shape xs{1, 32, 28, 28}, ws{48, 32, 3, 3}, ys{1, 48, 28, 28};
  const auto x = random_both<float>(xs, layout::channels_last, 1), w = random_both<float>(ws, layout::dense, 2),
             bias = random_both<float>({48}, layout::dense, 3), dy = random_both<float>(ys, layout::channels_last, 4);
  const tl::detail::onednn::convolution_problem p{
      tl::detail::onednn::pass::forward, xs, ws, ys, tl::row_major(ws), g, true};
  REQUIRE(p.by_winograd());
  std::vector<std::vector<float>> results;
  for (const bool allowed : {true, false}) {
    B::allow_winograd(allowed);
    auto y = random_both<float>(ys, layout::channels_last, 5), dx = random_both<float>(xs, layout::channels_last, 6);
    auto dw = random_both<float>(ws, layout::dense, 7);
    tl::reference::conv(y.e(), x.ce(), w.ce(), bias.ce().data, g);
    B::conv(y.g(), x.cg(), w.cg(), bias.cg().data, g);
    require_equal(y, 4);
    tl::reference::conv_dx(dx.e(), dy.ce(), w.ce(), g);
    B::conv_dx(dx.g(), dy.cg(), w.cg(), g);
    require_equal(dx, 4);
    tl::reference::conv_dw(dw.e(), dy.ce(), x.ce(), g);
    B::conv_dw(dw.g(), dy.cg(), x.cg(), g);
    require_equal(dw, 4);
    const auto out = y.cg();
    results.emplace_back(out.data, out.data + ys.size());
  }
  REQUIRE_FALSE(p.by_winograd());
  B::allow_winograd(true);
#if DNNL_VERSION_MAJOR == 2
  REQUIRE(results[0] != results[1]);
#endif
}

TEST_CASE("a prepared convolution serves any number of threads", "[cpu]") {
  const auto g = square(3, 1);
  for (const std::int64_t channels : {16, 32}) {
    const tl::shape xs{2, channels, 28, 28}, ws{channels, channels, 3, 3};
    const auto x = random_both<float>(xs, layout::channels_last, 1), w = random_both<float>(ws, layout::dense, 2);
    auto y = random_both<float>(xs, layout::channels_last, 3);
    const int threads = tl::detail::available_threads();
    const tl::detail::onednn::prepared_convolution made(
        {tl::detail::onednn::pass::forward, xs, ws, xs, tl::row_major(ws), g, false}, w.cg().data);
    tl::reference::conv(y.e(), x.ce(), w.ce(), static_cast<const float*>(nullptr), g);
    for (const int n : {threads, threads + 1}) {
      set_threads(n);
      B::map(tl::rule::fill<float>{0}, y.g());
      made(x.cg().data, nullptr, y.g().data);
      require_equal(y, 4);
    }
    set_threads(threads);
  }
}

#endif
