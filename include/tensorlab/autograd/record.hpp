#pragma once

#include <array>
#include <memory>
#include <span>
#include <tuple>
#include <vector>

#include <tensorlab/autograd/observer.hpp>
#include <tensorlab/autograd/tensor.hpp>

namespace tensorlab::inline v0 {

/// An input kept for the backward pass, with the number of writes its memory had seen.
template <class T, class B>
class saved {
 public:
  explicit saved(tensor<T, B> t) : tensor_(std::move(t)) {
    if (tensor_.defined() && tensor_.array().storage()) version_ = tensor_.array().storage()->version();
  }

  /// **Throws** gradient_error if the memory was written since.
  tensor<T, B> unpack(const char* op) const {
    if (tensor_.defined() && tensor_.array().storage() && tensor_.array().storage()->version() != version_)
      throw_gradient_error(concat(op, ": a tensor saved for the backward pass was overwritten in place: shape ",
                                  tensor_.shape(), " (write ", version_, " vs ", tensor_.array().storage()->version(),
                                  ")"));
    return tensor_;
  }

 private:
  tensor<T, B> tensor_;
  std::uint32_t version_ = 0;
};

/// Keeps `x` for the backward pass of the op being recorded; read it back with `context.get`.
template <class T, class B>
saved<T, B> save_for_backward(const tensor<T, B>& x) {
  return saved<T, B>(x);
}

namespace detail {

template <class T, class B>
bool any_tracked(const tensor<T, B>& t) {
  return t.tracked();
}
template <class T, class B>
bool any_tracked(std::span<const tensor<T, B>> ts) {
  for (const auto& t : ts)
    if (t.tracked()) return true;
  return false;
}
template <class T, class B>
void add_edges(std::vector<edge>& to, const tensor<T, B>& t) {
  to.push_back(t.source());
}
template <class T, class B>
void add_edges(std::vector<edge>& to, std::span<const tensor<T, B>> ts) {
  for (const auto& t : ts) to.push_back(t.source());
}

template <class T, class B>
void store_gradients(std::span<std::shared_ptr<variable>> dx, const tensor<T, B>& g) {
  dx[0] = g.body();
}
template <class T, class B>
void store_gradients(std::span<std::shared_ptr<variable>> dx, const std::vector<tensor<T, B>>& gs) {
  for (std::size_t i = 0; i < gs.size(); ++i) dx[i] = gs[i].body();
}
template <class T, class B, std::size_t Count>
void store_gradients(std::span<std::shared_ptr<variable>> dx, const std::array<tensor<T, B>, Count>& gs) {
  for (std::size_t i = 0; i < Count; ++i) dx[i] = gs[i].body();
}
template <class... Ts>
void store_gradients(std::span<std::shared_ptr<variable>> dx, const std::tuple<Ts...>& gs) {
  std::apply(
      [&](const auto&... g) {
        std::size_t i = 0;
        ((dx[i++] = g.body()), ...);
      },
      gs);
}

/// The callable F(context, dy[, y]) of an op behind one virtual function: it is all that is compiled per op.
template <class T, class B>
class backward_rule {
 public:
  virtual ~backward_rule() = default;
  virtual void run(const backward_context& context, std::span<const tensor<T, B>> dy, const tensor<T, B>& y,
                   std::span<std::shared_ptr<variable>> dx) = 0;
};

template <class F, class T, class B>
inline constexpr bool takes_output =
    std::is_invocable_v<F&, const backward_context&, const tensor<T, B>&, const tensor<T, B>&>;

template <class F, class T, class B, std::size_t Outputs>
class backward_of final : public backward_rule<T, B> {
 public:
  explicit backward_of(F f) : f_(std::move(f)) {}
  void run(const backward_context& context, std::span<const tensor<T, B>> dy, const tensor<T, B>& y,
           std::span<std::shared_ptr<variable>> dx) override {
    (void)y;
    if constexpr (Outputs == 1) {
      if constexpr (takes_output<F, T, B>) {
        store_gradients(dx, f_(context, dy[0], y));
      } else {
        store_gradients(dx, f_(context, dy[0]));
      }
    } else {
      std::array<tensor<T, B>, Outputs> g;
      for (std::size_t i = 0; i < Outputs; ++i) g[i] = dy[i];
      store_gradients(dx, f_(context, g));
    }
  }

 private:
  F f_;
};

/// The node of a recorded op with outputs of one type.
template <class T, class B>
class recorded_node final : public node {
 public:
  recorded_node(const char* name, std::unique_ptr<backward_rule<T, B>> rule, std::span<const array<T, B>> outputs,
                bool keeps_output)
      : node(name), rule_(std::move(rule)), keeps_output_(keeps_output), device_(outputs[0].device()) {
    for (const array<T, B>& y : outputs) shapes_.push_back(y.shape());
    if (!keeps_output) return;
    output_ = outputs[0];
    version_ = output_.storage()->version();
  }

  int outputs() const override { return static_cast<int>(shapes_.size()); }

  void release() override {
    rule_.reset();
    output_ = {};
  }

  void backward(const backward_context& context, std::span<std::shared_ptr<variable>> dy,
                std::span<std::shared_ptr<variable>> dx) override {
    if (!rule_)
      throw_gradient_error(
          concat(name(), ": second backward pass through a released graph; keep it with {.retain_graph = true}"));
    std::vector<tensor<T, B>> g;
    for (std::size_t i = 0; i < dy.size(); ++i)
      g.push_back(dy[i] ? tensor<T, B>(std::static_pointer_cast<tensor_body<T, B>>(std::move(dy[i])))
                        : tensor<T, B>::zeros(shapes_[i], device_));
    rule_->run(context, g, keeps_output_ ? output() : tensor<T, B>(), dx);
  }

  void set_self(const std::shared_ptr<node>& self) { self_ = self; }

 private:
  /// The output as it was, back on the tape if that still exists.
  tensor<T, B> output() const {
    if (output_.storage()->version() != version_)
      throw_gradient_error(concat(name(), ": the output saved for the backward pass was overwritten in place: shape ",
                                  output_.shape(), " (write ", version_, " vs ", output_.storage()->version(), ")"));
    tensor<T, B> y(output_);
    y.body()->producer = self_.lock();
    return y;
  }

  std::unique_ptr<backward_rule<T, B>> rule_;
  std::vector<shape> shapes_;
  bool keeps_output_;
  int device_;
  array<T, B> output_;
  std::uint32_t version_ = 0;
  std::weak_ptr<node> self_;
};

/// Puts an op on the tape: its outputs become those of a new node.
template <class T, class B>
void attach(const char* name, std::span<const array<T, B>> outputs, std::span<tensor<T, B>> ys,
            std::unique_ptr<backward_rule<T, B>> rule, bool keeps_output, std::vector<edge> edges) {
  auto n = std::make_shared<recorded_node<T, B>>(name, std::move(rule), outputs, keeps_output);
  n->set_self(n);
  n->edges = std::move(edges);
  for (std::size_t i = 0; i < ys.size(); ++i) {
    ys[i].body()->producer = n;
    ys[i].body()->output = static_cast<int>(i);
  }
}

}  // namespace detail

/// Whether an op on these inputs is to be recorded now. Inputs are tensors or spans of tensors.
template <class... In>
bool recording(const In&... inputs) {
  return grad_enabled() && (detail::any_tracked(inputs) || ...);
}

/// Makes tensors of an op's outputs and, when recording, puts the op on the tape.
///
/// `backward(context, dy)`, or `backward(context, dy, y)` to have the output kept too, returns the gradients to the
/// inputs in their order (a tensor, an array, a tuple or, for a span of inputs, a vector); those for which
/// `context.needs(i)` is false may be left undefined. Written with ops, it can itself be recorded.
template <std::size_t Outputs, class T, class B, class F, class... In>
std::array<tensor<T, B>, Outputs> record(const char* name, const std::array<array<T, B>, Outputs>& outputs, F backward,
                                         const In&... inputs) {
  std::array<tensor<T, B>, Outputs> ys;
  for (std::size_t i = 0; i < Outputs; ++i) ys[i] = tensor<T, B>(outputs[i]);
  if constexpr (std::floating_point<T>) {  // nothing else is tracked: no backward code for integers
    if (recording(inputs...)) {
      std::vector<edge> edges;
      (detail::add_edges(edges, inputs), ...);
      detail::attach<T, B>(name, outputs, ys,
                           std::make_unique<detail::backward_of<F, T, B, Outputs>>(std::move(backward)),
                           Outputs == 1 && detail::takes_output<F, T, B>, std::move(edges));
    }
  }
  op_ended(name);
  return ys;
}
template <class T, class B, class F, class... In>
tensor<T, B> record(const char* name, const array<T, B>& output, F backward, const In&... inputs) {
  return std::move(record<1>(name, std::array<array<T, B>, 1>{output}, std::move(backward), inputs...)[0]);
}

/// The tensor of an op's output that is never recorded.
template <class T, class B>
tensor<T, B> unrecorded(const char* name, const array<T, B>& output) {
  op_ended(name);
  return tensor<T, B>(output);
}

/// For an op without a gradient. **Throws** gradient_error if it would have to be recorded.
template <class... In>
void reject_tracked(const char* name, const In&... inputs) {
  if (recording(inputs...)) throw_gradient_error(concat(name, ": no gradient; wrap the input in stop_gradient()"));
}

/// **Throws** device_error unless all tensors live on one device; `others` may be undefined.
template <class T, class B, class... Others>
void require_same_device(const char* name, const tensor<T, B>& first, const Others&... others) {
  const int device = first.device();
  const auto check = [&](const auto& t) {
    if (t.defined() && t.device() != device) detail::throw_other_device(name, B::name, device, t.device());
  };
  (check(others), ...);
}

}  // namespace tensorlab::inline v0
