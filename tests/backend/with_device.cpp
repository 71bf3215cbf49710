#include <tensorlab/backend/with_device.hpp>

#include <string>

#include "support/catch.hpp"

namespace tl = tensorlab;

namespace {

std::string name_of(const std::string& device) {
  return tl::with_device(device, []<tl::backend Backend>() { return std::string(Backend::name); });
}

}  // namespace

TEST_CASE("a device's name chooses the backend", "[cpu]") {
  REQUIRE(name_of("cpu") == "cpu");
  REQUIRE_THROWS_WITH(name_of("tpu"), Catch::Equals("device: 'tpu' is none of auto, cpu, cuda"));
#if !TENSORLAB_HAS_CUDA
  REQUIRE(name_of("auto") == "cpu");
  REQUIRE_THROWS_AS(name_of("cuda"), tl::device_error);
  REQUIRE_THROWS_WITH(name_of("cuda"), Catch::Contains("cuda was asked for, but this build has no cuda backend"));
#endif
}
