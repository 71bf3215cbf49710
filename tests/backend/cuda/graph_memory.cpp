#include <tensorlab/backend/cuda/graph_memory.hpp>

#include "support/catch.hpp"

using tensorlab::cuda_kernel::block_cache;
using tensorlab::cuda_kernel::graph_memory;

namespace {

int taken = 0, most = 100;

block_cache make_cache() {
  return block_cache(
      {[](std::size_t) -> void* {
         return taken < most ? reinterpret_cast<void*>(std::uintptr_t{4096} * static_cast<unsigned>(++taken)) : nullptr;
       },
       [](void*) {}},
      std::size_t{1} << 30);
}

}  // namespace

TEST_CASE("a graph's scratch memory is used again and goes back when the graph goes", "[cuda]") {
  taken = 0;
  int stream = 0;
  block_cache cache = make_cache();
  {
    graph_memory memory(cache, &stream, 1);
    REQUIRE(memory.device() == 1);
    void* const a = memory.take(1000);
    void* const b = memory.take(1000);
    REQUIRE(a != b);
    memory.give_back(a);
    REQUIRE(memory.take(900) == a);
    REQUIRE(memory.take(100) != b);
    REQUIRE(memory.bytes() == 1024 + 1024 + 512);
    REQUIRE(cache.use().live_bytes == memory.bytes());
    memory.give_back(a);
    memory.give_back(b);
    REQUIRE(cache.use().live_bytes == memory.bytes());
  }
  REQUIRE(cache.use().live_bytes == 0);
  REQUIRE(cache.use().cached_bytes == 2560);
}

TEST_CASE("a second round of the same calls finds its scratch memory, another one is refused", "[cuda]") {
  taken = 0;
  block_cache cache = make_cache();
  graph_memory memory(cache, nullptr, 0);
  const auto round = [&] {
    void* const large = memory.take(5000);
    void* const small = memory.take(600);
    memory.give_back(large);
    void* const other = memory.take(500);
    memory.give_back(small);
    memory.give_back(other);
    return std::vector<void*>{large, small, other};
  };
  const auto first = round();
  memory.close();
  REQUIRE(round() == first);
  REQUIRE_THROWS_WITH((memory.take(5000), memory.take(5000)), Catch::Contains("without recording"));
}

TEST_CASE("a graph's scratch memory that the device has not is null", "[cuda]") {
  taken = most = 3;
  block_cache cache = make_cache();
  graph_memory memory(cache, nullptr, 0);
  REQUIRE(memory.take(100) == nullptr);
  REQUIRE(memory.bytes() == 0);
  most = 100;
}

TEST_CASE("scratch memory is a graph's for the length of a scope", "[cuda]") {
  block_cache cache = make_cache();
  graph_memory memory(cache, nullptr, 0), inner(cache, nullptr, 0);
  REQUIRE(graph_memory::current() == nullptr);
  {
    const graph_memory::scope here(&memory);
    REQUIRE(graph_memory::current() == &memory);
    {
      const graph_memory::scope there(&inner);
      REQUIRE(graph_memory::current() == &inner);
    }
    REQUIRE(graph_memory::current() == &memory);
  }
  REQUIRE(graph_memory::current() == nullptr);
}
