#pragma once

#include <vector>

#include <tensorlab/autograd/apply.hpp>

namespace tensorlab::inline v0 {

/// The gradients of `output` with respect to `inputs`, without touching any leaf's collected gradient.
///
/// `start` is the gradient to begin with; undefined means ones for a scalar output. With `{.create_graph = true}` the
/// results can be differentiated again. An input that the output does not depend on gets an undefined tensor.
/// **Throws** gradient_error if output or an input is not tracked, shape_error if `start` has another shape than
/// output.
template <class T, class B>
std::vector<tensor<T, B>> grad(const tensor<T, B>& output, const std::vector<tensor<T, B>>& inputs,
                               const backward_options& options = {}, tensor<T, B> start = {}) {
  if (!output.tracked())
    throw_gradient_error("grad: the output was not computed from a tensor that requires a gradient");
  if (!start.defined()) {
    if (output.size() != 1)
      throw_gradient_error(
          concat("grad: a gradient to start from must be given for an output of shape ", output.shape()));
    start = tensor<T, B>::ones(output.shape(), output.device());
  }
  if (start.shape() != output.shape())
    throw_shape_error(concat("grad: shapes differ: output ", output.shape(), ", start ", start.shape()));
  std::vector<edge> captures;
  for (const auto& x : inputs) {
    if (!x.tracked()) throw_gradient_error(concat("grad: input ", captures.size(), " is not tracked"));
    captures.push_back(x.source());
  }
  const detail::backward_root root{output.source(), start.body()};
  std::vector<tensor<T, B>> result;
  for (const auto& g : detail::backward_walk(options, captures).run({&root, 1}))
    result.push_back(g ? tensor<T, B>(std::static_pointer_cast<detail::tensor_body<T, B>>(g)) : tensor<T, B>());
  return result;
}

}  // namespace tensorlab::inline v0
