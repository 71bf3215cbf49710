#pragma once

#include <tensorlab/autograd/broadcast.hpp>
#include <tensorlab/autograd/record.hpp>
#include <tensorlab/backend/concept.hpp>

namespace tensorlab::inline v0 {

namespace detail {

template <class R, class T, class B>
array<T, B> map_array(const R& rule, const array<T, B>& x) {
  auto y = array<T, B>::empty_like(x);
  B::map(rule, y.view(), x.cview());
  return y;
}

template <class R, class T, class B>
tensor<T, B> chain2_apply(const R& rule, const tensor<T, B>& ddx, const tensor<T, B>& dy, const tensor<T, B>& v) {
  if (recording(ddx, dy, v)) throw_gradient_error(concat(R::name, ": a third derivative is not available"));
  auto y = array<T, B>::empty_like(v.array());
  B::map(chain2<R>{rule}, y.view(), ddx.array().cview(), dy.array().cview(), v.array().cview());
  return tensor<T, B>(y);
}

/// dx = dy f'(v), itself recorded when the backward pass is.
template <class R, class T, class B>
tensor<T, B> chain_apply(const R& rule, const tensor<T, B>& dy, const tensor<T, B>& v) {
  auto y = array<T, B>::empty_like(v.array());
  B::map(chain<R>{rule}, y.view(), dy.array().cview(), v.array().cview());
  return record(
      R::name, y,
      [rule, dy = save_for_backward(dy), v = save_for_backward(v)](const backward_context& c, const tensor<T, B>& ddx) {
        std::array<tensor<T, B>, 2> g;
        if (c.needs(0)) g[0] = chain_apply(rule, ddx, c.get(v));
        if (c.needs(1)) g[1] = chain2_apply(rule, ddx, c.get(dy), c.get(v));
        return g;
      },
      dy, v);
}

template <class R>
concept keeps_operands = !requires { requires !R::keeps_operands; };

}  // namespace detail

/// y = rule.f(x) elementwise, with the gradient the rule declares (rule/concept.hpp).
///
/// A user's own rule is a struct of the same form; on cuda its kernels must be instantiated in a `.cu` file of the user's.
/// **Throws** gradient_error when a tracked x meets a rule without derivative.
template <class R, class T, backend B>
tensor<T, B> apply(const R& rule, const tensor<T, B>& x) {
  const array<T, B> y = detail::map_array(rule, x.array());
  if constexpr (!std::floating_point<T>) {
    return tensor<T, B>(y);
  } else if constexpr (!differentiable_rule<R>) {
    reject_tracked(R::name, x);
    return tensor<T, B>(y);
  } else if constexpr (R::saves == save::input) {
    return record(
        R::name, y,
        [rule, x = save_for_backward(x)](const backward_context& c, const tensor<T, B>& dy) {
          return detail::chain_apply(rule, dy, c.get(x));
        },
        x);
  } else if constexpr (R::saves == save::output) {
    return record(
        R::name, y,
        [rule](const backward_context&, const tensor<T, B>& dy, const tensor<T, B>& out) {
          return detail::chain_apply(rule, dy, out);
        },
        x);
  } else {
    return record(
        R::name, y,
        [rule](const backward_context&, const tensor<T, B>& dy) {
          return detail::chain_apply(rule, dy, stop_gradient(dy));
        },
        x);
  }
}

/// y = rule.f(a, b) elementwise with broadcasting, with the gradients `rule.da` and `rule.db` as formulas over tensors.
///
/// **Throws** shape_error, device_error; gradient_error when a tracked operand meets a rule without gradients.
template <class R, class T, backend B>
tensor<T, B> apply(const R& rule, const tensor<T, B>& a, const tensor<T, B>& b) {
  require_same_device(R::name, a, b);
  const shape s = broadcast_shapes(R::name, a.shape(), b.shape());
  const auto& like = a.shape() == s ? a : b;
  auto y = like.shape() == s ? array<T, B>::empty_like(like.array()) : array<T, B>::empty(s, a.device());
  B::map(rule, y.view(), a.array().broadcast_to(s), b.array().broadcast_to(s));
  if constexpr (!std::floating_point<T>) {
    return tensor<T, B>(y);
  } else if constexpr (!requires(const tensor<T, B>& t) { rule.da(t, t, t); }) {
    reject_tracked(R::name, a, b);
    return tensor<T, B>(y);
  } else if constexpr (detail::keeps_operands<R>) {
    return record(
        R::name, y,
        [rule, a = save_for_backward(a), b = save_for_backward(b)](const backward_context& c, const tensor<T, B>& dy) {
          const auto x = c.get(a), z = c.get(b);
          std::array<tensor<T, B>, 2> g;
          if (c.needs(0)) g[0] = sum_to(rule.da(dy, x, z), x.shape());
          if (c.needs(1)) g[1] = sum_to(rule.db(dy, x, z), z.shape());
          return g;
        },
        a, b);
  } else {
    return record(
        R::name, y,
        [rule, sa = a.shape(), sb = b.shape()](const backward_context& c, const tensor<T, B>& dy) {
          std::array<tensor<T, B>, 2> g;
          if (c.needs(0)) g[0] = sum_to(rule.da(dy, dy, dy), sa);
          if (c.needs(1)) g[1] = sum_to(rule.db(dy, dy, dy), sb);
          return g;
        },
        a, b);
  }
}

/// A comparison or another rule of two tensors whose result has another element type; never recorded.
template <class U, class R, class T, backend B>
tensor<U, B> apply_to(const R& rule, const tensor<T, B>& a, const tensor<T, B>& b) {
  require_same_device(R::name, a, b);
  reject_tracked(R::name, a, b);
  const shape s = broadcast_shapes(R::name, a.shape(), b.shape());
  auto y = array<U, B>::empty(s, a.device());
  B::map(rule, y.view(), a.array().broadcast_to(s), b.array().broadcast_to(s));
  return tensor<U, B>(y);
}

}  // namespace tensorlab::inline v0
