#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <unordered_map>
#include <vector>

#include <tensorlab/config.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// Keeps freed blocks of device memory for reuse, by size class and stream.
///
/// A block that is freed while kernels that use it are still queued may be handed out at once, because its next user is
/// queued behind them on the same stream. A size is rounded up by at most an eighth. Never touches the memory itself,
/// so any source of addresses will do. All functions may be called from any thread.
class block_cache {
 public:
  /// Where blocks come from; `take` gives null when there are none left.
  struct source {
    void* (*take)(std::size_t bytes);
    void (*give)(void* block);
  };
  struct statistics {
    std::size_t live_bytes = 0, peak_bytes = 0, cached_bytes = 0;
    std::uint64_t requests = 0, requested_bytes = 0, device_allocations = 0;
  };

  block_cache(source s, std::size_t limit) : source_(s), limit_(limit) {}
  block_cache(const block_cache&) = delete;
  block_cache& operator=(const block_cache&) = delete;

  /// A block of at least `bytes` for work on `stream`; null when the source has none even after all unused blocks went
  /// back to it.
  void* allocate(std::size_t bytes, const void* stream) {
    const std::lock_guard lock(mutex_);
    const std::size_t size = class_bytes(bytes);
    ++statistics_.requests;
    statistics_.requested_bytes += bytes;
    void* block = nullptr;
    if (const auto list = free_.find({stream, size}); list != free_.end() && !list->second.empty()) {
      block = list->second.back();
      list->second.pop_back();
      statistics_.cached_bytes -= size;
    } else {
      block = take(size);
    }
    if (block == nullptr) return nullptr;
    live_[block] = {stream, size};
    statistics_.live_bytes += size;
    if (statistics_.live_bytes > statistics_.peak_bytes) statistics_.peak_bytes = statistics_.live_bytes;
    return block;
  }

  /// Takes back a block of `allocate`. Unknown blocks are ignored.
  void deallocate(void* block) {
    const std::lock_guard lock(mutex_);
    const auto found = live_.find(block);
    if (found == live_.end()) return;
    const home h = found->second;
    live_.erase(found);
    statistics_.live_bytes -= h.size;
    if (statistics_.cached_bytes + h.size > limit_) {
      source_.give(block);
      return;
    }
    free_[{h.stream, h.size}].push_back(block);
    statistics_.cached_bytes += h.size;
  }

  /// Gives every unused block back to the source.
  void release() {
    const std::lock_guard lock(mutex_);
    release_unused();
  }
  void set_limit(std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    limit_ = bytes;
    if (statistics_.cached_bytes > limit_) release_unused();
  }
  void reset_peak() {
    const std::lock_guard lock(mutex_);
    statistics_.peak_bytes = statistics_.live_bytes;
  }
  statistics use() const {
    const std::lock_guard lock(mutex_);
    return statistics_;
  }

  /// The size class of a request: multiples of 512 bytes up to 4 KiB, then eight classes per doubling.
  static constexpr std::size_t class_bytes(std::size_t bytes) {
    const std::size_t step = bytes <= 4096 ? 512 : std::bit_floor(bytes - 1) / 8;
    return (bytes + step - 1) / step * step;
  }

 private:
  struct home {
    const void* stream;
    std::size_t size;
  };

  void* take(std::size_t size) {
    ++statistics_.device_allocations;
    void* block = source_.take(size);
    if (block == nullptr && statistics_.cached_bytes > 0) {
      release_unused();
      block = source_.take(size);
    }
    return block;
  }

  void release_unused() {
    for (auto& [key, blocks] : free_)
      for (void* block : blocks) source_.give(block);
    free_.clear();
    statistics_.cached_bytes = 0;
  }

  mutable std::mutex mutex_;
  source source_;
  std::size_t limit_;
  std::map<std::pair<const void*, std::size_t>, std::vector<void*>> free_;
  std::unordered_map<void*, home> live_;
  statistics statistics_;
};

}  // namespace tensorlab::inline v0::cuda_kernel
