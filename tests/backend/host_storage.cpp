#include <tensorlab/backend/host_storage.hpp>

#include <cstdint>
#include <vector>

#include "support/catch.hpp"

using storage = tensorlab::detail::host_storage;

TEST_CASE("host memory is aligned to 64 bytes, and none is nowhere", "[backend][storage]") {
  REQUIRE(storage::allocate(0, 0) == nullptr);
  storage::deallocate(nullptr, 0, 0);
  std::vector<void*> blocks;
  for (const std::size_t bytes : {1, 63, 64, 65, 100000}) {
    auto* const p = static_cast<unsigned char*>(storage::allocate(bytes, 0));
    REQUIRE(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
    p[0] = p[bytes - 1] = 1;
    blocks.push_back(p);
  }
  for (void* p : blocks) storage::deallocate(p, 0, 0);
}

TEST_CASE("transfers copy bytes both ways, and nothing from nowhere", "[backend][storage]") {
  const unsigned char from[] = {1, 2, 3, 4, 5};
  unsigned char block[5] = {}, to[] = {9, 9, 9, 9, 9};
  storage::copy_from_host(block, from, 5, 0);
  storage::copy_to_host(to, block, 3, 0);
  storage::synchronize(0);
  REQUIRE(std::vector<int>(to, to + 5) == std::vector<int>{1, 2, 3, 9, 9});
  storage::copy_to_host(nullptr, nullptr, 0, 0);
  storage::copy_from_host(nullptr, nullptr, 0, 0);
}
