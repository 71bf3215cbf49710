#pragma once

#include <cstdint>
#include <utility>

#include <tensorlab/core/dims.hpp>

namespace tensorlab::inline v0 {

/// Row-major strides of a dense array of shape `s`.
constexpr strides row_major(const shape& s) {
  strides st = dims::filled(s.rank(), 1);
  for (int i = s.rank() - 2; i >= 0; --i) st[i] = st[i + 1] * (s[i + 1] > 0 ? s[i + 1] : 1);
  return st;
}

/// True when the strides walk the shape in row-major order without gaps; extents of 1 do not matter.
constexpr bool is_row_major(const shape& s, const strides& st) {
  std::int64_t expected = 1;
  for (int i = s.rank() - 1; i >= 0; --i) {
    if (s[i] == 0) return true;
    if (s[i] != 1 && st[i] != expected) return false;
    expected *= s[i];
  }
  return true;
}

/// Strides of a dense array of shape `s` whose dimensions lie in memory in the order that `like` gives them
/// (its largest stride outermost). Keeps channels-last arrays channels-last.
///
/// `like` may hold broadcast (zero) strides; such dimensions keep their row-major place.
constexpr strides dense_like(const shape& s, const strides& like) {
  int order[dims::max_rank] = {};
  const int r = s.rank();
  for (int i = 0; i < r; ++i) order[i] = i;
  for (int i = 1; i < r; ++i) {
    for (int j = i; j > 0; --j) {
      const std::int64_t outer = like[order[j - 1]], inner = like[order[j]];
      const bool sorted = outer >= inner || outer == 0 || inner == 0 || s[order[j - 1]] == 1 || s[order[j]] == 1;
      if (sorted) break;
      std::swap(order[j - 1], order[j]);
    }
  }
  strides st = dims::filled(r, 1);
  std::int64_t step = 1;
  for (int i = r - 1; i >= 0; --i) {
    st[order[i]] = step;
    step *= s[order[i]] > 0 ? s[order[i]] : 1;
  }
  return st;
}

/// Strides of the memory order (N, spatial..., C) for the logical shape (N, C, spatial...).
constexpr strides channels_last(const shape& s) {
  strides like = row_major(s);
  if (s.rank() < 3) return like;
  strides st = dims::filled(s.rank(), 1);
  std::int64_t step = s[1];
  for (int i = s.rank() - 1; i >= 2; --i) {
    st[i] = step;
    step *= s[i];
  }
  st[0] = step;
  return st;
}

/// True when the strides are those of channels_last(); extents of 1 do not matter.
constexpr bool is_channels_last(const shape& s, const strides& st) {
  const strides expected = channels_last(s);
  for (int i = 0; i < s.rank(); ++i)
    if (s[i] > 1 && st[i] != expected[i]) return false;
  return true;
}

/// Maps an axis in [-rank, rank) to [0, rank). **Throws** shape_error that names `op` otherwise.
inline int normalize_axis(const char* op, std::int64_t axis, int rank) {
  const std::int64_t a = axis < 0 ? axis + rank : axis;
  if (a < 0 || a >= rank) throw_shape_error(concat(op, ": axis ", axis, " is outside a tensor of rank ", rank));
  return static_cast<int>(a);
}

/// Normalises a set of axes; an empty set means all of them. **Throws** shape_error for a repeated axis.
inline dims normalize_axes(const char* op, const dims& axes, int rank) {
  dims out;
  if (axes.rank() == 0) {
    for (int i = 0; i < rank; ++i) out.push_back(i);
    return out;
  }
  for (std::int64_t a : axes) {
    const int n = normalize_axis(op, a, rank);
    if (out.contains(n)) throw_shape_error(concat(op, ": axis ", a, " is given twice in ", axes));
    out.push_back(n);
  }
  return out;
}

/// The common shape of two operands under NumPy's broadcasting rules. **Throws** shape_error that names `op`.
inline shape broadcast_shapes(const char* op, const shape& a, const shape& b) {
  if (a == b) return a;
  const int r = a.rank() > b.rank() ? a.rank() : b.rank();
  shape out = dims::filled(r, 1);
  for (int i = 0; i < r; ++i) {
    const int ia = i - (r - a.rank()), ib = i - (r - b.rank());
    const std::int64_t da = ia < 0 ? 1 : a[ia], db = ib < 0 ? 1 : b[ib];
    if (da != db && da != 1 && db != 1) {
      throw_shape_error(concat(op, ": shapes do not broadcast: lhs ", a, ", rhs ", b, " (", da, " vs ", db, ")"));
    }
    out[i] = da == 1 ? db : da;
  }
  return out;
}

/// Strides that read an array of shape `from` as if it had the shape `to`: zero along broadcast dimensions.
inline strides broadcast_strides(const shape& from, const strides& st, const shape& to) {
  strides out = dims::filled(to.rank(), 0);
  const int shift = to.rank() - from.rank();
  for (int i = 0; i < from.rank(); ++i) out[i + shift] = from[i] == 1 ? 0 : st[i];
  return out;
}

/// The shape with the given axes reduced: removed, or kept with extent 1.
inline shape reduced_shape(const shape& s, const dims& axes, bool keep) {
  shape out;
  for (int i = 0; i < s.rank(); ++i) {
    if (!axes.contains(i)) {
      out.push_back(s[i]);
    } else if (keep) {
      out.push_back(1);
    }
  }
  return out;
}

}  // namespace tensorlab::inline v0
