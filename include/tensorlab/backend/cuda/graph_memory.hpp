#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include <tensorlab/backend/cuda/block_cache.hpp>
#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0::cuda_kernel {

/// The scratch memory of a graph's calls: blocks that are used again within the graph and stay its own as long as it
/// lives, since its kernels keep their addresses. Belongs to one device and to the stream that the calls are queued on.
class graph_memory {
 public:
  graph_memory(block_cache& cache, const void* stream, int device) : cache_(&cache), stream_(stream), device_(device) {}
  graph_memory(const graph_memory&) = delete;
  graph_memory& operator=(const graph_memory&) = delete;
  ~graph_memory() {
    for (const block& b : blocks_) cache_->deallocate(b.p);
  }

  /// The one that this thread's scratch memory comes from, null if there is none.
  static graph_memory* current() { return current_; }
  /// Makes one current for the length of a scope.
  class scope {
   public:
    explicit scope(graph_memory* m) : outer_(std::exchange(current_, m)) {}
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope() { current_ = outer_; }

   private:
    graph_memory* outer_;
  };

  /// A block of at least `bytes`, null when the cache has none. **Throws** backend_error for one more than before
  /// close().
  void* take(std::size_t bytes) {
    const std::size_t size = block_cache::class_bytes(bytes);  // equal sizes alone: a second round finds all it needs
    for (block& b : blocks_) {
      if (b.used || b.bytes != size) continue;
      b.used = true;
      return b.p;
    }
    if (closed_)
      throw_backend_error(concat("record: a call asks for ", bytes,
                                 " bytes of scratch memory to be captured in a graph that it did not ask for before; "
                                 "run the step without recording"));
    blocks_.reserve(blocks_.size() + 1);
    void* const p = cache_->allocate(bytes, stream_);
    if (p != nullptr) blocks_.push_back({p, size, true});
    return p;
  }
  void give_back(void* p) {
    for (block& b : blocks_)
      if (b.p == p) b.used = false;
  }
  /// Says that no calls will come but those that were made: from now on nothing is asked of the cache.
  void close() { closed_ = true; }

  int device() const { return device_; }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const block& b : blocks_) sum += b.bytes;
    return sum;
  }

 private:
  struct block {
    void* p;
    std::size_t bytes;
    bool used;
  };

  inline static constinit thread_local graph_memory* current_ = nullptr;

  block_cache* cache_;
  const void* stream_;
  int device_;
  bool closed_ = false;
  std::vector<block> blocks_;
};

}  // namespace tensorlab::inline v0::cuda_kernel
