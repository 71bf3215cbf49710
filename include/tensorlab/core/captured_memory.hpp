#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace tensorlab::inline v0::detail {

/// Blocks that the arrays of one recorded step live in. Those given back while it is recorded are handed out again, as
/// a replay repeats the same order of uses; all of them last as long as the recording or an array in one of them.
class captured_memory {
 public:
  using allocate_function = void* (*)(std::size_t bytes, int device);
  using release_function = void (*)(void* p, std::size_t bytes, int device) noexcept;

  captured_memory() = default;
  captured_memory(const captured_memory&) = delete;
  captured_memory& operator=(const captured_memory&) = delete;
  ~captured_memory() {
    for (const block& b : blocks_) b.release(b.p, b.bytes, b.device);
  }

  /// The number of a block of at least `bytes`.
  std::size_t take(std::size_t bytes, int device, allocate_function allocate, release_function release) {
    const std::lock_guard lock(mutex_);
    const auto fits = free_.lower_bound(bytes);
    // A much larger block would be missed by whoever needs it next.
    if (fits != free_.end() && fits->first - bytes <= bytes / 8 + 64 && blocks_[fits->second].device == device &&
        blocks_[fits->second].release == release) {
      const std::size_t at = fits->second;
      free_.erase(fits);
      blocks_[at].used = true;
      blocks_[at].asked = bytes;
      return at;
    }
    blocks_.push_back({nullptr, bytes, bytes, device, release, true});
    blocks_.back().p = allocate(bytes, device);
    return blocks_.size() - 1;
  }
  void give_back(std::size_t at) {
    const std::lock_guard lock(mutex_);
    blocks_[at].used = false;
    if (open_) free_.emplace(blocks_[at].bytes, at);
  }
  void close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
  }

  void* data(std::size_t at) const { return blocks_[at].p; }
  /// Whether `p` points into one of the blocks.
  bool owns(const void* p) const {
    for (const block& b : blocks_)
      if (is_inside(p, b.p, b.bytes)) return true;
    return false;
  }
  static bool is_inside(const void* p, const void* block, std::size_t bytes) {
    const auto at = reinterpret_cast<std::uintptr_t>(p), begin = reinterpret_cast<std::uintptr_t>(block);
    return at >= begin && at - begin < bytes;
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const block& b : blocks_) sum += b.bytes;
    return sum;
  }
  /// The bytes that were asked for of a block that is in use and none of `allowed`, 0 if there is none.
  std::size_t kept_beside(const std::vector<const void*>& allowed) const {
    for (const block& b : blocks_) {
      bool known = !b.used;
      for (const void* p : allowed) known = known || p == b.p;
      if (!known) return b.asked;
    }
    return 0;
  }

 private:
  struct block {
    void* p;
    std::size_t bytes, asked;
    int device;
    release_function release;
    bool used;
  };

  std::mutex mutex_;
  bool open_ = true;
  std::vector<block> blocks_;
  std::multimap<std::size_t, std::size_t> free_;
};

}  // namespace tensorlab::inline v0::detail
