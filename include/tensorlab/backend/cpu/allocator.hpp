#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <mutex>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(__SANITIZE_ADDRESS__)
#define TL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TL_ASAN 1
#endif
#endif
#if defined(TL_ASAN)
#include <sanitizer/asan_interface.h>
#endif

#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0 {

/// Bytes and calls of a caching allocator since the program started.
struct memory_statistics {
  std::size_t live_bytes = 0;            // in use, each block rounded up to its size class
  std::size_t peak_bytes = 0;            // the largest `live_bytes` since the last reset
  std::size_t cached_bytes = 0;          // held for reuse
  std::uint64_t requests = 0;            // blocks handed out
  std::uint64_t requested_bytes = 0;     // asked for by all of these together
  std::uint64_t system_allocations = 0;  // blocks that came from the system
};

namespace detail {

/// Keeps freed blocks in one list per size class and hands the most recent one out again, so that a repeated training
/// step makes no call to the system.
///
/// Blocks are aligned to 64 bytes, those of 2 MB and more to huge pages. A size is rounded up by at most an eighth. All
/// functions may be called from any thread.
class caching_allocator {
 public:
  /// The one of this program. It is never destroyed: arrays in static storage may give blocks back at exit.
  static caching_allocator& instance() {
    static auto* const a = new caching_allocator;
    return *a;
  }

  /// A block of at least `bytes`, null for 0. **Throws** backend_error when the system has no memory left.
  void* allocate(std::size_t bytes) {
    if (bytes == 0) return nullptr;
    if (bytes > address_space) fail(bytes, 0);
    const int index = class_of(bytes);
    const std::size_t size = class_bytes(index);
    {
      const std::lock_guard lock(mutex_);
      ++statistics_.requests;
      statistics_.requested_bytes += bytes;
      statistics_.live_bytes += size;
      if (statistics_.live_bytes > statistics_.peak_bytes) statistics_.peak_bytes = statistics_.live_bytes;
      if (node* const n = free_[index]) {
        free_[index] = n->next;
        unpoison(n, bytes);
        statistics_.cached_bytes -= size;
        return n;
      }
      ++statistics_.system_allocations;
    }
    void* p = from_system(size);
    if (p == nullptr) {
      release_cached();
      p = from_system(size);
    }
    if (p == nullptr) fail(bytes, size);
    poison(p, size);
    unpoison(p, bytes);
    return p;
  }

  /// Takes back a block of `allocate(bytes)`.
  void deallocate(void* p, std::size_t bytes) noexcept {
    if (p == nullptr) return;
    const int index = class_of(bytes);
    const std::size_t size = class_bytes(index);
    const std::lock_guard lock(mutex_);
    unpoison(p, sizeof(node));
    auto* const n = static_cast<node*>(p);
    n->next = free_[index];
    free_[index] = n;
    poison(n + 1, size - sizeof(node));
    statistics_.live_bytes -= size;
    statistics_.cached_bytes += size;
  }

  /// Gives every unused block back to the system.
  void release_cached() noexcept {
    const std::lock_guard lock(mutex_);
    for (node*& list : free_) {
      while (list != nullptr) {
        node* const n = list;
        list = n->next;
        std::free(n);
      }
    }
    statistics_.cached_bytes = 0;
  }

  memory_statistics statistics() const {
    const std::lock_guard lock(mutex_);
    return statistics_;
  }
  void reset_peak() {
    const std::lock_guard lock(mutex_);
    statistics_.peak_bytes = statistics_.live_bytes;
  }

  /// The size class of a request: multiples of 64 bytes up to 512, then eight sizes per doubling.
  static constexpr int class_of(std::size_t bytes) {
    if (bytes <= 512) return static_cast<int>((bytes - 1) / 64);
    const int power = static_cast<int>(std::bit_width(bytes - 1)) - 1;  // 2^power < bytes <= 2^(power + 1)
    const std::size_t step = std::size_t{1} << (power - 3);
    return 8 * (power - 8) + static_cast<int>((bytes - 1 - (std::size_t{1} << power)) / step);
  }
  /// The bytes of a block of a class.
  static constexpr std::size_t class_bytes(int index) {
    if (index < 8) return 64 * static_cast<std::size_t>(index + 1);
    const int power = index / 8 + 8;
    return (std::size_t{1} << power) + (std::size_t{1} << (power - 3)) * static_cast<std::size_t>(index % 8 + 1);
  }

 private:
  struct node {
    node* next;
  };
  static constexpr int classes = 8 * 56;
  static constexpr std::size_t address_space = std::size_t{1} << 47;
  static constexpr std::size_t huge_page = std::size_t{1} << 21;

  caching_allocator() = default;

  static void* from_system(std::size_t size) {
    if (size < huge_page) return std::aligned_alloc(64, size);
    void* const p = std::aligned_alloc(huge_page, (size + huge_page - 1) / huge_page * huge_page);
#if defined(__linux__) && defined(MADV_HUGEPAGE)
    if (p != nullptr) madvise(p, size, MADV_HUGEPAGE);
#endif
    return p;
  }

  [[noreturn]] void fail(std::size_t bytes, std::size_t size) {
    const std::lock_guard lock(mutex_);
    statistics_.live_bytes -= size;
    throw_backend_error(
        concat("cpu: out of memory: ", bytes, " bytes asked for, ", statistics_.live_bytes, " bytes in use"));
  }

  // A cached block, but for its link, is out of bounds for its former owner: tell the address sanitizer.
#if defined(TL_ASAN)
  static void poison(void* p, std::size_t n) { __asan_poison_memory_region(p, n); }
  static void unpoison(void* p, std::size_t n) { __asan_unpoison_memory_region(p, n); }
#else
  static void poison(void*, std::size_t) {}
  static void unpoison(void*, std::size_t) {}
#endif

  mutable std::mutex mutex_;
  node* free_[classes] = {};
  memory_statistics statistics_;
};

/// Memory for the length of a scope, from the caching allocator.
template <class T>
class scratch {
 public:
  explicit scratch(std::int64_t count)
      : bytes_(static_cast<std::size_t>(count) * sizeof(T)),
        data_(static_cast<T*>(caching_allocator::instance().allocate(bytes_))) {}
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { caching_allocator::instance().deallocate(data_, bytes_); }

  T* data() const { return data_; }

 private:
  std::size_t bytes_;
  T* data_;
};

}  // namespace detail

}  // namespace tensorlab::inline v0

#undef TL_ASAN
