#pragma once

#include <tensorlab/autograd/broadcast.hpp>
#include <tensorlab/ops/cat.hpp>

namespace tensorlab::inline v0 {

/// `x` with the order of its elements reversed along `axes`. **Throws** shape_error.
template <class T, backend B>
tensor<T, B> flip(const tensor<T, B>& x, const dims& axes) {
  auto from = x.array();
  for (std::int64_t axis : axes) {
    const int a = normalize_axis("flip", axis, x.rank());
    strides st = from.strides();
    const std::int64_t last = from.size() == 0 ? 0 : (from.dim(a) - 1) * st[a];
    st[a] = -st[a];
    from = from.restride(from.shape(), st, last);
  }
  auto y = array<T, B>::empty_like(x.array());
  B::map(rule::copy{}, y.view(), from.cview());
  return record(
      "flip", y, [axes](const auto&, const auto& dy) { return flip(dy, axes); }, x);
}

/// `x` moved on by `shifts[i]` elements along `axes[i]`; what leaves at the end comes in at the beginning.
///
/// **Throws** shape_error for an axis outside x or another number of shifts than axes.
template <class T, backend B>
tensor<T, B> roll(const tensor<T, B>& x, const dims& shifts, const dims& axes) {
  if (shifts.rank() != axes.rank())
    throw_shape_error(concat("roll: shifts ", shifts, ", axes ", axes, " (", shifts.rank(), " vs ", axes.rank(), ")"));
  tensor<T, B> y = x;
  for (int i = 0; i < axes.rank(); ++i) {
    const int a = normalize_axis("roll", axes[i], x.rank());
    const std::int64_t n = x.shape()[a];
    if (n == 0) continue;
    const std::int64_t cut = ((-shifts[i]) % n + n) % n;
    if (cut != 0) y = cat({slice(y, a, cut), slice(y, a, 0, cut)}, a);
  }
  return y;
}

/// `x` repeated `repeats[i]` times along dimension i. **Throws** shape_error unless there is one number per dimension.
template <class T, backend B>
tensor<T, B> tile(const tensor<T, B>& x, const dims& repeats) {
  if (repeats.rank() != x.rank())
    throw_shape_error(
        concat("tile: repeats ", repeats, " for shape ", x.shape(), " (", repeats.rank(), " vs ", x.rank(), ")"));
  tensor<T, B> y = x;
  for (int i = 0; i < x.rank(); ++i) {
    if (repeats[i] < 0) throw_shape_error(concat("tile: negative repeat in ", repeats));
    if (repeats[i] == 1) continue;
    const shape before = y.shape();
    shape wide = before, joined = before;
    wide.insert(i, repeats[i]);
    joined[i] *= repeats[i];
    y = reshape(expand(unsqueeze(y, i), wide), joined);
  }
  return y;
}

}  // namespace tensorlab::inline v0
