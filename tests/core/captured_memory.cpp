#include <tensorlab/core/captured_memory.hpp>

#include <memory>

#include "core/counted_blocks.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;

using test::allocate;
using test::live_blocks;
using test::release;

TEST_CASE("blocks given back while a step is captured are used again, later ones are not", "[core]") {
  {
    auto memory = std::make_shared<tl::detail::captured_memory>();
    const auto a = memory->take(1000, 0, allocate, release);
    memory->give_back(a);
    REQUIRE(memory->take(990, 0, allocate, release) == a);
    const auto b = memory->take(1000, 0, allocate, release);
    REQUIRE(b != a);
    memory->give_back(b);
    REQUIRE(memory->take(100, 0, allocate, release) != b);   // would waste it
    REQUIRE(memory->take(1000, 1, allocate, release) != b);  // another device
    REQUIRE(memory->bytes() == 1000 + 1000 + 100 + 1000);
    REQUIRE(memory->owns(memory->data(a)));
    REQUIRE_FALSE(memory->owns(&memory));
    memory->close();
    memory->give_back(a);
    REQUIRE(memory->take(1000, 0, allocate, release) != a);
  }
  REQUIRE(live_blocks == 0);
}
