#pragma once

#include <cstdint>
#include <type_traits>

#include <tensorlab/core/shape.hpp>

namespace tensorlab::inline v0 {

/// Where an array's elements lie: what a backend's primitives take. Owns nothing, fits a kernel's arguments.
///
/// A dimension with stride 0 repeats its elements; as an output it marks a dimension that is reduced.
template <class T>
struct view {
  T* data = nullptr;
  dims shape;
  dims strides;

  TL_HD std::int64_t size() const { return shape.size(); }
  TL_HD int rank() const { return shape.rank(); }

  /// Distance from `data` of the element with row-major number `index`.
  TL_HD std::int64_t offset(std::int64_t index) const {
    std::int64_t at = 0;
    for (int i = shape.rank() - 1; i >= 0; --i) {
      at += index % shape[i] * strides[i];
      index /= shape[i];
    }
    return at;
  }
  TL_HD T& at(std::int64_t index) const { return data[offset(index)]; }

  bool is_row_major() const { return v0::is_row_major(shape, strides); }

  operator view<const T>() const requires(!std::is_const_v<T>) { return {data, shape, strides}; }
};

/// `v` read as the larger shape `to`, by NumPy's broadcasting rules.
template <class T>
view<T> broadcast_view(const view<T>& v, const shape& to) {
  return {v.data, to, broadcast_strides(v.shape, v.strides, to)};
}

/// `v` with stride 0 along `axes` and the extents of `of`: the output of a reduction of `of` over those axes.
template <class T>
view<T> reduction_view(const view<T>& kept, const shape& of, const dims& axes) {
  view<T> v{kept.data, of, kept.strides};
  for (std::int64_t a : axes) v.strides[static_cast<int>(a)] = 0;
  return v;
}

}  // namespace tensorlab::inline v0
