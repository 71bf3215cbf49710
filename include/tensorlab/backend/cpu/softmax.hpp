#pragma once

#include <cmath>

#include <tensorlab/backend/cpu/elementwise.hpp>
#include <tensorlab/backend/cpu/lines.hpp>

namespace tensorlab::inline v0::detail {

/// One line in packs along the axis, or as many lines as a pack has lanes, side by side.
///
/// The same passes serve both; they differ in where a pack's elements lie and in whether its lanes belong to one sum.
/// Packs run along an axis only where neighbours lie in neighbouring places in every operand.
template <class T, bool Along>
struct softmax_lines {
  static constexpr int width = pack<T>::size;
  static constexpr std::int64_t terms_in_t = 64;  // added up in T before they go to double

  const line_axis& axis;
  std::int64_t steps[3] = {};  // of the lines
  char* data[3] = {};
  int lines = 1;  // side by side

  template <class F>
  void for_each(const F& f) const {
    if constexpr (Along) {
      std::int64_t j = 0;
      for (; j + width <= axis.length; j += width) f(j, width);
      if (j < axis.length) f(j, static_cast<int>(axis.length - j));
    } else {
      for (std::int64_t j = 0; j < axis.length; ++j) f(j, lines);
    }
  }
  pack<T> load(int operand, std::int64_t j, int count) const {
    if constexpr (Along)
      if (count == width) return pack<T>::load(reinterpret_cast<const T*>(data[operand]) + j);
    return load_some<T>(data[operand] + j * axis.step[operand], Along ? axis.step[operand] : steps[operand], count);
  }
  void store(const pack<T>& v, std::int64_t j, int count) const {
    if constexpr (Along)
      if (count == width) return v.store(reinterpret_cast<T*>(data[0]) + j);
    store_some<T>(v, data[0] + j * axis.step[0], Along ? axis.step[0] : steps[0], count);
  }

  /// The largest number, or any where there is a NaN: the sum is NaN then.
  pack<T> maximum(int operand) const {
    const pack<T> first =
        load(operand, 0, Along ? static_cast<int>((std::min)(std::int64_t{width}, axis.length)) : lines);
    pack<T> tops[4] = {first, first, first, first};  // four chains, for each step waits for the one before it
    for_each([&](std::int64_t j, int count) {
      const pack<T> next = larger(tops[0], load(operand, j, count));
      tops[0] = tops[1];
      tops[1] = tops[2];
      tops[2] = tops[3];
      tops[3] = next;
    });
    const pack<T> top = larger(larger(tops[0], tops[1]), larger(tops[2], tops[3]));
    if constexpr (!Along) return top;
    return pack<T>(fold_lanes(top, [](const pack<T>& x, const pack<T>& y) { return larger(x, y); }));
  }

  /// The sum of f(j, count) over the axis, in every lane it belongs to.
  template <class F>
  pack<T> sum(const F& f) const {
    const std::int64_t step = Along ? width : 1, whole = axis.length / step * step;
    double total[width] = {};
    T lanes[width];
    for (std::int64_t j = 0; j < whole;) {
      const std::int64_t end = (std::min)(whole, j + terms_in_t * step);
      pack<T> part(0);
      for (; j < end; j += step) part = part + f(j, Along ? width : lines);
      if constexpr (Along) {
        const T folded = fold_lanes(part, [](const pack<T>& u, const pack<T>& v) { return u + v; });
        total[0] += static_cast<double>(folded);
      } else {
        part.store(lanes);
        for (int i = 0; i < width; ++i) total[i] += static_cast<double>(lanes[i]);
      }
    }
    if constexpr (Along) {
      const int rest = static_cast<int>(axis.length - whole);
      if (rest > 0) f(whole, rest).store(lanes);
      for (int i = 0; i < rest; ++i) total[0] += static_cast<double>(lanes[i]);
      return pack<T>(total[0]);
    }
    for (int i = 0; i < width; ++i) lanes[i] = static_cast<T>(total[i]);
    return pack<T>::load(lanes);
  }

  /// Operands y, x: y = e^(x - max) / sum, or x - max - ln sum.
  void forward() const {
    const pack<T> top = maximum(1);
    if (axis.flag) {
      const pack<T> rest = log(sum([&](std::int64_t j, int count) { return exp(load(1, j, count) - top); }));
      for_each([&](std::int64_t j, int count) { store(load(1, j, count) - top - rest, j, count); });
    } else {
      const pack<T> scale = pack<T>(1) / sum([&](std::int64_t j, int count) {
                              const pack<T> e = exp(load(1, j, count) - top);
                              store(e, j, count);
                              return e;
                            });
      for_each([&](std::int64_t j, int count) { store(load(0, j, count) * scale, j, count); });
    }
  }

  /// Operands dx, y, dy: dx = y (dy - sum y dy), or dy - e^y sum dy.
  void backward() const {
    if (axis.flag) {
      const pack<T> s = sum([&](std::int64_t j, int count) { return load(2, j, count); });
      for_each([&](std::int64_t j, int count) { store(load(2, j, count) - exp(load(1, j, count)) * s, j, count); });
    } else {
      const pack<T> s = sum([&](std::int64_t j, int count) { return load(1, j, count) * load(2, j, count); });
      for_each([&](std::int64_t j, int count) { store(load(1, j, count) * (load(2, j, count) - s), j, count); });
    }
  }
};

template <class T, int Operands>
void softmax_row(const void* erased, char* const* data, const std::int64_t* steps, std::int64_t, std::int64_t n) {
  const auto& axis = *static_cast<const line_axis*>(erased);
  const auto run = [&](auto lines, std::int64_t first) {
    for (int k = 0; k < Operands; ++k) {
      lines.steps[k] = steps[k];
      lines.data[k] = data[k] + first * steps[k];
    }
    if constexpr (Operands == 2)
      lines.forward();
    else
      lines.backward();
  };
  // A line that does not fill a pack shares one with its neighbours.
  bool along = axis.length >= pack<T>::size;
  for (int k = 0; k < Operands; ++k) along = along && axis.step[k] == sizeof(T);
  if (along) {
    for (std::int64_t l = 0; l < n; ++l) run(softmax_lines<T, true>{axis}, l);
  } else {
    constexpr int width = pack<T>::size;
    for (std::int64_t l = 0; l < n; l += width) {
      softmax_lines<T, false> lines{axis};
      lines.lines = static_cast<int>((std::min)(std::int64_t{width}, n - l));
      run(lines, l);
    }
  }
}

struct cpu_softmax {
  template <class T>
  static void softmax(view<T> y, view<const T> x, int axis, bool log) {
    const loop_operand operands[] = {operand(y), operand(x)};
    run_lines(x.shape, axis, operands, 2, nullptr, log, &softmax_row<T, 2>);
  }

  template <class T>
  static void softmax_backward(view<T> dx, view<const T> y, view<const T> dy, int axis, bool log) {
    const loop_operand operands[] = {operand(dx), operand(y), operand(dy)};
    run_lines(y.shape, axis, operands, 3, nullptr, log, &softmax_row<T, 3>);
  }
};

}  // namespace tensorlab::inline v0::detail
