#pragma once

#include <utility>

#include <tensorlab/autograd/apply.hpp>

namespace tensorlab::inline v0 {

/// An op of the user's: `forward(inputs...)` gives the value, `backward(context, dy, inputs..., y)` an array or a tuple
/// of the gradients to the inputs (a tensor for one input), any of which may be undefined.
///
/// The forward pass is run without recording. A backward pass written with ops can be differentiated again.
///
/// ```cpp
/// auto cube = tl::custom_op("cube", [](const auto& x) { return x * x * x; },
///                           [](const auto&, const auto& dy, const auto& x, const auto&) { return dy * x * x * 3.0; });
/// ```
template <class Forward, class Backward>
auto custom_op(const char* name, Forward forward, Backward backward) {
  return [name, forward = std::move(forward), backward = std::move(backward)]<class T, class B, class... Rest>(
             const tensor<T, B>& first, const Rest&... rest) {
    const auto y = [&] {
      const no_grad guard;
      return forward(first, rest...);
    }();
    return record(
        name, y.array(),
        [backward, kept = std::tuple(save_for_backward(first), save_for_backward(rest)...)](
            const backward_context& c, const tensor<T, B>& dy, const tensor<T, B>& out) {
          return std::apply([&](const auto&... s) { return backward(c, dy, c.get(s)..., out); }, kept);
        },
        first, rest...);
  };
}

}  // namespace tensorlab::inline v0
