#pragma once

#include <cstddef>
#include <new>

/// Memory for captured blocks that counts those which were not released.
namespace test {

inline int live_blocks = 0;

inline void* allocate(std::size_t bytes, int) {
  ++live_blocks;
  return ::operator new(bytes);
}
inline void release(void* p, std::size_t, int) noexcept {
  --live_blocks;
  ::operator delete(p);
}

}  // namespace test
