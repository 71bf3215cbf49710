#include <tensorlab/autograd/bf16_gain.hpp>

#include <limits>

#include "support/backend.hpp"

namespace {

template <class Backend>
constexpr bool has_products = requires {
  requires Backend::has_bf16_products;
};

}  // namespace

TEST_CASE("the gain of bf16 is measured once, where there is one", "[autograd][autocast]") {
  const double gain = tl::bf16_gain<B>();
  REQUIRE(std::isfinite(gain));
  REQUIRE((gain > 0) == has_products<B>);
  REQUIRE(tl::bf16_gain<B>() == gain);
  REQUIRE(tl::bf16_gain<tl::reference>() == 0);
}

TEST_CASE("the faster way to multiply follows the gain", "[autograd][autocast]") {
  const double gain = tl::bf16_gain<B>();
  REQUIRE(tl::faster_compute<B>(gain) == tl::compute::bf16);
  REQUIRE(tl::faster_compute<B>(std::nextafter(gain, 1e9)) == tl::compute::full);
  REQUIRE(tl::faster_compute<tl::reference>() == tl::compute::full);
}
