#pragma once

namespace tensorlab::inline v0 {

namespace detail {

inline bool& grad_enabled_flag() {
  thread_local bool enabled = true;
  return enabled;
}
inline bool& recomputing_flag() {
  thread_local bool recomputing = false;
  return recomputing;
}

/// Sets a thread's flag for a scope.
class flag_scope {
 public:
  flag_scope(bool& flag, bool value) : flag_(flag), previous_(flag) { flag = value; }
  flag_scope(const flag_scope&) = delete;
  flag_scope& operator=(const flag_scope&) = delete;
  ~flag_scope() { flag_ = previous_; }

 private:
  bool& flag_;
  bool previous_;
};

}  // namespace detail

/// True when this thread records ops on tracked tensors.
inline bool grad_enabled() { return detail::grad_enabled_flag(); }

/// True while a checkpointed part is run a second time: running statistics must not be updated again.
inline bool recomputing() { return detail::recomputing_flag(); }

/// While alive, this thread records nothing.
struct no_grad : detail::flag_scope {
  no_grad() : flag_scope(detail::grad_enabled_flag(), false) {}
};

/// While alive, this thread records, also inside a no_grad.
struct enable_grad : detail::flag_scope {
  enable_grad() : flag_scope(detail::grad_enabled_flag(), true) {}
};

}  // namespace tensorlab::inline v0
