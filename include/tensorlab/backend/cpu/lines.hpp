#pragma once

#include <bit>
#include <vector>

#include <tensorlab/backend/cpu/plan.hpp>

/// Primitives along one axis: a plan over the other dimensions hands out rows of lines.
namespace tensorlab::inline v0::detail {

/// The axis of a line primitive: its length, the operands' steps along it in bytes, and the rule with its flags.
struct line_axis {
  const void* rule;
  std::int64_t length;
  std::int64_t step[loop_plan::max_operands];
  bool flag;
};

/// Runs `row` over rows of lines of `s` along `axis`; its first argument is a `line_axis`.
inline void run_lines(const shape& s, int axis, const loop_operand* operand, int count, const void* rule, bool flag,
                      row_function row) {
  if (s[axis] == 0) return;
  line_axis a{rule, s[axis], {}, flag};
  for (int k = 0; k < count; ++k) a.step[k] = (*operand[k].steps)[axis] * operand[k].element;
  shape lines = s;
  lines[axis] = 1;
  run_plan(loop_plan(lines, operand, count), &a, row, s[axis]);
}

template <class R, class T>
void arg_reduce_row(const void* axis, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t n) {
  const auto& a = *static_cast<const line_axis*>(axis);
  const R& rule = *static_cast<const R*>(a.rule);
  constexpr std::int64_t tile = 64;
  for (std::int64_t first = 0; first < n; first += tile) {
    const std::int64_t lines = (std::min)(tile, n - first);
    const char* const x = data[1] + first * steps[1];
    T best[tile];
    std::int64_t position[tile];
    for (std::int64_t l = 0; l < lines; ++l) {
      best[l] = *reinterpret_cast<const T*>(x + l * steps[1]);
      position[l] = 0;
    }
    const auto visit = [&](std::int64_t l, std::int64_t j) {
      const T v = *reinterpret_cast<const T*>(x + l * steps[1] + j * a.step[1]);
      if (rule.better(v, best[l])) {
        best[l] = v;
        position[l] = j;
      }
    };
    if (std::abs(steps[1]) < std::abs(a.step[1])) {
      for (std::int64_t j = 1; j < a.length; ++j)
        for (std::int64_t l = 0; l < lines; ++l) visit(l, j);
    } else {
      for (std::int64_t l = 0; l < lines; ++l)
        for (std::int64_t j = 1; j < a.length; ++j) visit(l, j);
    }
    for (std::int64_t l = 0; l < lines; ++l)
      *reinterpret_cast<std::int64_t*>(data[0] + (first + l) * steps[0]) = position[l];
  }
}

template <class R, class T>
void cumulate_row(const void* axis, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t n) {
  const auto& a = *static_cast<const line_axis*>(axis);
  const R& rule = *static_cast<const R*>(a.rule);
  constexpr std::int64_t tile = 64;
  for (std::int64_t first = 0; first < n; first += tile) {
    const std::int64_t lines = (std::min)(tile, n - first);
    T sum[tile];
    for (std::int64_t l = 0; l < lines; ++l) sum[l] = rule.template init<T>();
    for (std::int64_t j = 0; j < a.length; ++j) {
      const std::int64_t at = a.flag ? a.length - 1 - j : j;
      char* const y = data[0] + first * steps[0] + at * a.step[0];
      const char* const x = data[1] + first * steps[1] + at * a.step[1];
      for (std::int64_t l = 0; l < lines; ++l) {
        sum[l] = rule.combine(sum[l], rule.load(*reinterpret_cast<const T*>(x + l * steps[1])));
        *reinterpret_cast<T*>(y + l * steps[0]) = sum[l];
      }
    }
  }
}

/// An element's place in ascending order as an unsigned number; NaN comes last, zeros of either sign are equal.
template <class T>
std::uint64_t sort_key(T v) {
  if constexpr (std::is_floating_point_v<T>) {
    if (v != v) return ~std::uint64_t{0};
    const double d = v == 0 ? 0.0 : static_cast<double>(v);
    const auto bits = std::bit_cast<std::uint64_t>(d);
    return bits >> 63 ? ~bits : bits | std::uint64_t{1} << 63;
  } else {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(v)) ^ std::uint64_t{1} << 63;
  }
}

struct keyed_position {
  std::uint64_t key;
  std::int64_t position;
};

/// Stable merge sort by key from short runs sorted by insertion; `spare` is as long as `items`.
inline void sort_by_key(std::vector<keyed_position>& items, std::vector<keyed_position>& spare) {
  constexpr std::size_t run = 16;
  const std::size_t n = items.size();
  for (std::size_t begin = 0; begin < n; begin += run)
    for (std::size_t i = begin + 1; i < (std::min)(n, begin + run); ++i) {
      const keyed_position v = items[i];
      std::size_t j = i;
      for (; j > begin && v.key < items[j - 1].key; --j) items[j] = items[j - 1];
      items[j] = v;
    }
  for (std::size_t length = run; length < n; length *= 2) {
    for (std::size_t begin = 0; begin < n; begin += 2 * length) {
      const std::size_t middle = (std::min)(n, begin + length), end = (std::min)(n, begin + 2 * length);
      std::size_t i = begin, j = middle;
      for (std::size_t k = begin; k < end; ++k)
        spare[k] = j == end || (i < middle && items[i].key <= items[j].key) ? items[i++] : items[j++];
    }
    items.swap(spare);
  }
}

template <class T>
void sort_row(const void* axis, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t n) {
  const auto& a = *static_cast<const line_axis*>(axis);
  std::vector<keyed_position> items(static_cast<std::size_t>(a.length)), spare(items.size());
  std::vector<T> values(items.size());
  for (std::int64_t l = 0; l < n; ++l) {
    for (std::int64_t j = 0; j < a.length; ++j) {
      const T v = *reinterpret_cast<const T*>(data[2] + l * steps[2] + j * a.step[2]);
      const std::uint64_t key = sort_key(v);
      values[static_cast<std::size_t>(j)] = v;
      items[static_cast<std::size_t>(j)] = {a.flag ? ~key : key, j};
    }
    sort_by_key(items, spare);
    for (std::int64_t j = 0; j < a.length; ++j) {
      const std::int64_t from = items[static_cast<std::size_t>(j)].position;
      *reinterpret_cast<T*>(data[0] + l * steps[0] + j * a.step[0]) = values[static_cast<std::size_t>(from)];
      *reinterpret_cast<std::int64_t*>(data[1] + l * steps[1] + j * a.step[1]) = from;
    }
  }
}

struct cpu_lines {
  template <class R, class T>
  static void arg_reduce(const R& rule, view<std::int64_t> y, view<const T> x, int axis) {
    const loop_operand operands[] = {operand(y), operand(x)};
    run_lines(x.shape, axis, operands, 2, &rule, false, &arg_reduce_row<R, T>);
  }

  template <class R, class T>
  static void cumulate(const R& rule, view<T> y, view<const T> x, int axis, bool reverse) {
    const loop_operand operands[] = {operand(y), operand(x)};
    run_lines(x.shape, axis, operands, 2, &rule, reverse, &cumulate_row<R, T>);
  }

  template <class T>
  static void sort(view<T> values, view<std::int64_t> positions, view<const T> x, int axis, bool descending) {
    const loop_operand operands[] = {operand(values), operand(positions), operand(x)};
    run_lines(x.shape, axis, operands, 3, nullptr, descending, &sort_row<T>);
  }
};

}  // namespace tensorlab::inline v0::detail
