#include <tensorlab/optim/saved.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace optim = tl::optim::detail;

TEST_CASE("numbers of a saved state keep type and value", "[optim]") {
  const tl::host_tensor step = optim::host_scalar(std::int64_t{7}), rate = optim::host_scalar(2.5);
  REQUIRE(step.type == tl::dtype::int64);
  REQUIRE(step.extents == tl::shape{});
  REQUIRE(optim::saved_scalar<std::int64_t>("adam", "step", step) == 7);
  REQUIRE(optim::saved_scalar<double>("adam", "rate", rate) == 2.5);
  const tl::host_tensor two{tl::dtype::uint8, {2}, {1, 2}};
  REQUIRE_THROWS_WITH(optim::saved_scalar<double>("adam", "step", two),
                      Catch::Equals("adam: step must hold one number, has shape [2]"));
}

TEST_CASE("an entry of a saved state is found by its key", "[optim]") {
  const tl::named_tensors state{{"a", optim::host_scalar(1.0)}, {"b", optim::host_scalar(2.0)}};
  REQUIRE(optim::find(state, "b") == &state[1].second);
  REQUIRE(optim::find(state, "c") == nullptr);
}
