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
