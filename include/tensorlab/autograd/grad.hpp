#pragma once

#include <vector>

#include <tensorlab/autograd/apply.hpp>

namespace tensorlab::inline v0 {

/// The gradients of the sum of several outputs, each weighted with a gradient to begin with, with respect to `inputs`,
/// without touching any leaf's collected gradient: sum_k starts_k d(outputs_k)/d(input).
///
/// An undefined start means ones for a scalar output, and so does an empty list for all. With `{.create_graph = true}`
/// the results can be differentiated again. An input that no output depends on gets an undefined tensor. **Throws**
/// gradient_error if an output or an input is not tracked or a start is missing, shape_error if a start has another
/// shape than its output or their numbers differ, device_error.
template <class T, class B>
std::vector<tensor<T, B>> grad(const std::vector<tensor<T, B>>& outputs, const std::vector<tensor<T, B>>& inputs,
                               const backward_options& options = {}, const std::vector<tensor<T, B>>& starts = {}) {
  if (!starts.empty() && starts.size() != outputs.size())
    throw_shape_error(concat("grad: one gradient to start from per output expected: outputs and starts differ (",
                             outputs.size(), " vs ", starts.size(), ")"));
  std::vector<detail::backward_root> roots;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const tensor<T, B>& y = outputs[i];
    if (!y.tracked()) throw_gradient_error("grad: the output was not computed from a tensor that requires a gradient");
    tensor<T, B> start = starts.empty() ? tensor<T, B>() : starts[i];
    if (!start.defined()) {
      if (y.size() != 1)
        throw_gradient_error(concat("grad: a gradient to start from must be given for an output of shape ", y.shape()));
      start = tensor<T, B>::ones(y.shape(), y.device());
    }
    if (start.shape() != y.shape())
      throw_shape_error(concat("grad: shapes differ: output ", y.shape(), ", start ", start.shape()));
    require_same_device("grad", y, start);
    roots.push_back({y.source(), start.body()});
  }
  if (inputs.empty()) return {};  // to the walk no captures mean that every leaf collects
  std::vector<edge> captures;
  for (const auto& x : inputs) {
    if (!x.tracked()) throw_gradient_error(concat("grad: input ", captures.size(), " is not tracked"));
    captures.push_back(x.source());
  }
  std::vector<tensor<T, B>> result;
  for (const auto& g : detail::backward_walk(options, captures).run(roots))
    result.push_back(g ? tensor<T, B>(std::static_pointer_cast<detail::tensor_body<T, B>>(g)) : tensor<T, B>());
  return result;
}

/// As above for one output.
template <class T, class B>
std::vector<tensor<T, B>> grad(const tensor<T, B>& output, const std::vector<tensor<T, B>>& inputs,
                               const backward_options& options = {}, const tensor<T, B>& start = {}) {
  return grad(std::vector<tensor<T, B>>{output}, inputs, options, std::vector<tensor<T, B>>{start});
}

}  // namespace tensorlab::inline v0
