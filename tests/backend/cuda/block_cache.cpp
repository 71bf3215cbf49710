#include <tensorlab/backend/cuda/block_cache.hpp>

#include <cstdlib>
#include <set>

#include "support/catch.hpp"

namespace {

/// A device with little memory, which knows the blocks it has given out.
struct tiny_device {
  static constexpr std::size_t capacity = 64 * 1024;
  static inline std::map<void*, std::size_t> blocks;
  static inline std::size_t used = 0;

  static void* take(std::size_t bytes) {
    if (used + bytes > capacity) return nullptr;
    void* const p = std::malloc(bytes);
    blocks[p] = bytes;
    used += bytes;
    return p;
  }
  static void give(void* p) {
    REQUIRE(blocks.count(p) == 1);
    used -= blocks[p];
    blocks.erase(p);
    std::free(p);
  }
};

using tensorlab::cuda_kernel::block_cache;
constexpr block_cache::source tiny{&tiny_device::take, &tiny_device::give};
const int first_stream = 0, second_stream = 0;

}  // namespace

TEST_CASE("cuda: a block is reused for work on its stream only", "[backend][cuda]") {
  block_cache cache(tiny, tiny_device::capacity);
  void* const a = cache.allocate(1000, &first_stream);
  cache.deallocate(a);
  void* const b = cache.allocate(1000, &second_stream);
  REQUIRE(b != a);
  void* const c = cache.allocate(900, &first_stream);  // of the same size class
  REQUIRE(c == a);
  cache.deallocate(b);
  cache.deallocate(c);
  const auto use = cache.use();
  REQUIRE(use.live_bytes == 0);
  REQUIRE(use.cached_bytes == 2 * block_cache::class_bytes(1000));
  REQUIRE(use.peak_bytes == 2 * block_cache::class_bytes(1000));
  REQUIRE(use.requests == 3);
  REQUIRE(use.requested_bytes == 1000 + 1000 + 900);
  REQUIRE(use.device_allocations == 2);
  cache.release();
  REQUIRE(tiny_device::used == 0);
  REQUIRE(cache.use().cached_bytes == 0);
}

TEST_CASE("cuda: unused blocks make room before memory is said to be out", "[backend][cuda]") {
  block_cache cache(tiny, tiny_device::capacity);
  void* const a = cache.allocate(tiny_device::capacity / 2, &first_stream);
  cache.deallocate(a);
  void* const b = cache.allocate(tiny_device::capacity - 4096, &first_stream);
  REQUIRE(b != nullptr);
  REQUIRE(cache.use().cached_bytes == 0);
  REQUIRE(cache.allocate(tiny_device::capacity / 2, &first_stream) == nullptr);
  REQUIRE(cache.use().live_bytes == block_cache::class_bytes(tiny_device::capacity - 4096));
  cache.deallocate(b);
  cache.release();
}

TEST_CASE("cuda: no more than the limit is kept", "[backend][cuda]") {
  block_cache cache(tiny, 1024);
  void* const a = cache.allocate(1024, &first_stream);
  void* const b = cache.allocate(512, &first_stream);
  cache.deallocate(a);
  cache.deallocate(b);
  REQUIRE(cache.use().cached_bytes == 1024);
  REQUIRE(tiny_device::used == 1024);
  cache.set_limit(0);
  REQUIRE(tiny_device::used == 0);
  cache.deallocate(a);  // not one of its blocks any more
  REQUIRE(cache.use().live_bytes == 0);
}

TEST_CASE("cuda: size classes waste at most an eighth", "[backend][cuda]") {
  std::set<std::size_t> classes;
  for (std::size_t bytes = 4096; bytes < 300000; bytes += 37) {
    const std::size_t size = block_cache::class_bytes(bytes);
    REQUIRE((size >= bytes && size - bytes <= bytes / 8 && size % 512 == 0));
    REQUIRE(block_cache::class_bytes(size) == size);
    classes.insert(size);
  }
  REQUIRE(classes.size() < 60);
}
