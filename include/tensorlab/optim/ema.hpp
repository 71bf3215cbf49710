#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <tensorlab/optim/optimiser.hpp>

namespace tensorlab::inline v0::optim {

/// Settings of an exponential moving average.
struct ema_options {
  double decay = 0.999;  // share of the average that an update keeps, in [0, 1]
  bool warmup = false;   // keep at most (1 + t) / (10 + t) in update t = 1, 2, ..
};

/// An exponential moving average of a module's parameters, which often generalises better than their last values:
/// average = decay average + (1 - decay) parameter in every update().
///
/// It starts as a copy of the parameters. Buffers take no part. Evaluate with it between two calls of swap().
/// **Throws** value_error for a decay out of range.
/// Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992.
template <class T = float, class B = cpu>
class ema {
 public:
  template <trainable M>
  explicit ema(M& module, const ema_options& options = {}) : options_(options) {
    if (!(options.decay >= 0 && options.decay <= 1))
      throw_value_error(concat("ema: decay must be in [0, 1], got ", detail::number(options.decay)));
    for (const auto& p : nn::named_parameters(module)) averages_.emplace_back(p.name, p.value.array().clone());
  }

  /// The number of calls of update().
  std::int64_t updates() const { return updates_; }

  /// Takes the module's present parameters into the average. **Throws** value_error if the module is another than at
  /// first: in this and the following functions.
  template <trainable M>
  void update(M& module) {
    if (capture* const r = capture::current()) return r->perform([this, &module] { update(module); });
    ++updates_;
    const auto t = static_cast<double>(updates_);
    const rule::moving_average r{options_.warmup ? (std::min)(options_.decay, (1 + t) / (10 + t)) : options_.decay};
    update_batch<rule::moving_average, T> batch;
    const auto flush = [&] {
      if (batch.size > 0) B::update(batch);
      batch.size = 0;
      values_.clear();
    };
    for_each(module, [&](const array<T, B>& average, const array<T, B>& p) {
      values_.push_back(detail::laid_out_as(p, average));
      batch.add({r, average.size(), average.data(), values_.back().data(), {}});
      if (batch.full()) flush();
    });
    flush();
  }
  /// Exchanges the module's parameters and the averages, in place.
  template <trainable M>
  void swap(M& module) {
    for_each(module, [](const array<T, B>& average, const array<T, B>& p) {
      const array<T, B> before = p.clone();
      B::map(rule::copy{}, p.view(), average.cview());
      p.storage()->bump_version();
      B::map(rule::copy{}, average.view(), before.cview());
    });
  }
  /// Overwrites the module's parameters with the averages.
  template <trainable M>
  void copy_to(M& module) const {
    for_each(module, [](const array<T, B>& average, const array<T, B>& p) {
      B::map(rule::copy{}, p.view(), average.cview());
      p.storage()->bump_version();
    });
  }

  /// Copies of the averages by path, then `updates`.
  named_tensors state() const {
    named_tensors out;
    for (const auto& [name, average] : averages_)
      out.emplace_back(name, nn::detail::to_host_tensor(tensor<T, B>(average)));
    out.emplace_back("updates", detail::host_scalar(updates_));
    return out;
  }
  /// Takes over what state() gave. **Throws** format_error that names the first key that does not fit; nothing is
  /// changed then.
  void load_state(const named_tensors& state) {
    std::vector<std::pair<std::string, array<T, B>>> loaded;
    for (const auto& [name, average] : averages_) {
      const host_tensor* h = detail::find(state, name);
      if (h == nullptr) throw_format_error(concat("load_state: missing key: ", name));
      if (h->extents != average.shape())
        throw_format_error(
            concat("load_state: wrong shape: ", name, " (average ", average.shape(), ", state ", h->extents, ")"));
      loaded.emplace_back(name, array<T, B>::empty_like(average));
      nn::detail::overwrite(tensor<T, B>(loaded.back().second), *h);
    }
    const host_tensor* count = detail::find(state, "updates");
    if (count == nullptr) throw_format_error("load_state: missing key: updates");
    for (const auto& entry : state)
      if (entry.first != "updates" &&
          std::none_of(loaded.begin(), loaded.end(), [&](const auto& l) { return l.first == entry.first; }))
        throw_format_error(concat("load_state: unexpected keys: ", entry.first));
    updates_ = detail::saved_scalar<std::int64_t>("load_state", "updates", *count);
    averages_ = std::move(loaded);
  }

 private:
  template <class M, class F>
  void for_each(M& module, F f) const {
    const auto parameters = nn::named_parameters(module);
    bool same = parameters.size() == averages_.size();
    for (std::size_t i = 0; same && i < parameters.size(); ++i)
      same = parameters[i].name == averages_[i].first && parameters[i].value.shape() == averages_[i].second.shape();
    if (!same) throw_value_error("ema: the module has not the parameters that are averaged");
    for (std::size_t i = 0; i < parameters.size(); ++i)
      if (parameters[i].value.size() > 0) f(averages_[i].second, parameters[i].value.array());
  }

  ema_options options_;
  std::int64_t updates_ = 0;
  std::vector<std::pair<std::string, array<T, B>>> averages_;
  std::vector<array<T, B>> values_;  // of the update under way; it keeps its room
};

template <trainable M>
ema(M&, ema_options = {}) -> ema<nn::value_type_of<M>, nn::backend_of<M>>;

}  // namespace tensorlab::inline v0::optim
