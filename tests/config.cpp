#include <tensorlab/config.hpp>

#include <string>

#include <tensorlab/backend/cpu.hpp>

#include "support/catch.hpp"

#define TL_TEST_TEXT_OF(...) #__VA_ARGS__
#define TL_TEST_TEXT(...) TL_TEST_TEXT_OF(__VA_ARGS__)

namespace {

TL_HD constexpr int twice(int x) { return 2 * x; }
TL_INLINE int thrice(int x) { return 3 * x; }

}  // namespace

TEST_CASE("marks for the device are nothing to a host compiler", "[config]") {
  REQUIRE(std::string(TL_TEST_TEXT(TL_HD)).empty());
  STATIC_REQUIRE(twice(3) == 6);
  REQUIRE(thrice(3) == 9);
#if defined(__GNUC__)
  REQUIRE(std::string(TL_TEST_TEXT(TL_INLINE)) == "[[gnu::always_inline]] inline");
#endif
}

TEST_CASE("optional backends are there or not", "[config]") {
  STATIC_REQUIRE((TENSORLAB_HAS_ONEDNN == 0 || TENSORLAB_HAS_ONEDNN == 1));
  STATIC_REQUIRE((TENSORLAB_HAS_CUDA == 0 || TENSORLAB_HAS_CUDA == 1));
  // Only a cache of oneDNN's primitives has room.
  REQUIRE((tensorlab::cpu::convolution_cache().capacity > 0) == (TENSORLAB_HAS_ONEDNN == 1));
}
