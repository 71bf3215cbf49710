#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/autograd/observer.hpp>
#include <tensorlab/backend/concept.hpp>
#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/optim/check.hpp>
#include <tensorlab/optim/grad_norm.hpp>
#include <tensorlab/optim/saved.hpp>
#include <tensorlab/rule/update.hpp>

/// Optimisers: what changes a module's parameters, given their gradients.
namespace tensorlab::inline v0::optim {

/// Settings of the parameters whose path matches `pattern` (`*` any run of characters, `?` one).
struct parameter_group {
  std::string pattern = "*";
  double lr_scale = 1;                 // learning rate as a multiple of the optimiser's
  std::optional<double> weight_decay;  // the optimiser's if not given
};

/// What a step makes of the gradients on their way into it; they themselves stay as they are.
struct step_options {
  double max_norm = 0;           // they are scaled by min(1, max_norm / (norm + 1e-6)); 0: not
  double loss_scale = 1;         // they are divided by it, before their norm counts; positive
  bool skip_not_finite = false;  // nothing is changed if their norm is infinite or NaN
};

/// A module whose parameters an optimiser can train.
template <class M>
concept trainable = nn::detail::walkable<M> && std::floating_point<nn::value_type_of<M>>;

namespace detail {

/// `from` in the memory order of the dense array `like`: itself if it already lies so.
template <class T, class B>
array<T, B> laid_out_as(const array<T, B>& from, const array<T, B>& like) {
  if (from.strides() == like.strides() || (from.is_row_major() && like.is_row_major())) return from;
  array<T, B> copy = array<T, B>::empty_like(like);
  B::map(rule::copy{}, copy.view(), from.cview());
  return copy;
}

template <class T, class B>
bool is_dense(const array<T, B>& a) {
  return a.is_row_major() || dense_like(a.shape(), a.strides()) == a.strides();
}

}  // namespace detail

/// What the optimisers share: the list of parameters, their groups, step counts and states.
///
/// It holds handles, so it changes the module it was made from, as long as that module is not assigned to. A tensor
/// that is found under two paths (tied weights) is trained once, under the first. An optimiser of one's own derives
/// from this and implements `update`, with `update_by`.
template <class T, class B>
class optimiser {
 public:
  using value_type = T;
  using backend_type = B;
  using named_parameter = nn::named_parameter<T, B>;

  virtual ~optimiser() = default;
  optimiser(const optimiser&) = delete;
  optimiser& operator=(const optimiser&) = delete;

  /// Changes every parameter that requires a gradient and has one; the others, and their states, stay as they are.
  ///
  /// Writes in place: a tape that saved a parameter before notices. Gradients are kept, see zero_grad().
  /// **Throws** shape_error if a gradient's shape is not its parameter's.
  void step() {
    perform([this] {
      const op_scope scope(name_, op_phase::optimiser);
      step_all(1);
    });
  }
  /// As step(), with gradients limited or unscaled on the way: one pass that reads them for their norm, and the step's.
  ///
  /// Returns whether parameters were changed. gradient_norm() is the norm that was found, in replays of a recorded step
  /// too. **Throws** value_error for settings out of range.
  /// Pascanu et al., On the difficulty of training recurrent neural networks, 2013.
  bool step(const step_options& o) {
    detail::require_at_least_zero(name_, "max_norm", o.max_norm);
    if (!(o.loss_scale > 0)) throw_value_error(concat(name_, ": loss_scale must be positive, got ", o.loss_scale));
    perform([this, o] {
      double factor = 1 / o.loss_scale;
      if (o.max_norm > 0 || o.skip_not_finite) {
        const op_scope scope("grad_norm", op_phase::optimiser);
        norm_.clear();
        for (const entry& e : entries_)
          if (is_stepped(e)) norm_.add(e.parameter.value.grad().array());
        gradient_norm_ = norm_.value() * factor;
        norm_.clear();
        if (o.max_norm > 0) factor *= detail::limiting_factor(gradient_norm_, o.max_norm);
      }
      changed_ = !o.skip_not_finite || std::isfinite(gradient_norm_);
      if (!changed_) return;
      const op_scope scope(name_, op_phase::optimiser);
      step_all(factor);
    });
    return changed_;
  }
  /// The norm of all gradients together that the last step() with a limit, or that skips, has found, before the limit.
  double gradient_norm() const { return gradient_norm_; }
  /// Drops the gradients of all parameters, of frozen ones too.
  void zero_grad() {
    perform_beside([this] {
      for (entry& e : entries_) e.parameter.value.zero_grad();
    });
  }

  double learning_rate() const { return learning_rate_; }
  /// Groups keep their ratio to it. **Throws** value_error for a negative rate or NaN.
  void set_learning_rate(double lr) {
    v0::detail::require_host_values("set_learning_rate");
    detail::require_at_least_zero(name_, "lr", lr);
    learning_rate_ = lr;
  }
  /// The number of calls of step().
  std::int64_t steps() const { return steps_; }
  const char* name() const { return name_; }

  /// Adds parameters, for example another module's, to those that are trained, with one group's settings (its pattern
  /// plays no part).
  ///
  /// **Throws** value_error if a path is taken already.
  void add_parameters(const std::vector<named_parameter>& parameters, const parameter_group& settings = {}) {
    check(settings);
    for (const named_parameter& p : parameters) {
      bool tied = false;
      for (const entry& e : entries_) {
        if (e.parameter.name == p.name) throw_value_error(concat(name_, ": two parameters are called '", p.name, "'"));
        tied = tied || e.parameter.value.body() == p.value.body();
      }
      if (!tied) entries_.push_back({p, settings, 0, {}});
    }
  }
  /// Gives the parameters whose path matches `group.pattern` settings of their own, in place of those they had.
  ///
  /// **Throws** value_error if no path matches.
  void add_group(const parameter_group& group) {
    check(group);
    bool any = false;
    for (entry& e : entries_) {
      if (!nn::detail::matches(group.pattern, e.parameter.name)) continue;
      e.group = group;
      any = true;
    }
    if (!any) throw_value_error(concat(name_, ": no parameter's path matches '", group.pattern, "'"));
  }
  /// Handles of the parameters, each once.
  std::vector<named_parameter> parameters() const {
    std::vector<named_parameter> out;
    for (const entry& e : entries_) out.push_back(e.parameter);
    return out;
  }
  /// The learning rate of one parameter. **Throws** value_error for an unknown path.
  double learning_rate_of(const std::string& path) const { return find(path).group.lr_scale * learning_rate_; }
  /// The weight decay of one parameter. **Throws** value_error for an unknown path.
  double weight_decay_of(const std::string& path) const {
    return find(path).group.weight_decay.value_or(weight_decay_);
  }

  /// Copies of all that step() depends on besides parameters and settings: `learning_rate`, `steps` and, for each
  /// parameter that was stepped, `PATH.step` and its states. Load it into an optimiser made alike to go on exactly.
  named_tensors state() const {
    named_tensors out;
    out.emplace_back("learning_rate", detail::host_scalar(learning_rate_));
    out.emplace_back("steps", detail::host_scalar(steps_));
    for (const entry& e : entries_) {
      if (e.steps == 0) continue;
      out.emplace_back(e.parameter.name + ".step", detail::host_scalar(e.steps));
      for (std::size_t i = 0; i < e.states.size(); ++i)
        out.emplace_back(e.parameter.name + "." + state_names_[i],
                         nn::detail::to_host_tensor(tensor<T, B>(e.states[i])));
    }
    return out;
  }
  /// Takes over what state() gave.
  ///
  /// **Throws** format_error that names a missing, unexpected or wrong-shaped key; nothing is changed then.
  void load_state(const named_tensors& state) {
    std::vector<entry> loaded = entries_;
    std::vector<std::string> known{"learning_rate", "steps"};
    for (entry& e : loaded) load(e, state, known);
    reject_unexpected(state, known);
    const auto lr = required<double>(state, "learning_rate");
    const auto steps = required<std::int64_t>(state, "steps");
    set_learning_rate(lr);
    steps_ = steps;
    entries_ = std::move(loaded);
  }

 protected:
  /// A parameter's part in a step: dense memory of `count` elements, all in the same order.
  struct work {
    std::int64_t step;  // how often this parameter was stepped, this time included
    double lr, weight_decay;
    double factor;  // what gradients are multiplied by
    std::int64_t count;
    T* p;
    const T* g;
    const std::vector<array<T, B>>* states;
  };

  /// `state_names` has an entry for each array, shaped as the parameter, that update() keeps from step to step.
  optimiser(const char* name, double lr, double weight_decay, std::vector<const char*> state_names)
      : name_(name), weight_decay_(weight_decay), state_names_(std::move(state_names)) {
    set_learning_rate(lr);
    detail::require_at_least_zero(name, "weight_decay", weight_decay);
  }
  optimiser(optimiser&&) noexcept = default;
  optimiser& operator=(optimiser&&) noexcept = default;

  void add(const std::vector<named_parameter>& parameters, const std::vector<parameter_group>& groups) {
    add_parameters(parameters);
    for (const parameter_group& g : groups) add_group(g);
  }

  /// Changes the parameters of a step and their states: by update_by(), with the rule that it takes.
  virtual void update(std::span<const work> step) const = 0;

  /// Makes the step by rules of one kind (rule/update.hpp), `rule_of(work)` each, in as few calls of the backend as it
  /// takes.
  template <class F>
  static void update_by(std::span<const work> step, const F& rule_of) {
    using rule_type = std::invoke_result_t<const F&, const work&>;
    update_batch<rule_type, T> batch;
    for (const work& w : step) {
      update_item<rule_type, T> item{rule_of(w), w.count, w.p, w.g, {}};
      for (std::size_t i = 0; i < static_cast<std::size_t>(rule_type::states); ++i)
        item.state[i] = (*w.states)[i].data();
      batch.add(item);
      if (batch.full()) {
        B::update(batch);
        batch.size = 0;
      }
    }
    if (batch.size > 0) B::update(batch);
  }

 private:
  struct entry {
    named_parameter parameter;
    parameter_group group;
    std::int64_t steps;
    std::vector<array<T, B>> states;
  };
  /// What a step works on in place of a parameter's value and gradient: themselves where they are dense and alike.
  struct operands {
    const array<T, B>* value;
    array<T, B> p, g;
  };

  void check(const parameter_group& g) const {
    detail::require_at_least_zero(name_, "lr_scale", g.lr_scale);
    if (g.weight_decay) detail::require_at_least_zero(name_, "weight_decay", *g.weight_decay);
  }

  static bool is_stepped(const entry& e) {
    return e.parameter.value.requires_grad() && e.parameter.value.grad().defined();
  }

  void step_all(double factor) {
    for (const entry& e : entries_)
      if (is_stepped(e)) check_gradient(e);
    operands_.clear();
    works_.clear();
    for (entry& e : entries_)
      if (is_stepped(e) && e.parameter.value.size() > 0) prepare(e, factor);
    update(works_);
    for (const operands& o : operands_) {
      if (o.p.data() != o.value->data()) B::map(rule::copy{}, o.value->view(), o.p.cview());
      o.value->storage()->bump_version();
    }
    operands_.clear();
    ++steps_;
  }

  void check_gradient(const entry& e) const {
    const shape is = e.parameter.value.grad().shape(), wanted = e.parameter.value.shape();
    if (is != wanted)
      throw_shape_error(concat(name_, ": the gradient's shape is not the parameter's: ", e.parameter.name, " ", wanted,
                               ", gradient ", is));
  }

  void prepare(entry& e, double factor) {
    const array<T, B>& value = e.parameter.value.array();
    const array<T, B> p = detail::is_dense(value) ? value : value.clone();
    const array<T, B> g = detail::laid_out_as(e.parameter.value.grad().array(), p);
    if (e.states.empty()) e.states = zero_states(p);
    ++e.steps;
    works_.push_back({e.steps, e.group.lr_scale * learning_rate_, e.group.weight_decay.value_or(weight_decay_), factor,
                      p.size(), p.data(), g.data(), &e.states});
    operands_.push_back({&value, p, g});
  }

  std::vector<array<T, B>> zero_states(const array<T, B>& like) const {
    std::vector<array<T, B>> states;
    for (std::size_t i = 0; i < state_names_.size(); ++i) {
      states.push_back(array<T, B>::empty_like(like));
      B::map(rule::fill<T>{T(0)}, states.back().view());
    }
    return states;
  }

  const entry& find(const std::string& path) const {
    for (const entry& e : entries_)
      if (e.parameter.name == path) return e;
    throw_value_error(concat(name_, ": no parameter is called '", path, "'"));
  }

  /// Reads one parameter's states and adds the keys it has used to `known`.
  void load(entry& e, const named_tensors& state, std::vector<std::string>& known) const {
    const std::string& path = e.parameter.name;
    e.steps = 0;
    e.states.clear();
    if (detail::find(state, path + ".step") == nullptr) return;
    known.push_back(path + ".step");
    e.steps = required<std::int64_t>(state, path + ".step");
    const array<T, B>& value = e.parameter.value.array();
    for (const char* name : state_names_) {
      const std::string key = path + "." + name;
      const host_tensor* h = detail::find(state, key);
      if (h == nullptr) throw_format_error(concat("load_state: missing key: ", key));
      if (h->extents != value.shape())
        throw_format_error(
            concat("load_state: wrong shape: ", key, " (parameter ", value.shape(), ", state ", h->extents, ")"));
      known.push_back(key);
      e.states.push_back(array<T, B>::empty_like(value));
      nn::detail::overwrite(tensor<T, B>(e.states.back()), *h);
    }
  }

  template <class X>
  static X required(const named_tensors& state, const std::string& key) {
    const host_tensor* h = detail::find(state, key);
    if (h == nullptr) throw_format_error(concat("load_state: missing key: ", key));
    return detail::saved_scalar<X>("load_state", key, *h);
  }

  static void reject_unexpected(const named_tensors& state, const std::vector<std::string>& known) {
    std::string names;
    for (const auto& s : state)
      if (std::find(known.begin(), known.end(), s.first) == known.end()) names += (names.empty() ? "" : ", ") + s.first;
    if (!names.empty()) throw_format_error("load_state: unexpected keys: " + names);
  }

  const char* name_;
  double learning_rate_ = 0;
  double weight_decay_;
  std::int64_t steps_ = 0;
  std::vector<const char*> state_names_;
  std::vector<entry> entries_;
  std::vector<operands> operands_;  // these two of one step; they keep their room
  std::vector<work> works_;
  detail::common_norm<T, B> norm_;
  double gradient_norm_ = 0;
  bool changed_ = false;
};

}  // namespace tensorlab::inline v0::optim
