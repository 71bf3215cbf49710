#pragma once

#include <tensorlab/core/type_list.hpp>

#include "ops/layouts.hpp"

namespace test {

/// A rule with its types erased: what the checks below take is compiled once per element type.
template <class T, class Backend>
using unary_function = tl::tensor<T, Backend> (*)(const tl::tensor<T, Backend>&);

template <class R, class T, class Backend>
tl::tensor<T, Backend> call(const tl::tensor<T, Backend>& x) {
  return tl::apply(R{}, x);
}

/// A function on every layout equals the reference backend on the same elements in row-major order, forward and, where
/// it is tracked, backward.
template <class T>
void require_same_function(unary_function<T, B> f, unary_function<T, tl::reference> expected_f, tl::sample_range sample,
                           bool tracked) {
  for (const auto& [layout, view] : layouts<T>(sample.lo, sample.hi)) {
    INFO(layout << " " << tl::to_string(view.shape()));
    auto x = view;
    auto e = on_reference(view);
    x.requires_grad(tracked);
    e.requires_grad(tracked);
    const auto y = f(x);
    const auto expected = expected_f(e);
    require_close(y, expected, 4);
    if (!tracked) continue;
    const auto weights = uniform<T>(x.shape(), 7, -1, 1);
    y.backward(weights);
    expected.backward(on_reference(weights));
    require_close(x.grad(), e.grad(), 16);
  }
}

template <class R>
void require_equal_to_reference() {
  constexpr bool tracked = tl::differentiable_rule<R>;
  require_same_function<float>(call<R, float, B>, call<R, float, tl::reference>, R::sample, tracked);
  require_same_function<double>(call<R, double, B>, call<R, double, tl::reference>, R::sample, tracked);
}

/// The rule keeps the memory order of dense tensors.
template <class R>
void require_order_kept() {
  const auto x = tl::permute(uniform<float>({2, 3, 2, 4}, 1, R::sample.lo, R::sample.hi), {0, 3, 1, 2});
  REQUIRE(call<R>(x).strides() == x.strides());
}

/// First and second derivatives of the rule on a transposed tensor.
template <class R>
void require_derivatives() {
  require_gradients([](const tensors& x) { return tl::apply(R{}, tl::transpose(x[0])); },
                    {uniform<double>({3, 2}, 11, R::sample.lo, R::sample.hi)});
}

}  // namespace test
