#include <thread>

#include "support/backend.hpp"

using tl::detail::caching_allocator;

TEST_CASE("size classes hold their requests and waste at most an eighth", "[cpu]") {
  std::size_t previous = 0;
  for (int c = 0; c < 200; ++c) {
    const std::size_t bytes = caching_allocator::class_bytes(c);
    REQUIRE(bytes % 64 == 0);
    REQUIRE(caching_allocator::class_of(bytes) == c);
    REQUIRE(caching_allocator::class_of(previous + 1) == c);
    if (bytes > 512) REQUIRE((bytes - previous) * 8 <= previous);
    previous = bytes;
  }
}

TEST_CASE("memory is aligned, reused most recent first and counted", "[cpu]") {
  tl::cpu::release_cached();
  const auto before = tl::cpu::memory();
  void* const a = tl::cpu::allocate(1000, 0);
  void* const b = tl::cpu::allocate(1001, 0);
  REQUIRE(reinterpret_cast<std::uintptr_t>(a) % 64 == 0);
  REQUIRE(tl::cpu::memory().live_bytes == before.live_bytes + 2048);
  REQUIRE(tl::cpu::memory().peak_bytes >= before.live_bytes + 2048);
  tl::cpu::deallocate(a, 1000, 0);
  tl::cpu::deallocate(b, 1001, 0);
  REQUIRE(tl::cpu::memory().live_bytes == before.live_bytes);
  REQUIRE(tl::cpu::memory().cached_bytes == 2048);
  REQUIRE(tl::cpu::allocate(1024, 0) == b);
  REQUIRE(tl::cpu::allocate(970, 0) == a);
  REQUIRE(tl::cpu::memory().system_allocations == before.system_allocations + 2);
  REQUIRE(tl::cpu::memory().requests == before.requests + 4);
  REQUIRE(tl::cpu::memory().requested_bytes == before.requested_bytes + 1000 + 1001 + 1024 + 970);
  tl::cpu::deallocate(a, 970, 0);
  tl::cpu::deallocate(b, 1024, 0);
  tl::cpu::release_cached();
  REQUIRE(tl::cpu::memory().cached_bytes == 0);
}

TEST_CASE("large blocks are aligned to huge pages", "[cpu]") {
  void* const p = tl::cpu::allocate(std::size_t{5} << 20, 0);
  REQUIRE(reinterpret_cast<std::uintptr_t>(p) % (std::size_t{1} << 21) == 0);
  tl::cpu::deallocate(p, std::size_t{5} << 20, 0);
  tl::cpu::release_cached();
}

TEST_CASE("nothing is asked for and nothing is given for 0 bytes", "[cpu]") {
  const auto before = tl::cpu::memory();
  REQUIRE(tl::cpu::allocate(0, 0) == nullptr);
  tl::cpu::deallocate(nullptr, 0, 0);
  REQUIRE(tl::cpu::memory().requests == before.requests);
}

TEST_CASE("the peak starts again from what is in use", "[cpu]") {
  void* const p = tl::cpu::allocate(1 << 20, 0);
  tl::cpu::deallocate(p, 1 << 20, 0);
  tl::cpu::reset_peak();
  REQUIRE(tl::cpu::memory().peak_bytes == tl::cpu::memory().live_bytes);
}

TEST_CASE("memory that the system does not have is an error that leaves the counts as they were", "[cpu]") {
  const auto before = tl::cpu::memory();
  REQUIRE_THROWS_AS(tl::cpu::allocate(std::size_t{1} << 56, 0), tl::backend_error);
  REQUIRE(tl::cpu::memory().live_bytes == before.live_bytes);
}

TEST_CASE("a repeated step makes no call to the system", "[cpu]") {
  const auto step = [] {
    const auto x = tl::array<float, tl::cpu>::full({64, 300}, 1.5f),
               w = tl::array<float, tl::cpu>::full({300, 40}, 0.5f);
    auto y = tl::array<float, tl::cpu>::empty({64, 40});
    tl::cpu::gemm(y.view(), x.cview(), w.cview(), tl::gemm_epilogue<float>{});
    auto s = tl::array<float, tl::cpu>::empty({1});
    tl::cpu::reduce(tl::rule::sum{}, tl::reduction_view(s.view(), y.shape(), {0, 1}), y.cview());
    return s.data()[0];
  };
  const float first = step();
  const auto warm = tl::cpu::memory();
  for (int i = 0; i < 10; ++i) REQUIRE(step() == first);
  REQUIRE(tl::cpu::memory().system_allocations == warm.system_allocations);
  REQUIRE(tl::cpu::memory().requests > warm.requests);
}

TEST_CASE("threads allocate and free at once without sharing a block", "[cpu]") {
  const auto before = tl::cpu::memory();
  std::vector<std::thread> threads;
  std::vector<int> clashes(4, 0);
  for (std::size_t t = 0; t < 4; ++t)
    threads.emplace_back([t, &clashes] {
      for (int i = 0; i < 2000; ++i) {
        const std::size_t count = 8 + static_cast<std::size_t>(i % 50);
        auto* const p = static_cast<std::size_t*>(tl::cpu::allocate(count * sizeof(std::size_t), 0));
        for (std::size_t j = 0; j < count; ++j) p[j] = t;
        for (std::size_t j = 0; j < count; ++j) clashes[t] += p[j] != t;
        tl::cpu::deallocate(p, count * sizeof(std::size_t), 0);
      }
    });
  for (std::thread& t : threads) t.join();
  REQUIRE(clashes == std::vector<int>(4, 0));
  REQUIRE(tl::cpu::memory().live_bytes == before.live_bytes);
}
