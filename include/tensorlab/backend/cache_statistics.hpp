#pragma once

#include <cstddef>
#include <cstdint>

namespace tensorlab::inline v0 {

/// What a bounded cache holds and has done since the program started.
struct cache_statistics {
  std::size_t size = 0;
  std::size_t capacity = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t evictions = 0;
};

}  // namespace tensorlab::inline v0
