#pragma once

#include <cmath>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <tensorlab/autograd/tensor.hpp>
#include <tensorlab/train/values.hpp>

namespace tensorlab::inline v0::train {

/// What a step may return in place of the bare loss: with metrics that are averaged over the samples, or with a number
/// of samples that the batch itself does not tell.
template <class T, class B>
struct step_result {
  tensor<T, B> loss;         // a scalar: the mean over the batch
  values metrics;            // means over the batch
  std::int64_t samples = 0;  // 0: the first extent of the batch's first tensor
};

namespace detail {

/// Means over samples of the loss and of what steps return with it.
class running_means {
 public:
  void add(double loss, const values& metrics, std::int64_t samples) {
    samples_ += samples;
    add("loss", loss, samples);
    for (const auto& [name, value] : metrics) add(name, value, samples);
  }
  std::int64_t samples() const { return samples_; }
  void write_to(values& out, const std::string& prefix) const {
    for (const sum& s : sums_) out.set(prefix + s.name, s.samples == 0 ? 0 : s.total / static_cast<double>(s.samples));
  }

 private:
  struct sum {
    std::string name;
    double total;
    std::int64_t samples;
  };
  void add(const std::string& name, double value, std::int64_t samples) {
    for (sum& s : sums_)
      if (s.name == name) {
        s.total += value * static_cast<double>(samples);
        s.samples += samples;
        return;
      }
    sums_.push_back({name, value * static_cast<double>(samples), samples});
  }

  std::vector<sum> sums_;
  std::int64_t samples_ = 0;
};

template <class X>
inline constexpr bool is_tensor = false;
template <class T, class B>
inline constexpr bool is_tensor<tensor<T, B>> = true;

template <class X>
inline constexpr bool is_step_result = false;
template <class T, class B>
inline constexpr bool is_step_result<step_result<T, B>> = true;

template <class X>
concept tuple_like = requires {
  std::tuple_size<X>::value;
};

template <class X>
concept countable = is_tensor<X> || tuple_like<X> || requires(const X& batch) {
  batch.size();
};

/// The first extent of the first tensor, or the length of the first list.
template <class X>
std::int64_t samples_in(const X& batch) {
  if constexpr (is_tensor<X>) {
    return batch.rank() == 0 ? 1 : batch.shape()[0];
  } else if constexpr (tuple_like<X>) {
    return samples_in(std::get<0>(batch));
  } else {
    static_assert(countable<X>, "fit: return a step_result with the number of samples of this batch");
    return static_cast<std::int64_t>(batch.size());
  }
}

/// The number of samples that a step has told, else that of its batch.
template <class Result, class Batch>
std::int64_t samples_of(const Result& result, const Batch& batch) {
  if constexpr (is_step_result<Result>) {
    if (result.samples > 0) return result.samples;
    if constexpr (!countable<Batch>)
      throw_value_error("fit: the step_result of a batch of this type must tell its number of samples");
    else
      return samples_in(batch);
  } else {
    return samples_in(batch);
  }
}

/// Calls the step with the batch or, if it takes them, with the batch's parts.
template <class F, class Batch>
decltype(auto) call_step(F& step, Batch& batch) {
  if constexpr (std::is_invocable_v<F&, Batch&>) {
    return step(batch);
  } else {
    return std::apply(step, batch);
  }
}

}  // namespace detail

}  // namespace tensorlab::inline v0::train
