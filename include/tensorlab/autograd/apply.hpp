#pragma once

#include <array>
#include <cstring>
#include <type_traits>

#include <tensorlab/autograd/broadcast.hpp>
#include <tensorlab/autograd/record.hpp>
#include <tensorlab/backend/concept.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// A rule's settings without its type; rules are small plain records.
struct rule_box {
  alignas(8) std::array<unsigned char, 32> bytes{};

  template <class R>
  static rule_box of(const R& rule) {
    static_assert(std::is_trivially_copyable_v<R> && sizeof(R) <= 32,
                  "apply: a rule is a trivially copyable record of at most 32 bytes");
    rule_box box;
    std::memcpy(box.bytes.data(), &rule, sizeof(R));
    return box;
  }
  template <class R>
  const R& as() const {
    return *reinterpret_cast<const R*>(bytes.data());
  }
};

/// The derivative kernels of one rule. What records them is written once for all rules: only kernels are instantiated
/// per rule.
template <class T, class B>
struct unary_kernels {
  const char* name;
  save saves;
  void (*chain)(const rule_box&, array<T, B>& dx, const array<T, B>& dy, const array<T, B>& v);
  void (*chain2)(const rule_box&, array<T, B>& y, const array<T, B>& ddx, const array<T, B>& dy, const array<T, B>& v);
};

template <class R, class T, class B>
inline constexpr unary_kernels<T, B> kernels_of{
    R::name, R::saves,
    [](const rule_box& r, array<T, B>& dx, const array<T, B>& dy, const array<T, B>& v) {
      B::map(chain<R>{r.as<R>()}, dx.view(), dy.cview(), v.cview());
    },
    [](const rule_box& r, array<T, B>& y, const array<T, B>& ddx, const array<T, B>& dy, const array<T, B>& v) {
      B::map(chain2<R>{r.as<R>()}, y.view(), ddx.cview(), dy.cview(), v.cview());
    }};

template <class R, class T, class B>
array<T, B> map_array(const R& rule, const array<T, B>& x) {
  auto y = array<T, B>::empty_like(x);
  B::map(rule, y.view(), x.cview());
  return y;
}

template <class T, class B>
tensor<T, B> chain2_apply(const unary_kernels<T, B>& k, const rule_box& rule, const tensor<T, B>& ddx,
                          const tensor<T, B>& dy, const tensor<T, B>& v) {
  if (recording(ddx, dy, v)) throw_gradient_error(concat(k.name, ": a third derivative is not available"));
  auto y = array<T, B>::empty_like(v.array());
  k.chain2(rule, y, ddx.array(), dy.array(), v.array());
  return tensor<T, B>(y);
}

/// dx = dy f'(v), itself recorded when the backward pass is.
template <class T, class B>
tensor<T, B> chain_apply(const unary_kernels<T, B>& k, const rule_box& rule, const tensor<T, B>& dy,
                         const tensor<T, B>& v) {
  auto dx = array<T, B>::empty_like(v.array());
  k.chain(rule, dx, dy.array(), v.array());
  return record(
      k.name, dx,
      [&k, rule, dy = save_for_backward(dy), v = save_for_backward(v)](const backward_context& c,
                                                                       const tensor<T, B>& ddx) {
        std::array<tensor<T, B>, 2> g;
        if (c.needs(0)) g[0] = chain_apply(k, rule, ddx, c.get(v));
        if (c.needs(1)) g[1] = chain2_apply(k, rule, ddx, c.get(dy), c.get(v));
        return g;
      },
      dy, v);
}

/// Whether a backward pass may write in a gradient's memory: nobody else sees it, and no graph is to be made.
template <class T, class B>
bool is_spare(const backward_context& c, const tensor<T, B>& dy) {
  return !c.create_graph() && dy.body().use_count() == 1 && dy.body()->owns_elements();
}

/// dx = dy f'(v) in a backward pass; an undefined v stands for any value. In dy's memory where nobody else sees it, as
/// what comes after reads dx alone.
template <class T, class B>
tensor<T, B> chain_on(const backward_context& c, const unary_kernels<T, B>& k, const rule_box& rule,
                      const tensor<T, B>& dy, const tensor<T, B>& v) {
  const bool in_place = is_spare(c, dy) && (!v.defined() || dy.strides() == dense_like(v.shape(), v.strides()));
  if (!in_place) return chain_apply(k, rule, dy, v.defined() ? v : stop_gradient(dy));
  array<T, B> dx = dy.array();
  k.chain(rule, dx, dy.array(), v.defined() ? v.array() : dy.array());
  return unrecorded(k.name, dx);
}

/// Records y = f(x) for a rule with these kernels.
template <class T, class B>
tensor<T, B> record_unary(const unary_kernels<T, B>& k, const rule_box& rule, const array<T, B>& y,
                          const tensor<T, B>& x) {
  if (k.saves == save::output)
    return record(
        k.name, y,
        [&k, rule](const backward_context& c, const tensor<T, B>& dy, const tensor<T, B>& out) {
          return chain_on(c, k, rule, dy, out);
        },
        x);
  return record(
      k.name, y,
      [&k, rule, x = save_for_backward(k.saves == save::input ? x : tensor<T, B>())](
          const backward_context& c, const tensor<T, B>& dy) { return chain_on(c, k, rule, dy, c.get(x)); },
      x);
}

template <class R>
concept keeps_operands = !requires {
  requires !R::keeps_operands;
};

}  // namespace detail

/// y = rule.f(x) elementwise, with the gradient the rule declares (rule/concept.hpp).
///
/// A user's own rule is a struct of the same form; on cuda its kernels must be instantiated in a `.cu` file of the
/// user's.
/// **Throws** gradient_error when a tracked x meets a rule without derivative.
template <class R, class T, backend B>
tensor<T, B> apply(const R& rule, const tensor<T, B>& x) {
  const array<T, B> y = detail::map_array(rule, x.array());
  if constexpr (!std::floating_point<T>) {
    return unrecorded(R::name, y);
  } else if constexpr (!differentiable_rule<R>) {
    reject_tracked(R::name, x);
    return unrecorded(R::name, y);
  } else {
    return detail::record_unary(detail::kernels_of<R, T, B>, detail::rule_box::of(rule), y, x);
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
    return unrecorded(R::name, y);
  } else if constexpr (!requires(const tensor<T, B>& t) { rule.da(t, t, t); }) {
    reject_tracked(R::name, a, b);
    return unrecorded(R::name, y);
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
  return unrecorded(R::name, y);
}

}  // namespace tensorlab::inline v0
