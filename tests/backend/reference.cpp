#include <tensorlab/backend/reference.hpp>

#include <vector>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("the reference backend's own memory serves its primitives", "[backend][reference]") {
  STATIC_REQUIRE(tl::backend<tl::reference>);
  const float from[] = {3, 1, 2};
  const std::size_t bytes = sizeof(from);
  void* const block = tl::reference::allocate(2 * bytes, 0);
  auto* const x = static_cast<float*>(block);
  tl::reference::copy_from_host(x, from, bytes, 0);
  const tl::view<float> in{x, {3}, {1}}, out{x + 3, {3}, {1}};
  tl::reference::softmax(out, tl::view<const float>(in), 0, true);
  tl::reference::map(tl::rule::exp{}, out, tl::view<const float>(out));
  float sum = 0;
  tl::reference::reduce(tl::rule::sum{}, tl::view<float>{&sum, {3}, {0}}, tl::view<const float>(out));
  REQUIRE(sum == Approx(1));
  REQUIRE(x[3] / x[4] == Approx(7.38905609893));  // e^2
  tl::reference::deallocate(block, 2 * bytes, 0);
}
