#pragma once

#include <tensorlab/autograd/grad.hpp>

namespace tensorlab::inline v0::detail {

/// `x` as an output of its own node, so that a gradient can be captured here and nowhere above.
template <class T, class B>
tensor<T, B> alias(const tensor<T, B>& x) {
  return record(
      "alias", x.array(), [](const backward_context&, const tensor<T, B>& dy) { return dy; }, x);
}

/// The recorded gradient of an op whose own backward pass is not made of ops: differentiates `objective(inputs)`, the
/// scalar sum(dy y) with y computed by the op's composite form.
template <class T, class B, std::size_t Count, class F>
std::array<tensor<T, B>, Count> composite_gradient(const backward_context& context,
                                                   std::array<tensor<T, B>, Count> inputs, F objective) {
  std::vector<tensor<T, B>> wanted;
  for (std::size_t i = 0; i < Count; ++i) {
    if (!context.needs(i)) continue;
    inputs[i] = alias(inputs[i]);
    wanted.push_back(inputs[i]);
  }
  const auto found = grad(objective(inputs), wanted, {.create_graph = true});
  std::array<tensor<T, B>, Count> result;
  for (std::size_t i = 0, k = 0; i < Count; ++i)
    if (context.needs(i)) result[i] = found[k++];
  return result;
}

}  // namespace tensorlab::inline v0::detail
