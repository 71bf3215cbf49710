#include <tensorlab/version.hpp>

#include <string>

#include "support/catch.hpp"

TEST_CASE("the version that programs see is the one that the build read", "[version]") {
  const std::string version = std::to_string(TENSORLAB_VERSION_MAJOR) + "." + std::to_string(TENSORLAB_VERSION_MINOR) +
                              "." + std::to_string(TENSORLAB_VERSION_PATCH);
  REQUIRE(version == TL_TEST_VERSION);
}
