#pragma once

#include <cstddef>
#include <cstring>
#include <new>

#include <tensorlab/core/capture.hpp>

namespace tensorlab::inline v0::detail {

/// The storage primitives of backends that live in plain host memory.
struct host_storage {
  static constexpr bool host_accessible = true;

  static void* allocate(std::size_t bytes, int) {
    return bytes == 0 ? nullptr : ::operator new (bytes, std::align_val_t{64});
  }
  static void deallocate(void* p, std::size_t, int) noexcept { ::operator delete (p, std::align_val_t{64}); }
  static void copy_to_host(void* to, const void* from, std::size_t bytes, int) {
    require_host_values("a tensor's values");
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  static void copy_from_host(void* to, const void* from, std::size_t bytes, int) {
    require_host_values("a tensor of the host's values");
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  static void synchronize(int) {}
};

}  // namespace tensorlab::inline v0::detail
