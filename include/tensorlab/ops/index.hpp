#pragma once

#include <array>
#include <utility>
#include <vector>

#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/cast.hpp>
#include <tensorlab/ops/shape.hpp>

namespace tensorlab::inline v0 {

namespace detail {

/// Calls `f(x)` for each of some numbers in host memory, in row-major order.
template <class F>
void for_each_number(const view<const std::int64_t>& v, const F& f) {
  const std::int64_t count = v.size();
  if (v.is_row_major()) {
    for (std::int64_t i = 0; i < count; ++i) f(v.data[i]);
  } else {
    for (std::int64_t i = 0; i < count; ++i) f(v.at(i));
  }
}

/// The smallest and the largest of some numbers in host memory and 0.
inline std::pair<std::int64_t, std::int64_t> host_range(const view<const std::int64_t>& v) {
  std::int64_t low = 0, high = 0;
  for_each_number(v, [&](std::int64_t x) {
    if (x < low) low = x;
    if (x > high) high = x;
  });
  return {low, high};
}

/// The smallest and the largest of some numbers on a device, at least one, which is waited for.
template <class B>
std::pair<std::int64_t, std::int64_t> device_range(const view<const std::int64_t>& v, int device) {
  const auto both = array<std::int64_t, B>::empty({2}, device);
  const strides none = dims::filled(v.rank(), 0);
  B::reduce(rule::min{}, view<std::int64_t>{both.data(), v.shape, none}, v);
  B::reduce(rule::max{}, view<std::int64_t>{both.data() + 1, v.shape, none}, v);
  std::int64_t values[2] = {};
  both.copy_to(values);
  return {values[0], values[1]};
}

[[noreturn]] inline void throw_index_error(const char* op, std::int64_t value, const char* of, const shape& s,
                                           int axis) {
  throw_shape_error(
      concat(op, ": index out of range: ", of, " ", s, ", axis ", axis, " (", value, " vs ", s[axis], ")"));
}

inline void require_range(const char* op, std::int64_t low, std::int64_t high, const char* of, const shape& s,
                          int axis) {
  if (low < 0) throw_index_error(op, low, of, s, axis);
  if (high >= s[axis]) throw_index_error(op, high, of, s, axis);
}

/// **Throws** shape_error unless all indices are positions along `axis` of the shape `s`.
template <class B>
void require_indices(const char* op, const array<std::int64_t, B>& index, const char* of, const shape& s, int axis) {
  if (index.size() == 0) return;
  perform([=, index = index.cview(), device = index.device()] {
    if constexpr (B::host_accessible) {
      const auto [low, high] = host_range(index);
      require_range(op, low, high, of, s, axis);
    } else {
      const auto [low, high] = device_range<B>(index, device);
      require_range(op, low, high, of, s, axis);
    }
  });
}

inline void require_index_shape(const char* op, const char* of, const shape& x, const shape& index, int axis) {
  bool fits = x.rank() == index.rank();
  for (int i = 0; fits && i < x.rank(); ++i) fits = i == axis || x[i] == index[i];
  if (!fits) throw_shape_error(concat(op, ": shapes differ beside axis ", axis, ": ", of, " ", x, ", index ", index));
}

template <class T, class B>
tensor<T, B> scatter_unchecked(const tensor<T, B>& x, const tensor<std::int64_t, B>& index, const tensor<T, B>& src,
                               int axis);

/// gather of indices that were checked before.
template <class T, class B>
tensor<T, B> gather_unchecked(const char* name, const tensor<T, B>& x, const tensor<std::int64_t, B>& index, int axis) {
  auto y = array<T, B>::empty(index.shape(), x.device());
  B::gather(y.view(), x.array().cview(), index.array().cview(), axis);
  return record(
      name, y,
      [index = save_for_backward(index), axis, from = x.shape()](const auto& c, const auto& dy) {
        return scatter_unchecked(tensor<T, B>::zeros(from, dy.device()), c.get(index), dy, axis);
      },
      x);
}

template <class T, class B>
tensor<T, B> scatter_unchecked(const tensor<T, B>& x, const tensor<std::int64_t, B>& index, const tensor<T, B>& src,
                               int axis) {
  auto y = x.array().clone();
  B::scatter_add(y.view(), src.array().cview(), index.array().cview(), axis);
  return record(
      "scatter_add", y,
      [index = save_for_backward(index), axis](const auto& c, const auto& dy) {
        std::array<tensor<T, B>, 2> g;
        if (c.needs(0)) g[0] = dy;
        if (c.needs(1)) g[1] = gather_unchecked("gather", dy, c.get(index), axis);
        return g;
      },
      x, src);
}

}  // namespace detail

/// y[.., j, ..] = x[.., index[.., j, ..], ..]: along `axis` each element of the result names the one of x it is.
///
/// **Shapes**: index as x except along `axis`; result as index. **Throws** shape_error for other shapes and for an
/// index outside [0, extent of axis).
template <class T, backend B>
tensor<T, B> gather(const tensor<T, B>& x, const tensor<std::int64_t, B>& index, int axis) {
  const int a = normalize_axis("gather", axis, x.rank());
  require_same_device("gather", x, index);
  detail::require_index_shape("gather", "x", x.shape(), index.shape(), a);
  detail::require_indices("gather", index.array(), "x", x.shape(), a);
  return detail::gather_unchecked("gather", x, index, a);
}

/// `x` with `src` added: y[.., index[.., j, ..], ..] += src[.., j, ..]. The adjoint of gather.
///
/// **Shapes**: index and src alike, and as x except along `axis`. **Throws** shape_error for other shapes and for an
/// index outside [0, extent of axis).
template <class T, backend B>
tensor<T, B> scatter_add(const tensor<T, B>& x, const tensor<std::int64_t, B>& index, const tensor<T, B>& src,
                         int axis) {
  const int a = normalize_axis("scatter_add", axis, x.rank());
  require_same_device("scatter_add", x, index, src);
  detail::require_index_shape("scatter_add", "x", x.shape(), index.shape(), a);
  if (src.shape() != index.shape())
    throw_shape_error(concat("scatter_add: shapes differ: src ", src.shape(), ", index ", index.shape()));
  detail::require_indices("scatter_add", index.array(), "x", x.shape(), a);
  return detail::scatter_unchecked(x, index, src, a);
}

namespace detail {

template <class T, class B>
tensor<T, B> take(const char* name, const char* of, const tensor<T, B>& x, const tensor<std::int64_t, B>& index,
                  int axis) {
  require_same_device(name, x, index);
  require_indices(name, index.array(), of, x.shape(), axis);
  shape line = dims::filled(x.rank(), 1), s = x.shape();
  line[axis] = s[axis] = index.size();
  return gather_unchecked(name, x, expand(reshape(index, line), s), axis);
}

}  // namespace detail

/// The elements of `x` at the given positions along `axis`, in their order.
///
/// **Shapes**: index [n]; in the result the extent of `axis` is n. **Throws** shape_error for an index of another rank
/// or outside [0, extent of axis).
template <class T, backend B>
tensor<T, B> index_select(const tensor<T, B>& x, const tensor<std::int64_t, B>& index, int axis) {
  if (index.rank() != 1) throw_shape_error(concat("index_select: index must have rank 1: index ", index.shape()));
  return detail::take("index_select", "x", x, index, normalize_axis("index_select", axis, x.rank()));
}

/// The rows of `weight` that `ids` name.
///
/// **Shapes**: weight [V, D], ids [..]; result [.., D]. **Throws** shape_error for a weight of another rank and an id
/// outside [0, V).
template <class T, backend B>
tensor<T, B> embedding(const tensor<T, B>& weight, const tensor<std::int64_t, B>& ids) {
  if (weight.rank() != 2) throw_shape_error(concat("embedding: weight must have rank 2: weight ", weight.shape()));
  shape s = ids.shape();
  s.push_back(weight.shape()[1]);
  return reshape(detail::take("embedding", "weight", weight, ids, 0), s);
}

/// 1 at the position that each id names, else 0.
///
/// **Shapes**: ids [..]; result [.., classes]. **Throws** shape_error for an id outside [0, classes).
template <class T = float, backend B>
tensor<T, B> one_hot(const tensor<std::int64_t, B>& ids, std::int64_t classes) {
  detail::require_indices("one_hot", ids.array(), "classes", shape{classes}, 0);
  const auto positions = tensor<std::int64_t, B>::arange(classes, 0, 1, ids.device());
  return cast<T>(equal(unsqueeze(ids, -1), positions));
}

/// The elements of `x` where `mask` is true, in row-major order. Their number is found on the host.
///
/// **Shapes**: mask broadcasts to x; result [n]. **Throws** shape_error.
template <class T, backend B>
tensor<T, B> masked_select(const tensor<T, B>& x, const tensor<bool, B>& mask) {
  require_same_device("masked_select", x, mask);
  if (broadcast_shapes("masked_select", x.shape(), mask.shape()) != x.shape())
    throw_shape_error(concat("masked_select: mask does not broadcast to x: x ", x.shape(), ", mask ", mask.shape()));
  const auto wide = expand(mask, x.shape());
  std::vector<unsigned char> chosen(static_cast<std::size_t>(x.size()));
  cast<std::uint8_t>(wide).array().copy_to(chosen.data());
  std::vector<std::int64_t> at;
  for (std::size_t i = 0; i < chosen.size(); ++i)
    if (chosen[i]) at.push_back(static_cast<std::int64_t>(i));
  const auto n = static_cast<std::int64_t>(at.size());
  const auto index = tensor<std::int64_t, B>::from(std::span<const std::int64_t>(at), {n}, x.device());
  return detail::gather_unchecked("masked_select", flatten(x), index, 0);
}

}  // namespace tensorlab::inline v0
