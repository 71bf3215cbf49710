#include <tensorlab/core/graph.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;

TEST_CASE("device calls are made as often as they are called", "[core]") {
  int calls = 0;
  const tl::device_calls twice{&calls,
                               [](const void* context) { ++*const_cast<int*>(static_cast<const int*>(context)); }};
  twice();
  twice();
  REQUIRE(calls == 2);
}
