#pragma once

#include <tensorlab/core/type_list.hpp>

#include "ops/layouts.hpp"

namespace test {

/// A rule on every layout equals the reference backend on the same elements in row-major order, forward and backward.
template <class R, class T>
void require_equal_to_reference(const R& rule) {
  for (const auto& [layout, view] : layouts<T>(R::sample.lo, R::sample.hi)) {
    INFO(layout << " " << tl::to_string(view.shape()));
    auto x = view, e = on_reference(view);
    if constexpr (tl::differentiable_rule<R>) {
      x.requires_grad(true);
      e.requires_grad(true);
    }
    const auto y = tl::apply(rule, x);
    const auto expected = tl::apply(rule, e);
    require_close(y, expected, 4);
    if constexpr (tl::differentiable_rule<R>) {
      const auto weights = uniform<T>(x.shape(), 7, -1, 1);
      y.backward(weights);
      expected.backward(on_reference(weights));
      require_close(x.grad(), e.grad(), 16);
    }
  }
}

/// The rule keeps the memory order of dense tensors.
template <class R>
void require_order_kept(const R& rule) {
  const auto x = tl::permute(uniform<float>({2, 3, 2, 4}, 1, R::sample.lo, R::sample.hi), {0, 3, 1, 2});
  REQUIRE(tl::apply(rule, x).strides() == x.strides());
}

}  // namespace test
