#pragma once

#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/unary.hpp>

namespace tensorlab::inline v0 {

namespace detail {

template <class T, class B>
tensor<T, B> softmax_of(const char* op, const tensor<T, B>& x, std::int64_t axis, bool log) {
  const int a = normalize_axis(op, axis, x.rank());
  auto y = array<T, B>::empty_like(x.array());
  if (x.size() != 0) B::softmax(y.view(), x.array().cview(), a, log);
  return record(
      op, y,
      [a, log](const backward_context&, const tensor<T, B>& dy, const tensor<T, B>& out) {
        if (recording(dy, out)) {
          if (log) return dy - exp(out) * sum(dy, {a}, true);
          return out * (dy - sum(dy * out, {a}, true));
        }
        auto dx = array<T, B>::empty_like(out.array());
        if (out.size() != 0) B::softmax_backward(dx.view(), out.array().cview(), dy.array().cview(), a, log);
        return tensor<T, B>(dx);
      },
      x);
}

}  // namespace detail

/// y = e^x / sum e^x along `axis`, stable for any x. **Shapes**: any -> the same. **Throws** shape_error for a bad
/// axis.
template <class T, backend B>
tensor<T, B> softmax(const tensor<T, B>& x, std::int64_t axis) {
  return detail::softmax_of("softmax", x, axis, false);
}

/// y = x - ln sum e^x along `axis`, stable for any x. **Shapes**: any -> the same. **Throws** shape_error for a bad
/// axis.
template <class T, backend B>
tensor<T, B> log_softmax(const tensor<T, B>& x, std::int64_t axis) {
  return detail::softmax_of("log_softmax", x, axis, true);
}

}  // namespace tensorlab::inline v0
