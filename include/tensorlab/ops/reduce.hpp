#pragma once

#include <limits>

#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/shape.hpp>

/// Reductions over a set of axes: an empty set means all of them, negative axes count from the end, and `keep` leaves
/// the reduced dimensions in the shape with extent 1. Each **throws** shape_error for axes outside x or given twice.
namespace tensorlab::inline v0 {

namespace detail {

/// rule over `axes` (normalised), which stay with extent 1.
template <class R, class T, class B>
array<T, B> reduce_array(const R& rule, const array<T, B>& x, const dims& axes) {
  auto y = array<T, B>::empty(reduced_shape(x.shape(), axes, true), x.device());
  B::reduce(rule, reduction_view(y.view(), x.shape(), axes), x.cview());
  return y;
}

template <class T, class B>
tensor<T, B> drop_axes(const tensor<T, B>& y, const dims& axes, bool keep) {
  return keep ? y : reshape(y, reduced_shape(y.shape(), axes, false));
}

/// **Throws** shape_error when there are results that no element stands for.
inline void require_elements(const char* op, const shape& x, const dims& axes) {
  if (x.size() == 0 && reduced_shape(x, axes, true).size() != 0)
    throw_shape_error(concat(op, ": no elements along axes ", axes, " of shape ", x));
}

inline std::int64_t reduced_count(const shape& x, const dims& axes) {
  std::int64_t n = 1;
  for (std::int64_t a : axes) n *= x[static_cast<int>(a)];
  return n;
}

}  // namespace detail

/// The sum; 0 of no elements. Also for integers.
template <class T, backend B>
tensor<T, B> sum(const tensor<T, B>& x, const dims& axes = {}, bool keep = false) {
  const dims a = normalize_axes("sum", axes, x.rank());
  return detail::drop_axes(sum_to(x, reduced_shape(x.shape(), a, true)), a, keep);
}

/// The arithmetic mean; NaN of no elements.
template <std::floating_point T, backend B>
tensor<T, B> mean(const tensor<T, B>& x, const dims& axes = {}, bool keep = false) {
  const dims a = normalize_axes("mean", axes, x.rank());
  return sum(x, a, keep) / detail::reduced_count(x.shape(), a);
}

namespace detail {

/// For each element of [.., n] the product of the others along the last axis, exact where some of them are zero:
/// products of pairs on the way up, on the way down each element meets what its sibling's subtree gives.
template <class T, class B>
tensor<T, B> product_of_others(const tensor<T, B>& x) {
  const std::int64_t n = x.dim(-1);
  shape s = x.shape();
  const int last = s.rank() - 1;
  if (n == 1) return tensor<T, B>::ones(s, x.device());
  s[last] = 1;
  const auto even = n % 2 == 0 ? x : cat({x, tensor<T, B>::ones(s, x.device())}, last);
  s[last] = (n + 1) / 2;
  s.push_back(2);
  const auto pairs = reshape(even, s);
  const auto above = product_of_others(select(pairs, -1, 0) * select(pairs, -1, 1));
  return slice(reshape(unsqueeze(above, -1) * flip(pairs, {-1}), even.shape()), last, 0, n);
}

}  // namespace detail

/// The product; 1 of no elements. The gradient is exact also where elements are zero.
template <std::floating_point T, backend B>
tensor<T, B> prod(const tensor<T, B>& x, const dims& axes = {}, bool keep = false) {
  const dims a = normalize_axes("prod", axes, x.rank());
  if (a.rank() == 0) return x;
  const auto y = record(
      "prod", detail::reduce_array(rule::prod{}, x.array(), a),
      [x = save_for_backward(x), a](const auto& c, const auto& dy) {
        const auto v = c.get(x);
        if (v.size() == 0) return tensor<T, B>::zeros(v.shape(), v.device());
        dims order, back = dims::filled(v.rank(), 0);
        for (int i = 0; i < v.rank(); ++i)
          if (!a.contains(i)) order.push_back(i);
        for (std::int64_t i : a) order.push_back(i);
        for (int i = 0; i < v.rank(); ++i) back[static_cast<int>(order[i])] = i;
        const auto lines = permute(v, order);
        const auto others = detail::product_of_others(flatten(lines, v.rank() - a.rank(), -1));
        return dy * permute(reshape(others, lines.shape()), back);
      },
      x);
  return detail::drop_axes(y, a, keep);
}

namespace detail {

/// The largest or smallest element; equal ones share the gradient.
template <class R, class T, class B>
tensor<T, B> extremum(const char* name, const R& rule, const tensor<T, B>& x, const dims& axes, bool keep) {
  const dims a = normalize_axes(name, axes, x.rank());
  require_elements(name, x.shape(), a);
  const auto y = record(
      name, reduce_array(rule, x.array(), a),
      [x = save_for_backward(x), a](const auto& c, const auto& dy, const auto& out) {
        const auto v = stop_gradient(c.get(x)), best = stop_gradient(out);
        const auto share = apply(rule::equal_share{}, v, best);
        return dy * (share / sum(share, a, true));
      },
      x);
  return drop_axes(y, a, keep);
}

}  // namespace detail

/// The largest element; NaN if there is one. Equal maxima share the gradient. Also for integers.
///
/// **Throws** shape_error for no elements.
template <class T, backend B>
tensor<T, B> amax(const tensor<T, B>& x, const dims& axes = {}, bool keep = false) {
  return detail::extremum("amax", rule::max{}, x, axes, keep);
}

/// The smallest element; NaN if there is one. Equal minima share the gradient. Also for integers.
///
/// **Throws** shape_error for no elements.
template <class T, backend B>
tensor<T, B> amin(const tensor<T, B>& x, const dims& axes = {}, bool keep = false) {
  return detail::extremum("amin", rule::min{}, x, axes, keep);
}

/// The variance sum (x - mean)^2 / (n - correction); NaN where n <= correction.
template <std::floating_point T, backend B>
tensor<T, B> var(const tensor<T, B>& x, const dims& axes = {}, std::int64_t correction = 1, bool keep = false) {
  const dims a = normalize_axes("var", axes, x.rank());
  const std::int64_t n = detail::reduced_count(x.shape(), a) - correction;
  const auto squares = sum(square(x - mean(x, a, true)), a, keep);
  return n > 0 ? squares / n : squares * std::numeric_limits<double>::quiet_NaN();
}

/// The square root of the variance.
template <std::floating_point T, backend B>
tensor<T, B> stddev(const tensor<T, B>& x, const dims& axes = {}, std::int64_t correction = 1, bool keep = false) {
  return sqrt(var(x, axes, correction, keep));
}

/// The Euclidean norm (sum x^2)^(1/2), with gradient 0 at 0.
template <std::floating_point T, backend B>
tensor<T, B> norm2(const tensor<T, B>& x, const dims& axes = {}, bool keep = false) {
  const dims a = normalize_axes("norm2", axes, x.rank());
  const auto y = record(
      "norm2", detail::map_array(rule::sqrt{}, detail::reduce_array(rule::sum_squares{}, x.array(), a)),
      [x = save_for_backward(x)](const auto& c, const auto& dy, const auto& out) {
        const auto zero = equal(stop_gradient(out), 0);
        return where(zero, detail::scalar_beside(dy, 0), dy / masked_fill(out, zero, 1)) * c.get(x);
      },
      x);
  return detail::drop_axes(y, a, keep);
}

/// ln sum e^x, without overflow; -inf of no elements.
template <std::floating_point T, backend B>
tensor<T, B> logsumexp(const tensor<T, B>& x, const dims& axes = {}, bool keep = false) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const dims a = normalize_axes("logsumexp", axes, x.rank());
  const tensor<T, B> v = stop_gradient(x);
  const tensor<T, B> top(detail::reduce_array(rule::max{}, x.array(), a));
  // inf - inf has no value: lines that are infinite throughout are shifted by nothing.
  const auto shift = masked_fill(top, equal(abs(top), infinity), 0);
  const auto y = record(
      "logsumexp", (log(sum(exp(v - shift), a, true)) + shift).array(),
      [x = save_for_backward(x)](const auto& c, const auto& dy, const auto& out) {
        const auto none = equal(stop_gradient(out), -infinity);
        return dy * exp(c.get(x) - masked_fill(out, none, 0));
      },
      x);
  return detail::drop_axes(y, a, keep);
}

namespace detail {

template <class R, class T, class B>
tensor<std::int64_t, B> extreme_position(const char* name, const R& rule, const tensor<T, B>& x, int axis, bool keep) {
  reject_tracked(name, x);
  const dims a{normalize_axis(name, axis, x.rank())};
  require_elements(name, x.shape(), a);
  auto y = array<std::int64_t, B>::empty(reduced_shape(x.shape(), a, true), x.device());
  if (y.size() != 0)
    B::arg_reduce(rule, reduction_view(y.view(), x.shape(), a), x.array().cview(), static_cast<int>(a[0]));
  return drop_axes(unrecorded(name, y), a, keep);
}

}  // namespace detail

/// The position of the first largest element along `axis`; a NaN counts as largest.
///
/// **Throws** shape_error for no elements, gradient_error for a tracked x.
template <class T, backend B>
tensor<std::int64_t, B> argmax(const tensor<T, B>& x, int axis = -1, bool keep = false) {
  return detail::extreme_position("argmax", rule::max{}, x, axis, keep);
}

/// The position of the first smallest element along `axis`; a NaN counts as smallest.
///
/// **Throws** shape_error for no elements, gradient_error for a tracked x.
template <class T, backend B>
tensor<std::int64_t, B> argmin(const tensor<T, B>& x, int axis = -1, bool keep = false) {
  return detail::extreme_position("argmin", rule::min{}, x, axis, keep);
}

/// The number of true elements.
template <backend B>
tensor<std::int64_t, B> count_true(const tensor<bool, B>& x, const dims& axes = {}, bool keep = false) {
  return sum(tensor<std::int64_t, B>(x.array().template cast<std::int64_t>()), axes, keep);
}

/// Whether any element is true; false of no elements.
template <backend B>
tensor<bool, B> any(const tensor<bool, B>& x, const dims& axes = {}, bool keep = false) {
  return not_equal(count_true(x, axes, keep), 0);
}

/// Whether all elements are true; true of no elements.
template <backend B>
tensor<bool, B> all(const tensor<bool, B>& x, const dims& axes = {}, bool keep = false) {
  const dims a = normalize_axes("all", axes, x.rank());
  return equal(count_true(x, a, keep), detail::reduced_count(x.shape(), a));
}

}  // namespace tensorlab::inline v0
