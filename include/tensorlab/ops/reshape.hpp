#pragma once

#include <utility>

#include <tensorlab/autograd/record.hpp>
#include <tensorlab/backend/concept.hpp>
#include <tensorlab/rule/binary.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// Replaces one -1 in `s` by the extent that makes it hold `size` elements.
inline shape complete_shape(shape s, const shape& from) {
  int open = -1;
  std::int64_t known = 1;
  for (int i = 0; i < s.rank(); ++i) {
    if (s[i] == -1 && open < 0) {
      open = i;
    } else if (s[i] < 0) {
      throw_shape_error(concat("reshape: only one extent may be -1 and none below: ", from, " to ", s));
    } else {
      known *= s[i];
    }
  }
  if (open >= 0 && known > 0) s[open] = from.size() / known;
  if (s.size() != from.size() || (open >= 0 && known == 0))
    throw_shape_error(concat("reshape: sizes differ: from ", from, ", to ", s, " (", from.size(), " vs ", known, ")"));
  return s;
}

/// Finds strides under which the elements of (from, st) read as shape `to` without a copy; false if there are none.
inline bool reshaped_strides(const shape& from, const strides& st, const shape& to, strides& out) {
  out = row_major(to);
  if (from.size() == 0) return true;
  shape s;
  strides t;
  for (int i = 0; i < from.rank(); ++i) {
    if (from[i] == 1) continue;
    s.push_back(from[i]);
    t.push_back(st[i]);
  }
  int i = 0, j = 0;
  while (i < s.rank() && j < to.rank()) {
    if (to[j] == 1) {
      ++j;
      continue;
    }
    int i_end = i + 1, j_end = j + 1;
    std::int64_t have = s[i], want = to[j];
    while (have != want) {
      if (have < want) {
        if (t[i_end - 1] != s[i_end] * t[i_end]) return false;
        have *= s[i_end++];
      } else {
        want *= to[j_end++];
      }
    }
    std::int64_t step = t[i_end - 1];
    for (int k = j_end - 1; k >= j; --k) {
      out[k] = step;
      step *= to[k];
    }
    i = i_end;
    j = j_end;
  }
  return true;
}

}  // namespace detail

/// The elements of `x` in row-major order under another shape: a view where the strides allow, else a copy.
///
/// **Shapes**: `to` holds as many elements as x; one extent may be -1 and is then found. **Throws** shape_error.
template <class T, backend B>
tensor<T, B> reshape(const tensor<T, B>& x, const shape& to) {
  const shape s = detail::complete_shape(to, x.shape());
  if (s == x.shape()) return x;
  strides st;
  const bool viewable = detail::reshaped_strides(x.shape(), x.strides(), s, st);
  const auto y = viewable ? x.array().restride(s, st) : x.array().clone_row_major().restride(s, row_major(s));
  return record(
      "reshape", y, [from = x.shape()](const auto&, const auto& dy) { return reshape(dy, from); }, x);
}

/// Dimensions `first` to `last` (inclusive) made one. **Throws** shape_error for axes outside x or out of order.
template <class T, backend B>
tensor<T, B> flatten(const tensor<T, B>& x, int first = 0, int last = -1) {
  if (x.rank() == 0) return reshape(x, {1});
  const int a = normalize_axis("flatten", first, x.rank()), b = normalize_axis("flatten", last, x.rank());
  if (a > b)
    throw_shape_error(concat("flatten: first axis after the last: shape ", x.shape(), " (", a, " vs ", b, ")"));
  shape s;
  std::int64_t joined = 1;
  for (int i = 0; i < x.rank(); ++i) {
    if (i >= a && i <= b) joined *= x.shape()[i];
    if (i == b) s.push_back(joined);
    if (i < a || i > b) s.push_back(x.shape()[i]);
  }
  return reshape(x, s);
}

/// `x` without dimension `axis`, whose extent must be 1. **Throws** shape_error.
template <class T, backend B>
tensor<T, B> squeeze(const tensor<T, B>& x, int axis) {
  const int a = normalize_axis("squeeze", axis, x.rank());
  if (x.shape()[a] != 1)
    throw_shape_error(concat("squeeze: axis ", a, " of shape ", x.shape(), " is not 1 (", x.shape()[a], " vs 1)"));
  shape s = x.shape();
  s.erase(a);
  return reshape(x, s);
}

/// `x` with a dimension of extent 1 put in at `axis`, in [-rank - 1, rank]. **Throws** shape_error.
template <class T, backend B>
tensor<T, B> unsqueeze(const tensor<T, B>& x, int axis) {
  shape s = x.shape();
  s.insert(normalize_axis("unsqueeze", axis, x.rank() + 1), 1);
  return reshape(x, s);
}

/// A view whose dimension i is dimension `axes[i]` of `x`. **Throws** shape_error unless `axes` names each axis once.
template <class T, backend B>
tensor<T, B> permute(const tensor<T, B>& x, const dims& axes) {
  if (axes.rank() != x.rank())
    throw_shape_error(
        concat("permute: axes ", axes, " for shape ", x.shape(), " (", axes.rank(), " vs ", x.rank(), ")"));
  const dims order = normalize_axes("permute", axes, x.rank());
  shape s = x.shape();
  strides st = x.strides();
  dims back = order;
  for (int i = 0; i < x.rank(); ++i) {
    const int from = static_cast<int>(order[i]);
    s[i] = x.shape()[from];
    st[i] = x.strides()[from];
    back[from] = i;
  }
  return record(
      "permute", x.array().restride(s, st), [back](const auto&, const auto& dy) { return permute(dy, back); }, x);
}

/// A view with dimensions `a` and `b` exchanged; the last two by default. **Throws** shape_error.
template <class T, backend B>
tensor<T, B> transpose(const tensor<T, B>& x, int a = -2, int b = -1) {
  dims axes;
  for (int i = 0; i < x.rank(); ++i) axes.push_back(i);
  std::swap(axes[normalize_axis("transpose", a, x.rank())], axes[normalize_axis("transpose", b, x.rank())]);
  return permute(x, axes);
}

/// `x` itself if its elements lie in row-major order without gaps, else a copy that does.
template <class T, backend B>
tensor<T, B> contiguous(const tensor<T, B>& x) {
  if (x.is_contiguous()) return x;
  return record(
      "contiguous", x.array().clone_row_major(), [](const auto&, const auto& dy) { return dy; }, x);
}

}  // namespace tensorlab::inline v0
