#pragma once

#include <cmath>
#include <optional>

#include <tensorlab/nn/module.hpp>
#include <tensorlab/optim/clip.hpp>
#include <tensorlab/optim/loss_scaler.hpp>
#include <tensorlab/optim/schedule.hpp>
#include <tensorlab/train/history.hpp>
#include <tensorlab/train/status.hpp>
#include <tensorlab/train/step_result.hpp>

namespace tensorlab::inline v0::train {

/// Settings of a training run.
struct fit_options {
  std::int64_t epochs = 1;
  std::int64_t first_epoch = 1;               // counted from 1; more for a run that is taken up again
  std::int64_t accumulate = 1;                // batches whose gradients make one step
  double clip_norm = 0;                       // largest norm of all gradients together; 0: no limit
  double clip_value = 0;                      // largest element of a gradient; 0: no limit
  std::optional<optim::schedule> schedule;    // sets the learning rate before each batch
  optim::loss_scaler* loss_scaler = nullptr;  // multiplies the loss in the backward pass
};

namespace detail {

inline void check(const fit_options& o, std::int64_t batches) {
  const auto at_least = [](const char* what, std::int64_t v, std::int64_t low) {
    if (v < low) throw_value_error(concat("fit: ", what, " must be at least ", low, ", got ", v));
  };
  at_least("epochs", o.epochs, 0);
  at_least("first_epoch", o.first_epoch, 1);
  at_least("accumulate", o.accumulate, 1);
  if (!(o.clip_norm >= 0) || !(o.clip_value >= 0))
    throw_value_error("fit: clip_norm and clip_value must be at least 0");
  if (o.accumulate > 1 && batches == 0)
    throw_value_error("fit: accumulate needs a loader that knows its number of batches: size()");
}

[[noreturn]] inline void throw_not_finite(const status& s) {
  throw_value_error(
      concat("fit: the loss is not finite: ", to_text(s.loss), " in epoch ", s.epoch, ", batch ", s.batch));
}

/// The parts of a loop that do not depend on module, loader and callbacks.
template <class T, class B>
class stepper {
 public:
  stepper(optim::optimiser<T, B>& opt, const fit_options& o) : opt_(opt), options_(o), parameters_(opt.parameters()) {}

  void begin_batch(status& s) {
    ++s.batch;
    ++s.iteration;
    if (options_.schedule) opt_.set_learning_rate((*options_.schedule)({s.epoch - 1, s.iteration - 1}));
    s.learning_rate = opt_.learning_rate();
  }

  void learn(status& s, const step_result<T, B>& r, std::int64_t samples) {
    if (waiting_ == 0) {
      opt_.zero_grad();
      group_ = group_size(s);
    }
    note(s, static_cast<double>(r.loss.item()), r.metrics, samples);
    const double scale =
        (options_.loss_scaler != nullptr ? options_.loss_scaler->scale() : 1) / static_cast<double>(group_);
    r.loss.backward(tensor<T, B>::full(r.loss.shape(), static_cast<T>(scale), r.loss.device()));
    if (++waiting_ < group_) return;
    step(s);
    waiting_ = 0;
  }

  void note(status& s, double loss, const values& metrics, std::int64_t samples) {
    s.loss = loss;
    if (!std::isfinite(s.loss)) throw_not_finite(s);
    means_.add(s.loss, metrics, samples);
    s.samples = means_.samples();
    means_.write_to(s.metrics, "");
  }

  void begin_epoch() { means_ = {}; }

 private:
  /// The last step of the run has the batches that are left.
  std::int64_t group_size(const status& s) const {
    if (options_.accumulate == 1) return 1;
    const std::int64_t left = s.epochs * s.batches - (s.iteration - 1);
    return left > 0 && left < options_.accumulate ? left : options_.accumulate;
  }

  void step(status& s) {
    optim::loss_scaler* const scaler = options_.loss_scaler;
    if (options_.clip_value > 0) {
      const bool good = scaler == nullptr || scaler->unscale(parameters_);
      if (good) optim::clip_grad_value(parameters_, options_.clip_value);
      if (good) opt_.step({.max_norm = options_.clip_norm});
      if (scaler != nullptr) scaler->update();
    } else if (scaler != nullptr) {
      scaler->step(opt_, options_.clip_norm);
    } else {
      opt_.step({.max_norm = options_.clip_norm});
    }
    if (options_.clip_norm > 0) s.grad_norm = opt_.gradient_norm();
  }

  optim::optimiser<T, B>& opt_;
  const fit_options& options_;
  std::vector<nn::named_parameter<T, B>> parameters_;
  running_means means_;
  std::int64_t waiting_ = 0, group_ = 1;
};

template <class C>
void tell_train_begin(C& c, status& s) {
  if constexpr (has_train_begin<C>) c.on_train_begin(s);
}
template <class C>
void tell_epoch_begin(C& c, status& s) {
  if constexpr (has_epoch_begin<C>) c.on_epoch_begin(s);
}
template <class C>
void tell_batch_end(C& c, status& s) {
  if constexpr (has_batch_end<C>) c.on_batch_end(s);
}
template <class C>
void tell_epoch_end(C& c, status& s) {
  if constexpr (has_epoch_end<C>) c.on_epoch_end(s);
}
template <class C>
void tell_train_end(C& c, status& s) {
  if constexpr (has_train_end<C>) c.on_train_end(s);
}

}  // namespace detail

/// Trains a module for some epochs and returns the metrics of each.
///
/// `fit(net, opt, loader, {.epochs = 10}, [&](const auto& x, const auto& y) { return loss::mse(net(x), y); }, ..);`
///
/// `loader` is anything that a range-for walks over once per epoch; with set_epoch(e) it is told the epoch, counted
/// from 0. `step` takes a batch, or the parts of one that is a tuple, and returns the mean loss as a scalar tensor or
/// in a step_result; fit() does the backward pass, clips and steps. A step that returns a number has done all that
/// itself. With `accumulate` n the loss is divided by n and every n batches make a step, across epochs; the run's last
/// step has the batches that are left.
///
/// Callbacks are called in their order. The module is set to training at the start of each epoch, before they are: a
/// part that is to stay in evaluation is set so in on_epoch_begin(). When one stops the run in on_batch_end(), the
/// epoch is left without its end.
/// **Throws** value_error for settings out of range and for a loss that is not finite, with epoch and batch.
template <class M, class T, class B, class Loader, class F, callback... Callbacks>
history fit(M& net, optim::optimiser<T, B>& opt, Loader&& loader, const fit_options& options, F&& step,
            Callbacks&&... callbacks) {
  status s;
  s.epochs = options.epochs;
  if constexpr (requires { loader.size(); }) s.batches = static_cast<std::int64_t>(loader.size());
  detail::check(options, s.batches);
  s.iteration = (options.first_epoch - 1) * s.batches;
  s.learning_rate = opt.learning_rate();
  detail::stepper<T, B> stepper(opt, options);
  history h;
  const observer_scope observed(current_observer());  // one that a callback sets ends with the run, however that ends
  (detail::tell_train_begin(callbacks, s), ...);
  for (std::int64_t epoch = options.first_epoch; epoch <= options.epochs && !s.stopped; ++epoch) {
    s.epoch = epoch;
    s.batch = s.samples = 0;
    s.metrics = {};
    stepper.begin_epoch();
    nn::train(net);
    if constexpr (requires { loader.set_epoch(0); }) loader.set_epoch(epoch - 1);
    (detail::tell_epoch_begin(callbacks, s), ...);
    for (auto&& batch : loader) {
      op_ended("data", op_phase::other);
      stepper.begin_batch(s);
      auto result = detail::call_step(step, batch);
      using result_type = decltype(result);
      if constexpr (std::is_arithmetic_v<result_type>)
        stepper.note(s, static_cast<double>(result), {}, detail::samples_of(result, batch));
      else if constexpr (detail::is_step_result<result_type>)
        stepper.learn(s, result, detail::samples_of(result, batch));
      else
        stepper.learn(s, step_result<T, B>{result, {}, 0}, detail::samples_of(result, batch));
      (detail::tell_batch_end(callbacks, s), ...);
      op_ended("callbacks", op_phase::other);
      if (s.stopped) break;
    }
    if (s.stopped) break;
    (detail::tell_epoch_end(callbacks, s), ...);
    h.epochs.push_back({s.epoch, s.metrics});
  }
  (detail::tell_train_end(callbacks, s), ...);
  h.stop_reason = s.stop_reason;
  return h;
}

}  // namespace tensorlab::inline v0::train
