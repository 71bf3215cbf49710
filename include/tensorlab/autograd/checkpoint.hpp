#pragma once

#include <utility>
#include <vector>

#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/autograd/autocast.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// f(inputs...), whose ops an observer sees as ops of a forward pass although a backward pass is under way.
template <class F, class T, class B, std::size_t Count>
tensor<T, B> recomputed(const F& f, const std::array<tensor<T, B>, Count>& inputs) {
  const op_scope scope("recomputation", op_phase::forward);
  return std::apply(f, inputs);
}

}  // namespace detail

/// f(x...) without keeping what its ops save: the forward pass is run again when the gradient is needed.
///
/// Trades time for memory (Chen et al., "Training deep nets with sublinear memory cost", 2016). `f` takes tensors and
/// returns one; leaves that it uses besides its arguments collect their gradients as usual. Random streams drawn by `f`
/// are given in `streams`: they repeat their numbers in the second run. **Throws** gradient_error in a recorded
/// backward pass or in `grad`, whose captures cannot reach into the second run.
template <class F, class T, class B, class... Rest>
tensor<T, B> checkpoint(F f, std::vector<const random::stream*> streams, const tensor<T, B>& first,
                        const Rest&... rest) {
  std::vector<random::stream> before;
  for (const random::stream* s : streams) before.push_back(*s);
  const tensor<T, B> y = [&] {
    const no_grad guard;
    return f(first, rest...);
  }();
  if (!grad_enabled()) return y;
  // The result is tracked even if only leaves inside f are, so a tracked stand-in joins the inputs.
  auto stand_in = tensor<T, B>::zeros({});
  stand_in.requires_grad(true);
  return record(
      "checkpoint", y.array(),
      [f = std::move(f), factors = autocast_compute(), streams = std::move(streams), before = std::move(before),
       kept = std::tuple(save_for_backward(first), save_for_backward(rest)...)](const backward_context& c,
                                                                                const tensor<T, B>& dy) {
        if (c.create_graph()) throw_gradient_error("checkpoint: a second derivative is not available");
        std::vector<random::stream> after;
        for (std::size_t i = 0; i < streams.size(); ++i) {
          after.push_back(*streams[i]);
          const_cast<random::stream*>(streams[i])->restore(before[i].seed(), before[i].counter());
        }
        auto result = std::apply(
            [&](const auto&... s) {
              const enable_grad on;
              const autocast forward(factors);
              const detail::flag_scope again(detail::recomputing_flag(), true);
              std::array<tensor<T, B>, sizeof...(s)> inputs{stop_gradient(c.get(s))...};
              for (std::size_t i = 0; i < inputs.size(); ++i) inputs[i].requires_grad(c.needs(i));
              detail::recomputed(f, inputs).backward(dy);
              std::array<tensor<T, B>, sizeof...(s) + 1> g;
              for (std::size_t i = 0; i < inputs.size(); ++i) g[i] = inputs[i].grad();
              return g;
            },
            kept);
        for (std::size_t i = 0; i < streams.size(); ++i)
          const_cast<random::stream*>(streams[i])->restore(after[i].seed(), after[i].counter());
        return result;
      },
      first, rest..., stand_in);
}
template <class F, class T, class B, class... Rest>
tensor<T, B> checkpoint(F f, const tensor<T, B>& first, const Rest&... rest) {
  return checkpoint(std::move(f), std::vector<const random::stream*>{}, first, rest...);
}

}  // namespace tensorlab::inline v0
