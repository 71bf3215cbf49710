#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tensorlab/autograd/grad_mode.hpp>
#include <tensorlab/nn/module.hpp>
#include <tensorlab/train/status.hpp>
#include <tensorlab/train/step_result.hpp>

namespace tensorlab::inline v0::train {

namespace detail {

/// While alive, every part of a module is in evaluation; then each is again as it was.
template <class M>
class evaluation_scope : nn::detail::visitor_for<M> {
 public:
  explicit evaluation_scope(M& module) { nn::visit(module, static_cast<nn::detail::visitor_for<M>&>(*this)); }
  evaluation_scope(const evaluation_scope&) = delete;
  evaluation_scope& operator=(const evaluation_scope&) = delete;
  ~evaluation_scope() override {
    for (auto& [mode, training] : before_) mode->training = training;
  }

 private:
  void on_mode(const std::string&, nn::mode& m) override {
    before_.emplace_back(&m, m.training);
    m.training = false;
  }
  std::vector<std::pair<nn::mode*, bool>> before_;
};

}  // namespace detail

/// Walks once over the loader's batches, with the module in evaluation and without recording: `loss` and what the steps
/// return with it, as means over samples.
///
/// `step` is as in fit(). A loader with set_epoch() walks epoch 0, so that every call sees the same.
template <class M, class Loader, class F>
values evaluate(M& net, Loader& loader, F&& step) {
  const detail::evaluation_scope<M> scope(net);
  const no_grad untracked;
  if constexpr (requires { loader.set_epoch(0); }) loader.set_epoch(0);
  detail::running_means means;
  for (auto&& batch : loader) {
    auto result = detail::call_step(step, batch);
    if constexpr (detail::is_step_result<decltype(result)>)
      means.add(static_cast<double>(result.loss.item()), result.metrics, detail::samples_of(result, batch));
    else
      means.add(static_cast<double>(result.item()), {}, detail::samples_of(result, batch));
  }
  values out;
  means.write_to(out, "");
  return out;
}

/// When and under which names a validation is done.
struct validation_options {
  std::int64_t begin = 1;     // the first epoch with one, counted from 1
  std::int64_t interval = 1;  // then after the epochs that it divides, and always after the last
  std::string prefix = "val_";
};

/// A callback that evaluates on another loader after epochs and adds the results to their metrics: `val_loss`, ..
///
/// `validation check{net, loader, step};` Module, loader and step live as long as this does. Give it to fit() before
/// those that read its metrics.
template <class M, class Loader, class F>
class validation {
 public:
  validation(M& net, Loader& loader, F step, validation_options options = {})
      : net_(net), loader_(loader), step_(std::move(step)), options_(std::move(options)) {
    if (options_.interval < 1)
      throw_value_error(concat("validation: interval must be positive, got ", options_.interval));
  }

  void on_epoch_end(status& s) {
    if (s.epoch < options_.begin || (s.epoch % options_.interval != 0 && s.epoch != s.epochs)) return;
    for (const auto& [name, value] : evaluate(net_, loader_, step_)) s.metrics.set(options_.prefix + name, value);
  }

 private:
  M& net_;
  Loader& loader_;
  F step_;
  validation_options options_;
};

}  // namespace tensorlab::inline v0::train
