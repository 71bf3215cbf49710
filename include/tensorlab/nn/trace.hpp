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

/// Whether a listener hears of this thread's layer outputs.
inline bool is_traced() { return detail::current_listener() != nullptr; }

/// Hears of the inputs of linear, LSTM and GRU layers, of which calibration reads the range, while an input_scope is
/// alive on the same thread.
template <class T, class B>
class input_listener {
 public:
  virtual ~input_listener() = default;
  virtual void on_input(const record_id& layer, const tensor<T, B>& x) = 0;
};

namespace detail {

template <class T, class B>
input_listener<T, B>*& current_input_listener() {
  thread_local input_listener<T, B>* listener = nullptr;
  return listener;
}

}  // namespace detail

/// Sends this thread's layer inputs to a listener while alive.
template <class T, class B>
class input_scope {
 public:
  explicit input_scope(input_listener<T, B>& l)
      : previous_(std::exchange(detail::current_input_listener<T, B>(), &l)) {}
  input_scope(const input_scope&) = delete;
  input_scope& operator=(const input_scope&) = delete;
  ~input_scope() { detail::current_input_listener<T, B>() = previous_; }

 private:
  input_listener<T, B>* previous_;
};

/// Tells the listener, if there is one, what `layer` is called with.
template <class M, class T, class B>
void show_input(const M& layer, const tensor<T, B>& x) {
  if (input_listener<T, B>* l = detail::current_input_listener<T, B>()) l->on_input(id_of(layer), x);
}

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
