#pragma once

#include <cstdint>
#include <utility>

namespace tensorlab::inline v0 {

/// What a stretch of a training step's time goes into.
enum class op_phase : std::uint8_t { forward, backward, optimiser, other };

/// Told by a thread's ops, as they run, where its time goes; see train/step_profile.hpp for one that adds it up.
///
/// Names are those of the ops; one is valid during the call, so an observer that keeps it copies it.
class op_observer {
 public:
  op_observer() = default;
  op_observer(const op_observer&) = delete;
  op_observer& operator=(const op_observer&) = delete;
  virtual ~op_observer() = default;

  /// `name` has just ended; it had this thread since the event before.
  virtual void ended(const char* name, op_phase phase) = 0;
  /// `name` begins; other events may come before its end().
  virtual void begin(const char* name, op_phase phase) = 0;
  /// What began last, and has not ended, ends: by an exception perhaps.
  virtual void end() noexcept = 0;
};

namespace detail {

inline constinit thread_local op_observer* current_op_observer = nullptr;

// Out of the way: an op without an observer pays for one branch.
[[gnu::cold, gnu::noinline]] inline void tell_ended(const char* name, op_phase phase) {
  current_op_observer->ended(name, phase);
}
[[gnu::cold, gnu::noinline]] inline op_observer* tell_begin(const char* name, op_phase phase) {
  current_op_observer->begin(name, phase);
  return current_op_observer;
}
[[gnu::cold, gnu::noinline]] inline void tell_end(op_observer* begun) noexcept {
  // An observer that was taken away meanwhile may be no more.
  if (begun == current_op_observer) begun->end();
}

}  // namespace detail

/// This thread's observer, null if there is none.
inline op_observer* current_observer() { return detail::current_op_observer; }
/// Tells this thread's ops to `observer` from now on, or to none for null; returns the one before.
inline op_observer* exchange_observer(op_observer* observer) {
  return std::exchange(detail::current_op_observer, observer);
}

/// Until the end of scope this thread's ops are told to `observer`, or to none for null; then to the one before again.
class observer_scope {
 public:
  explicit observer_scope(op_observer* observer) : previous_(exchange_observer(observer)) {}
  observer_scope(const observer_scope&) = delete;
  observer_scope& operator=(const observer_scope&) = delete;
  ~observer_scope() { exchange_observer(previous_); }

 private:
  op_observer* previous_;
};

/// Tells this thread's observer, if there is one, that `name` has just ended. Whatever computes without `record` calls
/// it to be seen under a name of its own rather than as part of the op that comes next.
inline void op_ended(const char* name, op_phase phase = op_phase::forward) {
  if (detail::current_op_observer != nullptr) [[unlikely]]
    detail::tell_ended(name, phase);
}

/// Tells this thread's observer, if there is one, when `name` begins and, at the end of scope, when it ends.
class op_scope {
 public:
  explicit op_scope(const char* name, op_phase phase = op_phase::other) {
    if (detail::current_op_observer != nullptr) [[unlikely]]
      begun_ = detail::tell_begin(name, phase);
  }
  op_scope(const op_scope&) = delete;
  op_scope& operator=(const op_scope&) = delete;
  ~op_scope() {
    if (begun_ != nullptr) [[unlikely]]
      detail::tell_end(begun_);
  }

 private:
  op_observer* begun_ = nullptr;
};

}  // namespace tensorlab::inline v0
