#include <tensorlab/backend/cpu.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::cpu;

TEST_CASE("the cpu backend's memory is counted and given back", "[cpu]") {
  REQUIRE(cpu::allocate(0, 0) == nullptr);
  cpu::deallocate(cpu::allocate(10000000, 0), 10000000, 0);
  cpu::release_cached();
  const auto before = cpu::memory();
  REQUIRE(before.cached_bytes == 0);
  void* const p = cpu::allocate(100000, 0);
  REQUIRE(reinterpret_cast<std::uintptr_t>(p) % 64 == 0);
  cpu::reset_peak();
  const auto during = cpu::memory();
  REQUIRE(during.live_bytes >= before.live_bytes + 100000);
  REQUIRE(during.peak_bytes == during.live_bytes);
  cpu::deallocate(p, 100000, 0);
  const auto after = cpu::memory();
  REQUIRE(after.live_bytes == before.live_bytes);
  REQUIRE(after.peak_bytes == during.peak_bytes);
  REQUIRE(after.cached_bytes >= 100000);
  REQUIRE(cpu::allocate(100000, 0) == p);
  cpu::deallocate(p, 100000, 0);
  cpu::release_cached();
  REQUIRE(cpu::memory().cached_bytes == 0);
}

TEST_CASE("the cpu backend copies to and from the host", "[cpu]") {
  const float from[] = {1, 2, 3};
  float to[] = {0, 0, 9};
  cpu::copy_from_host(to, from, 2 * sizeof(float), 0);
  REQUIRE(std::vector<float>(to, to + 3) == std::vector<float>{1, 2, 9});
  cpu::copy_to_host(to, from + 2, sizeof(float), 0);
  cpu::copy_to_host(nullptr, nullptr, 0, 0);
  cpu::copy_from_host(nullptr, nullptr, 0, 0);
  cpu::synchronize(0);
  REQUIRE(to[0] == 3);
}
