#pragma once

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/nest.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// y = x at the index: a lane per element; operands y, index, x (without its step along the axis).
template <class T>
struct gather_body {
  nest<3> walk;
  std::int64_t axis_step;
  T* y;
  const std::int64_t* index;
  const T* x;

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(g, walk, [&](const std::int64_t* at) { y[at[0]] = x[at[2] + index[at[1]] * axis_step]; });
  }
};

/// y = the bin of x: a lane per element; operands y, x.
template <class T>
struct bucketize_body {
  nest<2> walk;
  std::int64_t* y;
  const T* x;
  const T* edges;
  std::int64_t step, count;
  bool right;

  template <class G>
  TL_HD void operator()(G& g) const {
    for_each_element(
        g, walk, [&](const std::int64_t* at) { y[at[0]] = v0::detail::bin_of(x[at[1]], edges, step, count, right); });
  }
};

/// y at the index += x, in the order of the line. Either a lane owns a whole line, or each position of it has a lane
/// that walks the index; both add in the same order, so their results are equal. Operands y, index, x; no step along
/// the axis.
template <class T>
struct scatter_add_body {
  nest<3> lines;
  std::int64_t length, positions, y_step, index_step, x_step;
  bool by_position;
  T* y;
  const std::int64_t* index;
  const T* x;

  template <class G>
  TL_HD void operator()(G& g) const {
    if (by_position) {
      const std::int64_t step = global_size(g);
      for (std::int64_t i = global_rank(g); i < lines.count * positions; i += step) {
        const std::int64_t position = i / lines.count;
        std::int64_t at[3] = {};
        lines.offsets(i - position * lines.count, at);
        T sum = y[at[0] + position * y_step];
        for (std::int64_t j = 0; j < length; ++j)
          if (index[at[1] + j * index_step] == position) sum = static_cast<T>(sum + x[at[2] + j * x_step]);
        y[at[0] + position * y_step] = sum;
      }
    } else {
      for_each_element(g, lines, [&](const std::int64_t* at) {
        for (std::int64_t j = 0; j < length; ++j) {
          T& to = y[at[0] + index[at[1] + j * index_step] * y_step];
          to = static_cast<T>(to + x[at[2] + j * x_step]);
        }
      });
    }
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
