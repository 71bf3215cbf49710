#pragma once

#include <cmath>
#include <string>
#include <vector>

#include <tensorlab/autograd/grad.hpp>

namespace tensorlab::inline v0 {

/// How closely gradcheck compares.
struct gradcheck_options {
  double step = 1e-5;       // of the central difference
  double tolerance = 1e-6;  // on |analytic - numeric|, relative to max(1, |numeric|)
  std::uint64_t seed = 1;   // of the weights that contract the output to a scalar
};

/// What gradcheck found; true when all gradients agree.
struct gradcheck_result {
  bool ok = true;
  std::string message;  // the first disagreement
  double worst = 0;     // the largest relative difference
  explicit operator bool() const { return ok; }
};

namespace detail {

/// sum(w f(x)) with fixed weights, so that every output element counts differently.
template <class T, class B>
tensor<T, B> contract(const tensor<T, B>& y, const tensor<T, B>& weights) {
  return sum_to(apply(rule::mul{}, y, weights), {});
}

}  // namespace detail

/// Compares the gradients of `f` with central differences, element by element.
///
/// `f` takes `inputs.size()` tensors as a `const std::vector<tensor<double, B>>&` and returns one tensor; it must give
/// the same value each time it is called. **Shapes**: any. Use double: `step` is chosen for it.
template <class F, class T, class B>
gradcheck_result gradcheck(const F& f, const std::vector<tensor<T, B>>& inputs, const gradcheck_options& options = {}) {
  static_assert(std::same_as<T, double>, "gradcheck: central differences need double");
  std::vector<tensor<T, B>> leaves;
  for (const auto& x : inputs) leaves.push_back(tensor<T, B>(x.array().clone_row_major()).requires_grad(true));
  const tensor<T, B> y = f(leaves);
  const auto weights = tensor<T, B>::uniform(y.shape(), random::stream(options.seed), 0.5, 1.5);
  const auto loss = detail::contract(y, weights);
  gradcheck_result result;
  if (!loss.tracked()) return {false, "gradcheck: the output does not depend on any input", 0};
  const auto analytic = grad(loss, leaves, {});

  const auto value_at = [&](const std::vector<tensor<T, B>>& x) {
    const no_grad guard;
    return detail::contract(f(x), weights).item();
  };
  for (std::size_t k = 0; k < leaves.size(); ++k) {
    std::vector<T> x = leaves[k].to_vector();
    const std::vector<T> g = analytic[k].defined() ? analytic[k].to_vector() : std::vector<T>(x.size(), T(0));
    std::vector<tensor<T, B>> moved;
    for (const auto& leaf : leaves) moved.push_back(stop_gradient(leaf));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const T original = x[i];
      const auto value_with = [&](double change) {
        x[i] = original + change;
        moved[k] = tensor<T, B>::from(std::span<const T>(x), leaves[k].shape());
        return value_at(moved);
      };
      const double up = value_with(options.step), down = value_with(-options.step);
      const double numeric = (up - down) / (2 * options.step);
      x[i] = original;
      const double difference = std::abs(numeric - g[i]) / (std::abs(numeric) > 1 ? std::abs(numeric) : 1);
      if (difference > result.worst) result.worst = difference;
      if (!(difference <= options.tolerance) && result.ok)
        result = {false,
                  concat("gradcheck: input ", k, " ", leaves[k].shape(), " element ", i, ": analytic ", g[i],
                         ", numeric ", numeric),
                  difference};
    }
  }
  return result;
}

/// As gradcheck, for the second derivative: checks the gradients of the gradients of `f`.
template <class F, class T, class B>
gradcheck_result gradcheck_twice(const F& f, const std::vector<tensor<T, B>>& inputs,
                                 const gradcheck_options& options = {}) {
  const auto first = [&](const std::vector<tensor<T, B>>& x) {
    const enable_grad on;
    std::vector<tensor<T, B>> leaves;
    for (const auto& v : x) leaves.push_back(v.tracked() ? v : stop_gradient(v).requires_grad(true));
    const tensor<T, B> y = f(leaves);
    const auto weights = tensor<T, B>::uniform(y.shape(), random::stream(options.seed + 1), 0.5, 1.5);
    tensor<T, B> total;
    for (const auto& g : grad(detail::contract(y, weights), leaves, {.create_graph = true})) {
      if (!g.defined()) continue;
      const auto w = tensor<T, B>::uniform(g.shape(), random::stream(options.seed + 2), 0.5, 1.5);
      const auto part = detail::contract(g, w);
      total = total.defined() ? apply(rule::add{}, total, part) : part;
    }
    return total;
  };
  return gradcheck(first, inputs, options);
}

}  // namespace tensorlab::inline v0
