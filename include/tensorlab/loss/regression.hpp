#pragma once

#include <tensorlab/loss/reduction.hpp>
#include <tensorlab/rule/loss.hpp>

/// Losses of the difference d = x - y. **Shapes**: x and y alike; the result is a scalar, or theirs for
/// reduction::none. Each **throws** shape_error when the shapes differ: nothing is broadcast; device_error.
namespace tensorlab::inline v0::loss {

namespace detail {

template <class R, class T, class B>
tensor<T, B> of_difference(const char* op, const R& rule, const tensor<T, B>& x, const tensor<T, B>& y, reduction r) {
  require_same_shape(op, "input", x.shape(), "target", y.shape());
  require_same_device(op, x, y);
  return reduced(apply(rule, x - y), r);
}

}  // namespace detail

/// The mean squared error d^2.
template <class T, backend B>
tensor<T, B> mse(const tensor<T, B>& x, const tensor<T, B>& y, reduction r = reduction::mean) {
  return detail::of_difference("mse", rule::square{}, x, y, r);
}

/// The mean absolute error |d|, with slope 0 at 0.
template <class T, backend B>
tensor<T, B> l1(const tensor<T, B>& x, const tensor<T, B>& y, reduction r = reduction::mean) {
  return detail::of_difference("l1", rule::abs{}, x, y, r);
}

/// Settings of smooth_l1.
struct smooth_l1_options {
  double beta = 1;  // where the parabola ends
  reduction reduce = reduction::mean;
};

/// d^2 / (2 beta) where |d| < beta, else |d| - beta / 2; beta = 0 is l1. **Throws** value_error for a negative beta.
///
/// Girshick, "Fast R-CNN" (2015).
template <class T, backend B>
tensor<T, B> smooth_l1(const tensor<T, B>& x, const tensor<T, B>& y, const smooth_l1_options& o = {}) {
  if (!(o.beta >= 0)) throw_value_error(concat("smooth_l1: beta must not be negative, got ", o.beta));
  return detail::of_difference("smooth_l1", rule::smooth_l1{o.beta}, x, y, o.reduce);
}

/// Settings of huber.
struct huber_options {
  double delta = 1;  // where the parabola ends
  reduction reduce = reduction::mean;
};

/// d^2 / 2 where |d| < delta, else delta (|d| - delta / 2). **Throws** value_error unless delta is positive.
///
/// Huber, "Robust estimation of a location parameter" (1964).
template <class T, backend B>
tensor<T, B> huber(const tensor<T, B>& x, const tensor<T, B>& y, const huber_options& o = {}) {
  if (!(o.delta > 0)) throw_value_error(concat("huber: delta must be positive, got ", o.delta));
  return detail::of_difference("huber", rule::huber{o.delta}, x, y, o.reduce);
}

}  // namespace tensorlab::inline v0::loss
