#pragma once

#include <cstring>

#include <tensorlab/backend/cpu/elementwise.hpp>
#include <tensorlab/backend/cpu/lines.hpp>
#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/rule/binary.hpp>

namespace tensorlab::inline v0::detail {

/// Copies elements of `Size` bytes from places that an index gives; where the index stands still, the row is one copy.
template <std::size_t Size>
void gather_row(const void* axis_step, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t n) {
  const std::int64_t along = *static_cast<const std::int64_t*>(axis_step);
  if (steps[2] == 0) {
    const char* const x = data[1] + *reinterpret_cast<const std::int64_t*>(data[2]) * along;
    if (steps[0] == Size && steps[1] == Size) {
      std::memcpy(data[0], x, static_cast<std::size_t>(n) * Size);
    } else {
      for (std::int64_t i = 0; i < n; ++i) std::memcpy(data[0] + i * steps[0], x + i * steps[1], Size);
    }
    return;
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t j = *reinterpret_cast<const std::int64_t*>(data[2] + i * steps[2]);
    std::memcpy(data[0] + i * steps[0], data[1] + i * steps[1] + j * along, Size);
  }
}

/// Adds lines to places that an index gives, in the order of the axis; lines never meet, so threads share none.
template <class T, row_function AddRow>
void scatter_add_row(const void* axis, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t n) {
  const auto& a = *static_cast<const line_axis*>(axis);
  for (std::int64_t j = 0; j < a.length; ++j) {
    const char* const index = data[2] + j * a.step[2];
    char* const x = data[1] + j * a.step[1];
    if (steps[2] == 0) {
      char* const y = data[0] + *reinterpret_cast<const std::int64_t*>(index) * a.step[0];
      char* const operands[] = {y, y, x};
      const std::int64_t row_steps[] = {steps[0], steps[0], steps[1]};
      AddRow(a.rule, operands, row_steps, 0, n);
      continue;
    }
    for (std::int64_t l = 0; l < n; ++l) {
      const std::int64_t to = *reinterpret_cast<const std::int64_t*>(index + l * steps[2]);
      T& y = *reinterpret_cast<T*>(data[0] + l * steps[0] + to * a.step[0]);
      y = static_cast<T>(y + *reinterpret_cast<const T*>(x + l * steps[1]));
    }
  }
}

/// Ascending edges and what counts as below one of them.
template <class T>
struct bin_edges {
  view<const T> edges;
  bool right;
};

template <class T>
void bucketize_row(const void* edges, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t n) {
  const auto& [e, right] = *static_cast<const bin_edges<T>*>(edges);
  for (std::int64_t i = 0; i < n; ++i)
    *reinterpret_cast<std::int64_t*>(data[0] + i * steps[0]) =
        bin_of(*reinterpret_cast<const T*>(data[1] + i * steps[1]), e.data, e.strides[0], e.shape[0], right);
}

struct cpu_indexing {
  template <class T>
  static void gather(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    const std::int64_t along = x.strides[axis] * static_cast<std::int64_t>(sizeof(T));
    x.strides[axis] = 0;
    const loop_operand operands[] = {operand(y), operand(x), operand(index)};
    run_plan(loop_plan(y.shape, operands, 3), &along, &gather_row<sizeof(T)>);
  }

  template <class T>
  static void bucketize(view<std::int64_t> y, view<const T> x, view<const T> edges, bool right) {
    const loop_operand operands[] = {operand(y), operand(x)};
    const bin_edges<T> bins{edges, right};
    run_plan(loop_plan(y.shape, operands, 2), &bins, &bucketize_row<T>);
  }

  template <class T>
  static void scatter_add(view<T> y, view<const T> x, view<const std::int64_t> index, int axis) {
    const loop_operand operands[] = {operand(y), operand(x), operand(index)};
    static constexpr rule::add add;
    run_lines(x.shape, axis, operands, 3, &add, false, &scatter_add_row<T, &map_row<rule::add, T, T, T>>);
  }
};

}  // namespace tensorlab::inline v0::detail
