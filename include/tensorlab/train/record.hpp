#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include <tensorlab/autograd/tensor.hpp>

namespace tensorlab::inline v0::train {

namespace detail {

/// A backend whose primitives a recording can keep.
template <class B>
concept recordable = requires {
  requires B::recordable;
};

/// The same values, cut from the tape, whose blocks may last as long as the recording `r`, if there is one.
template <class T, class B>
tensor<T, B> kept(const tensor<T, B>& t, capture* r) {
  if (!t.defined()) return t;
  if (r != nullptr) r->allow(t.body()->memory());
  return stop_gradient(t);
}
template <class... Parts>
std::tuple<Parts...> kept(const std::tuple<Parts...>& parts, capture* r) {
  return std::apply([r](const Parts&... p) { return std::tuple<Parts...>(kept(p, r)...); }, parts);
}
template <class First, class Second>
std::pair<First, Second> kept(const std::pair<First, Second>& parts, capture* r) {
  return {kept(parts.first, r), kept(parts.second, r)};
}
template <class Part, std::size_t Count>
std::array<Part, Count> kept(std::array<Part, Count> parts, capture* r) {
  for (Part& p : parts) p = kept(p, r);
  return parts;
}

}  // namespace detail

/// Whether replays may find other values in the tensors that a step refers to than its recording did.
enum class parameters : std::uint8_t { change, stay };

/// A step of fixed shapes that, after its second call, repeats its kernels alone: no tape, no checks of shapes, no
/// memory to be found. What it computes is what the function would, to the bit.
///
/// Made by record(). Moving it moves the recording; it holds references to whatever the function refers to.
template <class F, class... Inputs>
class recorded_step {
 public:
  using result_type = std::invoke_result_t<F&, const Inputs&...>;

  explicit recorded_step(F f, parameters kind, const Inputs&... examples)
      : f_(std::move(f)), inputs_(buffer_like(examples)...), kind_(kind) {}

  /// One step on these inputs: the first is run as it stands, the second is recorded, the others are replays.
  ///
  /// The result is cut from the tape, and from the second call on it is in the same memory each time: clone what is to
  /// outlast the next step. **Throws** shape_error for inputs of other shapes than the examples'; record_error from the
  /// second call if the step cannot be recorded, see record(); and what the function throws.
  const result_type& operator()(const Inputs&... inputs) {
    if (capture::current() != nullptr) throw record_error("record: a recorded step inside another one");
    fill(std::index_sequence_for<Inputs...>{}, inputs...);
    if (ready_) {
      capture_->replay();
    } else if (!warm_) {
      result_ = detail::kept(call(), nullptr);
      warm_ = true;
    } else {
      start();
    }
    return *result_;
  }

  /// Whether the next call is a replay.
  bool recorded() const { return ready_; }
  /// The bytes that the recorded step's own tensors take, each block counted once; 0 before it is recorded.
  std::size_t bytes() const { return ready_ ? capture_->memory()->bytes() : 0; }
  /// The calls that a replay makes; 0 before the step is recorded.
  std::size_t calls() const { return ready_ ? capture_->actions() : 0; }
  /// The graphs that a replay launches in place of runs of these calls, on a backend that has graphs: made by the first
  /// replay, 0 before it.
  std::size_t graphs() const { return ready_ ? capture_->graphs() : 0; }

 private:
  template <class T, class B>
  static tensor<T, B> buffer_like(const tensor<T, B>& example) {
    static_assert(detail::recordable<B>, "record: steps can be recorded on the backends cpu, simt and cuda");
    return tensor<T, B>(array<T, B>::empty_like(example.array()));
  }

  template <class T, class B>
  static std::size_t bytes_of(const tensor<T, B>& t) {
    return static_cast<std::size_t>(t.size()) * sizeof(T);
  }

  template <std::size_t... K>
  void fill(std::index_sequence<K...>, const Inputs&... inputs) {
    (require_shape(K, std::get<K>(inputs_).shape(), inputs.shape()), ...);
    (std::get<K>(inputs_).assign(inputs), ...);
  }
  static void require_shape(std::size_t number, const shape& recorded, const shape& given) {
    if (given != recorded)
      throw_shape_error(concat("record: input ", number, " has another shape than the step was made for: made for ",
                               recorded, ", got ", given, "; run such a batch without recording"));
  }

  // Not inlined: the step's own variables are to lie below those of start().
  [[gnu::noinline]] result_type call() {
    return std::apply([this](const Inputs&... x) { return f_(x...); }, inputs_);
  }

  void start() {
    auto r = std::make_unique<capture>();
    {
      const capture::scope here(r.get());
      if (kind_ == parameters::stay) {
        r->assume_constants();
        std::apply([&](const Inputs&... x) { (r->varies(x.array().data(), bytes_of(x)), ...); }, inputs_);
      }
      result_ = detail::kept(call(), r.get());
    }
    r->close();
    capture_ = std::move(r);
    ready_ = true;
  }

  F f_;
  std::tuple<Inputs...> inputs_;
  parameters kind_;
  std::optional<result_type> result_;
  std::unique_ptr<capture> capture_;
  bool warm_ = false, ready_ = false;
};

/// Makes a step of `f` that is recorded once and then replayed, for inputs of the examples' shapes.
///
/// `auto step = train::record([&](const auto& x, const auto& y) { opt.zero_grad(); auto l = loss::mse(net(x), y);
/// l.backward(); opt.step(); return l; }, x0, y0);` Nothing is run until the step is called. `f` returns a tensor, or a
/// pair, tuple or std::array of tensors; it may train or, under no_grad, only predict.
///
/// A replay repeats all kernels with the memory they had, the optimiser's step and the draws of the modules' random
/// streams, and checks indices and targets anew. On cuda the kernels between these turns of the host's are launched as
/// CUDA graphs, so a step belongs to one GPU and to the stream it was recorded on. A replay does not repeat what else
/// `f` does on the host: a branch, a number computed there or a learning rate is the recorded call's, so `f` is refused
/// with a record_error if it
/// - reads a tensor's values (item, span, to_vector, clip_grad_norm; `opt.step({.max_norm = 1})` clips in replays too)
///   or makes a tensor of the host's,
/// - draws random numbers on the host, or sets the learning rate,
/// - adds to gradients from before the step: zero_grad() belongs into it,
/// - keeps a tensor that it computed, other than by returning it: a replay would not carry it to the next step.
///
/// Modules, optimisers and tensors that `f` refers to must outlive the step and must not be assigned to; changes in
/// place (a loaded state, a learning rate set between steps) are seen. A module's mode is that of the recorded call.
template <class F, class... Ts, class... Bs>
auto record(F f, const tensor<Ts, Bs>&... examples) {
  return recorded_step<F, tensor<Ts, Bs>...>(std::move(f), parameters::change, examples...);
}

/// Makes a prediction `f` that is ready to be repeated for inputs of the examples' shapes, with the weights as they are
/// now.
///
/// `auto predict = train::prepare(net, x0);`, of a copy of the module, or of any function of tensors. It is run twice
/// on the examples, without gradients, and recorded as record() does. Weights of products and of recurrent layers are
/// packed once in the order that their kernels read, so results equal those of `f` to rounding. **Later changes of
/// weights are seen by some kernels and not by others**: prepare again after training.
/// **Throws** record_error for what record() refuses, and if `f` writes into a tensor from before it, as modules do in
/// training mode.
template <class F, class... Ts, class... Bs>
auto prepare(F f, const tensor<Ts, Bs>&... examples) {
  auto predict = [f = std::move(f)](const auto&... x) {
    const no_grad scope;
    return f(x...);
  };
  recorded_step<decltype(predict), tensor<Ts, Bs>...> step(std::move(predict), parameters::stay, examples...);
  while (!step.recorded()) step(examples...);
  return step;
}

}  // namespace tensorlab::inline v0::train
