#pragma once

#include <tensorlab/ops/reduce.hpp>

namespace tensorlab::inline v0::loss {

/// What a loss returns: the mean or the sum of its elements, or all of them.
enum class reduction : std::uint8_t { mean, sum, none };

namespace detail {

template <class T, class B>
tensor<T, B> reduced(const tensor<T, B>& elements, reduction r) {
  if (r == reduction::none) return elements;
  return r == reduction::sum ? v0::sum(elements) : v0::mean(elements);
}

/// **Throws** shape_error that names the loss and both operands.
inline void require_same_shape(const char* op, const char* a_name, const shape& a, const char* b_name, const shape& b) {
  if (a != b)
    throw_shape_error(
        concat(op, ": shapes differ: ", a_name, " ", a, ", ", b_name, " ", b, " (", a.size(), " vs ", b.size(), ")"));
}
/// **Throws** shape_error unless `what` broadcasts to `to` without enlarging it.
inline void require_broadcast(const char* op, const char* what, const shape& s, const char* to_name, const shape& to) {
  const int shift = to.rank() - s.rank();
  for (int i = 0; i < s.rank(); ++i) {
    if (shift >= 0 && (s[i] == 1 || s[i] == to[i + shift])) continue;
    throw_shape_error(concat(op, ": ", what, " does not broadcast to ", to_name, ": ", what, " ", s, ", ", to_name, " ",
                             to, " (", shift < 0 ? s.rank() : s[i], " vs ", shift < 0 ? to.rank() : to[i + shift],
                             ")"));
  }
}

}  // namespace detail

}  // namespace tensorlab::inline v0::loss
