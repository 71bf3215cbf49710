#pragma once

#include <cstring>
#include <new>

#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/reference/elementwise.hpp>
#include <tensorlab/backend/reference/layers.hpp>

namespace tensorlab::inline v0 {

/// The oracle: every primitive as a naive loop in host memory. Never optimised, depends on nothing.
struct reference : detail::reference_elementwise, detail::reference_layers {
  static constexpr const char* name = "reference";
  static constexpr bool host_accessible = true;

  static void* allocate(std::size_t bytes, int) {
    return bytes == 0 ? nullptr : ::operator new (bytes, std::align_val_t{64});
  }
  static void deallocate(void* p, std::size_t, int) noexcept { ::operator delete (p, std::align_val_t{64}); }
  static void copy_to_host(void* to, const void* from, std::size_t bytes, int) {
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  static void copy_from_host(void* to, const void* from, std::size_t bytes, int) {
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  static void synchronize(int) {}
};

static_assert(backend<reference>);

}  // namespace tensorlab::inline v0
