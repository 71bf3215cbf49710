#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0 {

/// A step that cannot be recorded, or a recorded one that is given what it was not recorded for.
struct record_error : error {
  using error::error;
};

namespace detail {

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

}  // namespace detail

/// The calls of a backend's primitives that a step makes, to be made again: what `train::record` fills and replays.
///
/// While one is current on a thread, primitives, and whatever else a step does beside them, go through perform();
/// arrays live in its memory; values must not pass between host and tensors, as a replay would not see them.
class capture {
 public:
  capture() : memory_(std::make_shared<detail::captured_memory>()) {}
  capture(const capture&) = delete;
  capture& operator=(const capture&) = delete;
  ~capture() {
    for (const action& a : actions_)
      if (a.destroy != nullptr) a.destroy(a.closure.get());
  }

  /// The one under way on this thread, null if there is none.
  static capture* current() { return current_; }

  /// Makes a recording, or none, current for the length of a scope.
  class scope {
   public:
    explicit scope(capture* c) : outer_(std::exchange(current_, c)) {
      if (c != nullptr) c->outside_ = reinterpret_cast<std::uintptr_t>(this);
    }
    scope(const scope&) = delete;
    scope& operator=(const scope&) = delete;
    ~scope() { current_ = outer_; }

   private:
    capture* outer_;
  };

  /// Calls `f()` now and in every replay. What `f` does inside is not recorded on its own.
  template <class F>
  void perform(const F& f) {
    static_assert(alignof(F) <= alignof(std::max_align_t));
    const auto call = [](const void* closure) { (*static_cast<const F*>(closure))(); };
    if constexpr (std::is_trivially_copyable_v<F>) {
      perform(&f, sizeof(F), call);
    } else {
      call_paused(&f, call);
      action a = room_for(sizeof(F), call);
      new (a.closure.get()) F(f);
      a.destroy = [](void* closure) { static_cast<F*>(closure)->~F(); };
      actions_.push_back(std::move(a));
    }
  }
  /// The same for a closure of so many bytes that may be copied as such, which `call` calls.
  [[gnu::cold, gnu::noinline]] void perform(const void* closure, std::size_t bytes, void (*call)(const void*)) {
    call_paused(closure, call);
    action a = room_for(bytes, call);
    std::memcpy(a.closure.get(), closure, bytes);
    actions_.push_back(std::move(a));
  }

  /// Makes the calls again, in their order.
  void replay() const {
    for (const action& a : actions_) a.call(a.closure.get());
  }

  /// **Throws** record_error if `p`, which replays will look at, is on the part of the stack that is the step's own.
  void require_lasting(const char* what, const void* p) const {
    const auto at = reinterpret_cast<std::uintptr_t>(p), inside = reinterpret_cast<std::uintptr_t>(&p);
    if (at > inside && at < outside_)
      throw record_error(concat(what, ": the random stream is a local variable of the step, gone when it is replayed"));
  }

  /// Says that no replay will find other values in memory than now, but for the recording's own and what varies().
  void assume_constants() { constants_ = true; }
  /// Says that `bytes` at `p` change between replays: a step's inputs.
  void varies(const void* p, std::size_t bytes) { varying_.emplace_back(p, bytes); }
  /// Whether the values at `p` are the same in every replay, so that what is made of them can be made once.
  bool is_constant(const void* p) const {
    if (!constants_ || memory_->owns(p)) return false;
    for (const auto& [begin, bytes] : varying_)
      if (detail::captured_memory::is_inside(p, begin, bytes)) return false;
    return true;
  }

  bool are_constant(std::initializer_list<const void*> all) const {
    for (const void* p : all)
      if (!is_constant(p)) return false;
    return true;
  }

  /// `f()`, computed now and not in replays, which find the result where it is.
  template <class F>
  auto once(const F& f) {
    const scope paused(nullptr);
    auto result = f();
    kept_.push_back(std::make_shared<decltype(result)>(result));
    return result;
  }

  /// Lets the block at `p` be in use when the recording ends.
  void allow(const void* p) { allowed_.push_back(p); }
  /// Ends the recording. **Throws** record_error if the step keeps memory of its own that was not allowed: a replay
  /// would read in it what an earlier step left there.
  void close() {
    memory_->close();
    if (const std::size_t bytes = memory_->kept_beside(allowed_))
      throw record_error(concat("record: the step keeps a tensor of ", bytes,
                                " bytes that it computed; return it, or write into one made before"));
  }

  const std::shared_ptr<detail::captured_memory>& memory() const { return memory_; }
  std::size_t actions() const { return actions_.size(); }

 private:
  struct action {
    std::unique_ptr<std::max_align_t[]> closure;
    void (*call)(const void* closure);
    void (*destroy)(void* closure);  // null where nothing is to be done
  };

  static void call_paused(const void* closure, void (*call)(const void*)) {
    const scope paused(nullptr);
    call(closure);
  }
  static action room_for(std::size_t bytes, void (*call)(const void*)) {
    constexpr std::size_t unit = sizeof(std::max_align_t);
    return {std::make_unique<std::max_align_t[]>((bytes + unit - 1) / unit), call, nullptr};
  }

  inline static constinit thread_local capture* current_ = nullptr;

  std::shared_ptr<detail::captured_memory> memory_;
  std::vector<const void*> allowed_;
  std::vector<std::shared_ptr<const void>> kept_;
  std::vector<std::pair<const void*, std::size_t>> varying_;
  bool constants_ = false;
  std::vector<action> actions_;
  std::uintptr_t outside_ = 0;
};

/// Calls `f()`; if a step is being recorded, also in every replay of it.
template <class F>
void perform(const F& f) {
  if (capture* const c = capture::current()) [[unlikely]]
    return c->perform(f);
  f();
}

/// `f()`, which reads the memory at `operands` alone; computed once for all replays of a step that takes all of these
/// for constants.
template <class F>
auto perform_once(std::initializer_list<const void*> operands, const F& f) {
  capture* const c = capture::current();
  return c != nullptr && c->are_constant(operands) ? c->once(f) : f();
}

namespace detail {

/// As perform(), for draws from `rng`.
template <class Stream, class F>
void perform_draw(const char* what, const Stream& rng, const F& f) {
  if (const capture* const c = capture::current()) [[unlikely]]
    c->require_lasting(what, &rng);
  perform(f);
}

[[noreturn, gnu::cold, gnu::noinline]] inline void throw_host_value(const char* what) {
  throw record_error(concat(what, ": values cannot pass between host and tensors in a step that is recorded"));
}

/// **Throws** record_error if a prediction that is being prepared writes into memory that it takes for constant.
[[gnu::cold, gnu::noinline]] inline void require_no_constant(const capture& c, const char* what, const void* p) {
  if (p != nullptr && c.is_constant(p))
    throw record_error(concat(what,
                              ": a prediction that is prepared must not change tensors from before it; a module"
                              " that does so belongs into evaluation mode"));
}

/// **Throws** record_error if a step is being recorded: a replay would not repeat what the host does here.
inline void require_host_values(const char* what) {
  if (capture::current() != nullptr) [[unlikely]]
    throw_host_value(what);
}

}  // namespace detail

}  // namespace tensorlab::inline v0
