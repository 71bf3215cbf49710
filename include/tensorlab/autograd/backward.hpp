#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <tensorlab/autograd/grad_mode.hpp>
#include <tensorlab/autograd/node.hpp>
#include <tensorlab/autograd/observer.hpp>

namespace tensorlab::inline v0 {

/// Options of a backward pass.
struct backward_options {
  /// Keep saved values for another pass.
  bool retain_graph = false;
  /// Record the pass itself; implies retain_graph. The gradient that a leaf collects then holds the graph that leads
  /// back to the leaf: zero_grad() breaks that circle, and grad() makes none.
  bool create_graph = false;
};

namespace detail {

/// One output with the gradient it starts from.
struct backward_root {
  edge at;
  std::shared_ptr<variable> gradient;
};

/// The node of a sum of two gradients: both get what the sum gets.
class sum_of_gradients final : public node {
 public:
  sum_of_gradients() : node("sum_of_gradients") {}
  int outputs() const override { return 1; }
  void release() override {}
  void backward(const backward_context&, std::span<std::shared_ptr<variable>> dy,
                std::span<std::shared_ptr<variable>> dx) override {
    dx[0] = dx[1] = dy[0];
  }
};

/// a + b, recorded if this thread records and one of them is tracked.
inline std::shared_ptr<variable> sum_of(const std::shared_ptr<variable>& a, const std::shared_ptr<variable>& b) {
  std::shared_ptr<variable> sum = a->plus(*b);
  const edge from_a = source_of(a), from_b = source_of(b);
  if (grad_enabled() && (from_a.tracked() || from_b.tracked())) {
    sum->producer = std::make_shared<sum_of_gradients>();
    sum->producer->edges = {from_a, from_b};
  }
  return sum;
}

/// The walk over the recorded graph, newest node first.
class backward_walk {
 public:
  backward_walk(const backward_options& options, std::span<const edge> captures)
      : options_(options), captures_(captures), captured_(captures.size()) {}
  backward_walk(const backward_walk&) = delete;
  backward_walk& operator=(const backward_walk&) = delete;
  // A walk that an exception ends must not leave gradients behind for the next one to find.
  ~backward_walk() {
    for (const auto& leaf : leaves_) leaf->incoming.reset();
  }

  std::vector<std::shared_ptr<variable>> run(std::span<const backward_root> roots) {
    const op_scope whole("backward pass", op_phase::backward);
    collect(roots);
    if (!captures_.empty()) mark_needed();
    const flag_scope mode(grad_enabled_flag(), options_.create_graph);
    for (const backward_root& r : roots) deliver(r.at, r.gradient);
    for (entry& e : entries_) step(e);
    for (const auto& leaf : leaves_) add_to(leaf);
    call_captured_leaves();
    return std::move(captured_);
  }

 private:
  struct entry {
    std::shared_ptr<node> n;
    std::vector<std::shared_ptr<variable>> gradients;
    bool needed = true;
  };

  /// Fills the entries, newest first: inputs are older than what uses them, so the newest node left over has been
  /// reached from all its users, one right after the other.
  void collect(std::span<const backward_root> roots) {
    std::vector<std::shared_ptr<node>> reached;
    const auto older = [](const auto& a, const auto& b) { return a->id() < b->id(); };
    const auto reach = [&](const edge& e) {
      if (!e.producer) return;
      reached.push_back(e.producer);
      std::push_heap(reached.begin(), reached.end(), older);
    };
    for (const backward_root& r : roots) reach(r.at);
    while (!reached.empty()) {
      std::pop_heap(reached.begin(), reached.end(), older);
      const std::shared_ptr<node> n = std::move(reached.back());
      reached.pop_back();
      if (!entries_.empty() && entries_.back().n == n) continue;
      for (const edge& e : n->edges) reach(e);
      entries_.push_back({n, std::vector<std::shared_ptr<variable>>(static_cast<std::size_t>(n->outputs())), true});
    }
  }

  void add_to(const std::shared_ptr<variable>& leaf) {
    const v0::capture* const r = v0::capture::current();
    if (r != nullptr && leaf->gradient && !r->memory()->owns(leaf->gradient->memory()))
      throw record_error(
          concat("backward: a gradient from before the recorded step would be added to, of a leaf of shape ",
                 leaf->extents(), "; call zero_grad() in the step"));
    leaf->accumulate(leaf->through_hooks(std::exchange(leaf->incoming, nullptr)), options_.create_graph);
    if (r != nullptr) variable::set_gradient(leaf, leaf->gradient);
  }

  entry* find(const node* n) {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), n->id(),
                                     [](const entry& e, std::uint64_t id) { return e.n->id() > id; });
    return at != entries_.end() && at->n.get() == n ? &*at : nullptr;
  }

  static bool same(const edge& a, const edge& b) {
    return a.producer == b.producer && a.leaf == b.leaf && (a.leaf != nullptr || a.output == b.output);
  }
  bool is_captured(const edge& e) const {
    return std::any_of(captures_.begin(), captures_.end(), [&](const edge& c) { return same(c, e); });
  }

  /// With captures only the part of the graph between them and the roots is walked.
  void mark_needed() {
    for (auto e = entries_.rbegin(); e != entries_.rend(); ++e) {
      e->needed = std::any_of(e->n->edges.begin(), e->n->edges.end(), [&](const edge& in) { return wanted(in); });
    }
  }
  bool wanted(const edge& in) {
    if (!in.tracked()) return false;
    if (captures_.empty() || is_captured(in)) return true;
    if (!in.producer) return false;
    const entry* e = find(in.producer.get());
    return e != nullptr && e->needed;
  }

  void deliver(const edge& to, const std::shared_ptr<variable>& gradient) {
    if (to.producer) {
      entry* e = find(to.producer.get());
      return add_up(e->gradients[static_cast<std::size_t>(to.output)], gradient);
    }
    if (!captures_.empty()) {
      capture(to, gradient);
      return;
    }
    if (!to.leaf) return;
    std::shared_ptr<variable>& sum = to.leaf->incoming;
    if (!sum) leaves_.push_back(to.leaf);
    add_up(sum, gradient);
  }

  /// Adds to what was collected, if there is something, in memory that nobody else sees where one of the two has it.
  void add_up(std::shared_ptr<variable>& sum, const std::shared_ptr<variable>& gradient) const {
    const bool in_place = sum && !options_.create_graph;
    if (in_place && sum.use_count() == 1 && sum->add(*gradient)) return;
    if (in_place && gradient.use_count() == 1 && gradient->add(*sum))
      sum = gradient;
    else
      sum = sum ? sum_of(sum, gradient) : gradient;
  }

  void capture(const edge& at, const std::shared_ptr<variable>& gradient) {
    for (std::size_t i = 0; i < captures_.size(); ++i)
      if (same(captures_[i], at)) captured_[i] = captured_[i] ? sum_of(captured_[i], gradient) : gradient;
  }

  /// A leaf's hooks see its whole gradient, once.
  void call_captured_leaves() {
    for (std::size_t i = 0; i < captures_.size(); ++i) {
      if (!captures_[i].leaf || !captured_[i]) continue;
      std::size_t first = 0;
      while (!same(captures_[first], captures_[i])) ++first;
      captured_[i] = first < i ? captured_[first] : captures_[i].leaf->through_hooks(captured_[i]);
    }
  }

  void step(entry& e) {
    bool any = false;
    for (std::size_t i = 0; i < e.gradients.size(); ++i) {
      if (!e.gradients[i]) continue;
      any = true;
      for (const auto& [output, hook] : e.n->hooks)
        if (output == static_cast<int>(i)) e.gradients[i] = (*hook)(e.gradients[i]);
      if (!captures_.empty()) capture({e.n, static_cast<int>(i), nullptr}, e.gradients[i]);
    }
    if (any && e.needed) {
      std::vector<bool> needed;
      for (const edge& in : e.n->edges) needed.push_back(wanted(in));
      std::vector<std::shared_ptr<variable>> dx(e.n->edges.size());
      {
        const op_scope scope(e.n->name(), op_phase::backward);
        e.n->backward(backward_context(e.n->name(), needed, options_.create_graph), e.gradients, dx);
      }
      for (std::size_t i = 0; i < dx.size(); ++i)
        if (needed[i] && dx[i]) deliver(e.n->edges[i], dx[i]);
    }
    e.gradients.clear();
    if (!options_.retain_graph && !options_.create_graph && e.needed) e.n->release();
  }

  backward_options options_;
  std::span<const edge> captures_;
  std::vector<std::shared_ptr<variable>> captured_;
  std::vector<entry> entries_;
  std::vector<std::shared_ptr<variable>> leaves_;
};

}  // namespace detail

}  // namespace tensorlab::inline v0
