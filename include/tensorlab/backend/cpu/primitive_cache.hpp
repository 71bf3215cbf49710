#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <tensorlab/backend/cache_statistics.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// The numbers that tell one cached object from another.
template <std::size_t Count>
using cache_key = std::array<std::int64_t, Count>;

template <std::size_t Count>
struct cache_key_hash {
  std::size_t operator()(const cache_key<Count>& key) const {
    std::uint64_t h = 0xcbf29ce484222325u;
    for (std::int64_t v : key) {
      h = (h ^ static_cast<std::uint64_t>(v)) * 0x100000001b3u;
      h ^= h >> 32;
    }
    return static_cast<std::size_t>(h);
  }
};

/// Objects that are dear to make, found again by their key. Beyond its capacity the one unused for longest goes;
/// whoever still uses it keeps it alive. All functions may be called from any thread.
template <std::size_t Count, class Value>
class bounded_cache {
 public:
  using key_type = cache_key<Count>;

  explicit bounded_cache(std::size_t capacity) { statistics_.capacity = capacity; }

  /// The object of `key`; calls `make()`, which returns a shared_ptr, where there is none.
  template <class Make>
  std::shared_ptr<const Value> get(const key_type& key, const Make& make) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = entries_.find(key); found != entries_.end()) {
        ++statistics_.hits;
        found->second.last_use = ++clock_;
        return found->second.value;
      }
      ++statistics_.misses;
    }
    std::shared_ptr<const Value> value = make();
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(key, entry{value, ++clock_});
    shrink();
    return value;
  }

  /// Keeps at most `capacity` objects from now on.
  void set_capacity(std::size_t capacity) {
    const std::lock_guard lock(mutex_);
    statistics_.capacity = capacity;
    shrink();
  }

  cache_statistics statistics() const {
    const std::lock_guard lock(mutex_);
    cache_statistics s = statistics_;
    s.size = entries_.size();
    return s;
  }

 private:
  struct entry {
    std::shared_ptr<const Value> value;
    std::uint64_t last_use;
  };

  void shrink() {
    while (entries_.size() > statistics_.capacity) {
      auto oldest = entries_.begin();
      for (auto e = entries_.begin(); e != entries_.end(); ++e)
        if (e->second.last_use < oldest->second.last_use) oldest = e;
      entries_.erase(oldest);
      ++statistics_.evictions;
    }
  }

  mutable std::mutex mutex_;
  std::unordered_map<key_type, entry, cache_key_hash<Count>> entries_;
  std::uint64_t clock_ = 0;
  cache_statistics statistics_;
};

}  // namespace detail

}  // namespace tensorlab::inline v0
