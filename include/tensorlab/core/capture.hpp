#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/core/call_list.hpp>
#include <tensorlab/core/captured_memory.hpp>
#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0 {

/// A step that cannot be recorded, or a recorded one that is given what it was not recorded for.
struct record_error : error {
  using error::error;
};

/// The calls of a backend's primitives that a step makes, to be made again: what `train::record` fills and replays.
///
/// While one is current on a thread, primitives, and whatever else a step does beside them, go through perform();
/// arrays live in its memory; values must not pass between host and tensors, as a replay would not see them.
class capture {
 public:
  capture() : memory_(std::make_shared<detail::captured_memory>()) {}
  capture(const capture&) = delete;
  capture& operator=(const capture&) = delete;

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
    add({}, f);
  }
  /// As perform(), for what changes handles of the host's alone: it does not part the device's calls around it.
  template <class F>
  void perform_beside(const F& f) {
    add({detail::call_kind::beside}, f);
  }
  /// As perform(), for work with fixed arguments on the device that `at` lies on, which graphs of `source` may hold.
  template <class F>
  void launch(graph_source source, const void* at, const F& f) {
    add({detail::call_kind::device, source, at}, f);
  }

  /// Makes the calls again, in their order; runs of device calls as the graphs that the first replay makes of them.
  void replay() { calls_.replay(); }

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
  std::size_t actions() const { return calls_.size(); }
  /// The graphs that replays launch; they are made by the first one.
  std::size_t graphs() const { return calls_.graphs(); }

 private:
  template <class F>
  void add(const detail::call_traits& traits, const F& f) {
    static_assert(alignof(F) <= alignof(std::max_align_t));
    const auto make = [](const void* closure) { (*static_cast<const F*>(closure))(); };
    if constexpr (std::is_trivially_copyable_v<F>) {
      add_bytes(traits, &f, sizeof(F), make);
    } else {
      make_paused(&f, make);
      calls_.add(
          traits, sizeof(F), make, [](void* closure) { static_cast<F*>(closure)->~F(); },
          [&](void* room) { new (room) F(f); });
    }
  }
  /// The same for a closure of so many bytes that may be copied as such.
  [[gnu::cold, gnu::noinline]] void add_bytes(const detail::call_traits& traits, const void* closure, std::size_t bytes,
                                              void (*make)(const void*)) {
    make_paused(closure, make);
    calls_.add(traits, bytes, make, nullptr, [&](void* room) { std::memcpy(room, closure, bytes); });
  }
  static void make_paused(const void* closure, void (*make)(const void*)) {
    const scope paused(nullptr);
    make(closure);
  }

  inline static constinit thread_local capture* current_ = nullptr;

  std::shared_ptr<detail::captured_memory> memory_;
  std::vector<const void*> allowed_;
  std::vector<std::shared_ptr<const void>> kept_;
  std::vector<std::pair<const void*, std::size_t>> varying_;
  bool constants_ = false;
  std::uintptr_t outside_ = 0;
  detail::call_list calls_;  // before the memory that its calls work in goes
};

/// Calls `f()`; if a step is being recorded, also in every replay of it.
template <class F>
void perform(const F& f) {
  if (capture* const c = capture::current()) [[unlikely]]
    return c->perform(f);
  f();
}

/// As perform(), for what changes handles of the host's alone.
template <class F>
void perform_beside(const F& f) {
  if (capture* const c = capture::current()) [[unlikely]]
    return c->perform_beside(f);
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
