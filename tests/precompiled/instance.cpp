#include <tensorlab/precompiled/instance.hpp>

#include <string>

#include "support/catch.hpp"

#define TL_TEST_TEXT_OF(...) #__VA_ARGS__
#define TL_TEST_TEXT(...) TL_TEST_TEXT_OF(__VA_ARGS__)

TEST_CASE("instances are declared where the library is linked, and nothing elsewhere", "[precompiled]") {
  const std::string declaration = TL_TEST_TEXT(TL_INSTANCE(class array<float, cpu>));
#if defined(TENSORLAB_PRECOMPILED)
  REQUIRE(declaration == "extern template class array<float, cpu>");
#else
  REQUIRE(declaration == "static_assert(true)");
#endif
}
