#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include <tensorlab/core/capture.hpp>
#include <tensorlab/core/dims.hpp>

namespace tensorlab::inline v0 {

class node;
class variable;

/// Called with a gradient on its way; returns the gradient to go on with.
class gradient_hook {
 public:
  virtual ~gradient_hook() = default;
  virtual std::shared_ptr<variable> operator()(const std::shared_ptr<variable>& gradient) = 0;
};

/// A tensor without its types, as the graph walk sees it: a place for a gradient.
class variable {
 public:
  variable() = default;
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  virtual ~variable() = default;

  virtual const shape& extents() const = 0;
  /// The block its elements lie in.
  virtual const void* memory() const = 0;
  /// The sum with another variable of the same types and shape, not recorded.
  virtual std::shared_ptr<variable> plus(const variable& other) const = 0;
  /// Adds another variable of the same types and shape to this one in place; false, with nothing done, where its
  /// elements are shared.
  virtual bool add(const variable& other) = 0;
  /// Adds a gradient to this leaf's; `keep_tape` keeps the gradient's own graph for a further derivative.
  virtual void accumulate(std::shared_ptr<variable> collected, bool keep_tape) = 0;

  /// Makes `g`, null for none, the gradient of `of`: in every replay too if a step is being recorded.
  static void set_gradient(const std::shared_ptr<variable>& of, const std::shared_ptr<variable>& g) {
    capture* const r = capture::current();
    if (r == nullptr) {
      of->gradient = g;
      return;
    }
    if (g) r->allow(g->memory());
    r->perform_beside([of, g] { of->gradient = g; });
  }

  std::shared_ptr<node> producer;
  int output = 0;
  bool requires_grad = false;
  std::shared_ptr<variable> gradient;
  /// What the backward pass under way has collected for this leaf.
  std::shared_ptr<variable> incoming;
  /// What a leaf's whole gradient passes through.
  std::vector<std::shared_ptr<gradient_hook>> hooks;

  std::shared_ptr<variable> through_hooks(std::shared_ptr<variable> g) const {
    for (const auto& h : hooks) g = (*h)(g);
    return g;
  }
};

/// Where an input of a node came from: an output of another node, a leaf that collects a gradient, or neither.
struct edge {
  std::shared_ptr<node> producer;
  int output = 0;
  std::shared_ptr<variable> leaf;

  bool tracked() const { return producer != nullptr || leaf != nullptr; }
};

/// Where the gradient of a variable goes.
inline edge source_of(const std::shared_ptr<variable>& v) {
  if (v->producer) return {v->producer, v->output, nullptr};
  if (v->requires_grad) return {nullptr, 0, v};
  return {};
}

/// What a backward pass tells a node.
class backward_context {
 public:
  backward_context(const char* op, const std::vector<bool>& needed, bool create_graph)
      : op_(op), needed_(needed), create_graph_(create_graph) {}

  const char* op() const { return op_; }
  /// Whether the gradient to input `i` is asked for.
  bool needs(std::size_t i) const { return needed_[i]; }
  /// Whether the backward pass is itself recorded.
  bool create_graph() const { return create_graph_; }
  /// The tensor behind a saved value. **Throws** gradient_error if it was overwritten since.
  template <class Saved>
  auto get(const Saved& s) const {
    return s.unpack(op_);
  }

 private:
  const char* op_;
  const std::vector<bool>& needed_;
  bool create_graph_;
};

namespace detail {

inline std::uint64_t next_node_id() {
  static std::atomic<std::uint64_t> count{0};
  return count.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace detail

/// One recorded op: its inputs' edges and the rule that turns output gradients into input gradients.
class node {
 public:
  explicit node(const char* name) : name_(name), id_(detail::next_node_id()) {}
  node(const node&) = delete;
  node& operator=(const node&) = delete;

  /// Drops long chains one node at a time: a recursive release of a deep graph would exhaust the stack.
  virtual ~node() {
    thread_local std::vector<std::shared_ptr<node>> pending;
    thread_local bool draining = false;
    for (edge& e : edges)
      if (e.producer) pending.push_back(std::move(e.producer));
    if (draining) return;
    draining = true;
    while (!pending.empty()) {
      const std::shared_ptr<node> last = std::move(pending.back());
      pending.pop_back();
    }
    draining = false;
  }

  const char* name() const { return name_; }
  /// Grows with time: inputs have smaller ids than the nodes that use them.
  std::uint64_t id() const { return id_; }

  /// Fills `dx` where `context.needs` from `dy`, whose entries are null for outputs that got no gradient and may be
  /// taken.
  virtual void backward(const backward_context& context, std::span<std::shared_ptr<variable>> dy,
                        std::span<std::shared_ptr<variable>> dx) = 0;
  /// Drops what the node saved; a later `backward` throws.
  virtual void release() = 0;
  virtual int outputs() const = 0;

  std::vector<edge> edges;
  std::vector<std::pair<int, std::shared_ptr<gradient_hook>>> hooks;

 private:
  const char* name_;
  std::uint64_t id_;
};

}  // namespace tensorlab::inline v0
