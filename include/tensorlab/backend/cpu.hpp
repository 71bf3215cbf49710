#pragma once

#include <cstring>

#include <tensorlab/backend/concept.hpp>
#include <tensorlab/backend/cpu/allocator.hpp>
#include <tensorlab/backend/cpu/conv.hpp>
#include <tensorlab/backend/cpu/elementwise.hpp>
#include <tensorlab/backend/cpu/gemm.hpp>
#include <tensorlab/backend/cpu/gru.hpp>
#include <tensorlab/backend/cpu/indexing.hpp>
#include <tensorlab/backend/cpu/lines.hpp>
#include <tensorlab/backend/cpu/lstm.hpp>
#include <tensorlab/backend/cpu/norm.hpp>
#include <tensorlab/backend/cpu/pool.hpp>
#include <tensorlab/backend/cpu/reduce.hpp>
#include <tensorlab/backend/cpu/softmax.hpp>

namespace tensorlab::inline v0 {

/// The backend for the host's processor: SIMD batches, OpenMP threads, a caching allocator, oneDNN where the build has
/// it.
struct cpu : detail::cpu_elementwise,
             detail::cpu_reduce,
             detail::cpu_lines,
             detail::cpu_indexing,
             detail::cpu_gemm,
             detail::cpu_lstm,
             detail::cpu_gru,
             detail::cpu_conv,
             detail::cpu_pool,
             detail::cpu_norm,
             detail::cpu_softmax {
  static constexpr const char* name = "cpu";
  static constexpr bool host_accessible = true;
  static constexpr bool prefers_channels_last = true;

  static void* allocate(std::size_t bytes, int) { return detail::caching_allocator::instance().allocate(bytes); }
  static void deallocate(void* p, std::size_t bytes, int) noexcept {
    detail::caching_allocator::instance().deallocate(p, bytes);
  }
  static void copy_to_host(void* to, const void* from, std::size_t bytes, int) {
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  static void copy_from_host(void* to, const void* from, std::size_t bytes, int) {
    if (bytes != 0) std::memcpy(to, from, bytes);
  }
  static void synchronize(int) {}

  /// What the caching allocator holds and has done.
  static memory_statistics memory() { return detail::caching_allocator::instance().statistics(); }
  /// Gives unused memory back to the system.
  static void release_cached() { detail::caching_allocator::instance().release_cached(); }
  /// Lets `memory().peak_bytes` start again from what is in use now.
  static void reset_peak() { detail::caching_allocator::instance().reset_peak(); }
};

static_assert(backend<cpu>);

}  // namespace tensorlab::inline v0
