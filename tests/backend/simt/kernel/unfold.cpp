#include <tensorlab/backend/simt/kernel/unfold.hpp>

#include "backend/simt/lanes.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
namespace kernel = tl::simt_kernel;

namespace {

template <class T>
kernel::image<T> two_channels(T* data) {
  const tl::shape s{1, 2, 1, 3};
  return kernel::image<T>(tl::view<T>{data, s, tl::channels_last(s)});
}

/// Two taps, one element of padding before: output q of three sees q - 1 and q.
tl::window_geometry window() {
  tl::window_geometry g;
  g.kernel = {1, 2};
  g.pad_begin = {0, 1};
  return g;
}

}  // namespace

TEST_CASE("simt: patches hold what the windows see, and refolding adds it up", "[backend][simt]") {
  test::with_launchers([]<class L>() {
    const auto g = window();
    const std::vector<float> x{1, 10, 2, 20, 3, 30};  // pixels of two channels
    std::vector<float> patches(12, -1.0f), dx(6, -1.0f);
    const kernel::unfold_body<float> unfold{two_channels(x.data()), {g, 0}, {g, 1}, 1, 3, patches.data()};
    REQUIRE(unfold.count() == 12);
    L::run("unfold", patches.data(), 2, unfold);
    REQUIRE(patches == std::vector<float>{0, 0, 1, 10, 1, 10, 2, 20, 2, 20, 3, 30});
    const kernel::refold_body<float> refold{two_channels(dx.data()), {g, 0}, {g, 1}, 1, 3, patches.data()};
    L::run("refold", dx.data(), 2, refold);
    REQUIRE(dx == std::vector<float>{2, 20, 4, 40, 3, 30});  // the last pixel is in one window
  });
}
