#include <tensorlab/backend/cuda/primitives.hpp>

#include <tensorlab/backend/cuda.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("cuda's primitives are declared with no CUDA header, and so is what makes graphs of them", "[cuda]") {
  STATIC_REQUIRE(tl::backend<tl::cuda>);
  STATIC_REQUIRE(tl::cuda::recordable);
  STATIC_REQUIRE(std::is_same_v<decltype(&tl::cuda_kernel::make_graph), tl::graph_source>);
}
