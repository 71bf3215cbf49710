#pragma once

#include <array>
#include <concepts>
#include <type_traits>

#include <tensorlab/autograd/apply.hpp>
#include <tensorlab/ops/unary.hpp>

/// Elementwise functions of two or three tensors under NumPy's broadcasting. Each **throws** shape_error when the
/// shapes do not broadcast and device_error when the operands live on different devices. The rules are in
/// rule/binary.hpp.
namespace tensorlab::inline v0 {

namespace detail {

template <class T>
concept number = std::floating_point<T> || std::same_as<T, std::int64_t> || std::same_as<T, std::int32_t>;

}  // namespace detail

namespace detail {

/// Overloads for operands of two backends, which are chosen only to say what is wrong.
template <class A, class B>
concept other_backend = !std::same_as<A, B>;
template <class A, class B>
constexpr void reject_mixed_backends() {
  static_assert(std::same_as<A, B>,
                "the operands live on different backends: copy one of them to the other's, "
                "tensor<T, B>::from(x.to_vector(), x.shape())");
}

}  // namespace detail

template <class T, class U, class A, detail::other_backend<A> B>
void operator+(const tensor<T, A>&, const tensor<U, B>&) {
  detail::reject_mixed_backends<A, B>();
}
template <class T, class U, class A, detail::other_backend<A> B>
void operator-(const tensor<T, A>&, const tensor<U, B>&) {
  detail::reject_mixed_backends<A, B>();
}
template <class T, class U, class A, detail::other_backend<A> B>
void operator*(const tensor<T, A>&, const tensor<U, B>&) {
  detail::reject_mixed_backends<A, B>();
}
template <class T, class U, class A, detail::other_backend<A> B>
void operator/(const tensor<T, A>&, const tensor<U, B>&) {
  detail::reject_mixed_backends<A, B>();
}

/// a + b; also for int64 and int32.
template <detail::number T, backend B>
tensor<T, B> operator+(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply(rule::add{}, a, b);
}

/// a - b; also for int64 and int32.
template <detail::number T, backend B>
tensor<T, B> operator-(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply(rule::sub{}, a, b);
}

/// a b, elementwise; also for int64 and int32.
template <detail::number T, backend B>
tensor<T, B> operator*(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply(rule::mul{}, a, b);
}

/// a / b.
template <std::floating_point T, backend B>
tensor<T, B> operator/(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply(rule::div{}, a, b);
}

/// a^b, elementwise. The gradient to b needs a > 0.
template <std::floating_point T, backend B>
tensor<T, B> pow(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply(rule::pow{}, a, b);
}

/// The larger of a and b; NaN if either is. Equal operands share the gradient. Also for int64 and int32.
template <detail::number T, backend B>
tensor<T, B> maximum(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply(rule::maximum{}, a, b);
}

/// The smaller of a and b; NaN if either is. Equal operands share the gradient. Also for int64 and int32.
template <detail::number T, backend B>
tensor<T, B> minimum(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply(rule::minimum{}, a, b);
}

/// a == b, elementwise. **Throws** gradient_error for a tracked operand.
template <class T, backend B>
tensor<bool, B> equal(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply_to<bool>(rule::equal{}, a, b);
}
template <class T, backend B, detail::operand_of<T> S>
tensor<bool, B> equal(const tensor<T, B>& a, S c) {
  return equal(a, detail::scalar_beside(a, c));
}

/// a != b, elementwise. **Throws** gradient_error for a tracked operand.
template <class T, backend B>
tensor<bool, B> not_equal(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply_to<bool>(rule::not_equal{}, a, b);
}
template <class T, backend B, detail::operand_of<T> S>
tensor<bool, B> not_equal(const tensor<T, B>& a, S c) {
  return not_equal(a, detail::scalar_beside(a, c));
}

/// a < b, elementwise. **Throws** gradient_error for a tracked operand.
template <class T, backend B>
tensor<bool, B> less(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply_to<bool>(rule::less{}, a, b);
}
template <class T, backend B, detail::operand_of<T> S>
tensor<bool, B> less(const tensor<T, B>& a, S c) {
  return less(a, detail::scalar_beside(a, c));
}

/// a <= b, elementwise. **Throws** gradient_error for a tracked operand.
template <class T, backend B>
tensor<bool, B> less_equal(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply_to<bool>(rule::less_equal{}, a, b);
}
template <class T, backend B, detail::operand_of<T> S>
tensor<bool, B> less_equal(const tensor<T, B>& a, S c) {
  return less_equal(a, detail::scalar_beside(a, c));
}

/// a > b, elementwise. **Throws** gradient_error for a tracked operand.
template <class T, backend B>
tensor<bool, B> greater(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply_to<bool>(rule::greater{}, a, b);
}
template <class T, backend B, detail::operand_of<T> S>
tensor<bool, B> greater(const tensor<T, B>& a, S c) {
  return greater(a, detail::scalar_beside(a, c));
}

/// a >= b, elementwise. **Throws** gradient_error for a tracked operand.
template <class T, backend B>
tensor<bool, B> greater_equal(const tensor<T, B>& a, const tensor<T, B>& b) {
  return apply_to<bool>(rule::greater_equal{}, a, b);
}
template <class T, backend B, detail::operand_of<T> S>
tensor<bool, B> greater_equal(const tensor<T, B>& a, S c) {
  return greater_equal(a, detail::scalar_beside(a, c));
}

/// a and b.
template <backend B>
tensor<bool, B> logical_and(const tensor<bool, B>& a, const tensor<bool, B>& b) {
  return apply(rule::logical_and{}, a, b);
}

/// a or b.
template <backend B>
tensor<bool, B> logical_or(const tensor<bool, B>& a, const tensor<bool, B>& b) {
  return apply(rule::logical_or{}, a, b);
}

/// not a.
template <backend B>
tensor<bool, B> logical_not(const tensor<bool, B>& a) {
  return apply(rule::logical_not{}, a);
}

/// c ? a : b, elementwise, with gradient to a and b.
///
/// **Shapes**: all three broadcast to the result.
template <class T, backend B>
tensor<T, B> where(const tensor<bool, B>& c, const tensor<T, B>& a, const tensor<T, B>& b) {
  require_same_device("where", c, a, b);
  const shape s = broadcast_shapes("where", c.shape(), broadcast_shapes("where", a.shape(), b.shape()));
  auto y = a.shape() == s ? array<T, B>::empty_like(a.array()) : array<T, B>::empty(s, a.device());
  B::map(rule::where{}, y.view(), c.array().broadcast_to(s), a.array().broadcast_to(s), b.array().broadcast_to(s));
  return record(
      "where", y,
      [c = save_for_backward(c), sa = a.shape(), sb = b.shape()](const auto& context, const auto& dy) {
        const auto chosen = context.get(c);
        const auto none = detail::scalar_beside(dy, 0);
        std::array<tensor<T, B>, 2> g;
        if (context.needs(0)) g[0] = sum_to(where(chosen, dy, none), sa);
        if (context.needs(1)) g[1] = sum_to(where(chosen, none, dy), sb);
        return g;
      },
      a, b);
}

/// `x` with `value` where `mask` is true; those elements get no gradient.
///
/// **Shapes**: x and mask broadcast to the result.
template <class T, backend B>
tensor<T, B> masked_fill(const tensor<T, B>& x, const tensor<bool, B>& mask, std::type_identity_t<T> value) {
  return where(mask, tensor<T, B>::scalar(value, x.device()), x);
}

}  // namespace tensorlab::inline v0
