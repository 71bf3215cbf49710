#pragma once

#include <utility>

#include <tensorlab/autograd/tensor.hpp>
#include <tensorlab/nn/field.hpp>

namespace tensorlab::inline v0::nn {

/// Hears of every layer's output while a trace_scope is alive on the same thread.
class trace_listener {
 public:
  virtual ~trace_listener() = default;
  virtual void on_output(const record_id& layer, const shape& output) = 0;
};

namespace detail {

inline trace_listener*& current_listener() {
  thread_local trace_listener* listener = nullptr;
  return listener;
}

}  // namespace detail

/// Sends this thread's layer outputs to a listener while alive.
class trace_scope {
 public:
  explicit trace_scope(trace_listener& l) : previous_(std::exchange(detail::current_listener(), &l)) {}
  trace_scope(const trace_scope&) = delete;
  trace_scope& operator=(const trace_scope&) = delete;
  ~trace_scope() { detail::current_listener() = previous_; }

 private:
  trace_listener* previous_;
};

/// `y`, after telling the listener, if there is one, that `layer` put it out. Layers return through it. An output that
/// is no tensor has no shape to tell.
template <class M, class Y>
Y traced(const M& layer, Y y) {
  if constexpr (requires { y.shape(); }) {
    if (trace_listener* l = detail::current_listener()) l->on_output(id_of(layer), y.shape());
  }
  return y;
}

}  // namespace tensorlab::inline v0::nn
