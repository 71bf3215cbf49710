#include <tensorlab/backend/cache_statistics.hpp>

#include "support/backend.hpp"

namespace {

/// The counts of convolutions that the backend has prepared; none where it prepares none.
template <class Backend>
tl::cache_statistics convolution_cache() {
  if constexpr (requires { Backend::convolution_cache(); })
    return Backend::convolution_cache();
  else
    return {};
}

}  // namespace

TEST_CASE("a convolution met again is a hit, and a full cache is never overfull", "[backend]") {
  const auto convolve = [](std::int64_t width) {
    const auto x = tl::array<float, B>::full({1, 2, 5, width}, 1.0f), w = tl::array<float, B>::full({3, 2, 3, 3}, 1.0f);
    auto y = tl::array<float, B>::empty({1, 3, 3, width - 2});
    tl::window_geometry g;
    g.kernel = {3, 3};
    B::conv(y.view(), x.cview(), w.cview(), static_cast<const float*>(nullptr), g);
    return y.to_host()[0];
  };
  const auto before = convolution_cache<B>();
  REQUIRE(convolve(211) == 18.0f);  // a width that no other test has
  const auto first = convolution_cache<B>();
  REQUIRE(convolve(211) == 18.0f);
  const auto second = convolution_cache<B>();
  REQUIRE(second.misses == first.misses);
  REQUIRE(second.hits - first.hits == first.misses - before.misses);
  REQUIRE(second.size <= second.capacity);
  REQUIRE(second.size + second.evictions == second.misses);
}
