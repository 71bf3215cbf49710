#pragma once

#include <concepts>

#include <tensorlab/backend/geometry.hpp>

namespace tensorlab::inline v0 {

namespace detail {

inline compute& autocast_setting() {
  thread_local compute setting = compute::full;
  return setting;
}

}  // namespace detail

/// What this thread's products round their factors to.
inline compute autocast_compute() { return detail::autocast_setting(); }

/// The same for the element type `T`: only products of float are rounded.
template <class T>
compute factors_of() {
  return std::same_as<T, float> ? autocast_compute() : compute::full;
}

/// While alive, this thread's matrix products, convolutions without groups and recurrent layers of float round their
/// factors as `how` says; scopes nest.
///
/// Mixed precision without other types: weights, activations, gradients, sums and the optimiser's states stay float, so
/// nothing else need know. What an op was recorded with holds for its gradients, wherever the backward pass runs. bf16
/// has float's range of exponents, so losses need no scaling. Micikevicius et al., "Mixed precision training" (2018);
/// Kalamkar et al., "A study of bfloat16 for deep learning training" (2019).
///
/// ```cpp
/// const auto loss = [&] {
///   const tl::autocast scope(tl::compute::bf16);
///   return tl::loss::cross_entropy(model(x), y);
/// }();
/// loss.backward();
/// ```
class autocast {
 public:
  explicit autocast(compute how) : previous_(detail::autocast_setting()) { detail::autocast_setting() = how; }
  autocast(const autocast&) = delete;
  autocast& operator=(const autocast&) = delete;
  ~autocast() { detail::autocast_setting() = previous_; }

 private:
  compute previous_;
};

}  // namespace tensorlab::inline v0
