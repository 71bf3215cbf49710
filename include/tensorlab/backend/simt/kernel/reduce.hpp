#pragma once

#include <tensorlab/backend/simt/kernel/fold.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// y = rule over x's slice; operands x, y.
template <class R, class T>
struct reduce_fold {
  using state = T;
  static constexpr int operands = 2;
  R rule;
  const T* x;
  T* y;

  TL_HD state identity() const { return rule.template init<T>(); }
  TL_HD state step(const state& s, const std::int64_t* at) const {
    return static_cast<T>(rule.combine(s, static_cast<T>(rule.load(x[at[0]]))));
  }
  TL_HD state combine(const state& a, const state& b) const { return static_cast<T>(rule.combine(a, b)); }
  TL_HD void finish(const std::int64_t* at, const state& s) const { y[at[1]] = s; }
};

/// y = position of the first best element of x's slice; operands x, y. Positions are distances over the slice's stride.
template <class R, class T>
struct arg_reduce_fold {
  struct state {
    T value;
    std::int64_t position;
  };
  static constexpr int operands = 3;
  R rule;
  const T* x;
  std::int64_t* y;

  TL_HD state identity() const { return {T(0), -1}; }
  TL_HD state step(const state& s, const std::int64_t* at) const { return combine(s, {x[at[0]], at[2]}); }
  TL_HD state combine(const state& a, const state& b) const {
    if (a.position < 0) return b;
    if (b.position < 0) return a;
    if (rule.better(b.value, a.value)) return b;
    if (rule.better(a.value, b.value)) return a;
    return a.position < b.position ? a : b;
  }
  TL_HD void finish(const std::int64_t* at, const state& s) const { y[at[1]] = s.position; }
};

/// Running combination along a line: a lane per line, or a group per line where there are few.
template <class R, class T>
struct cumulate_body {
  R rule;
  nest<2> lines;
  std::int64_t length, x_step, y_step;
  bool shared;
  const T* x;
  T* y;

  template <class G>
  TL_HD void operator()(G& g) const {
    if (shared) {
      for (std::int64_t line = g.index(); line < lines.count; line += g.count()) by_group(g, line);
      return;
    }
    for_each_element(g, lines, [&](const std::int64_t* at) {
      T sum = rule.template init<T>();
      for (std::int64_t j = 0; j < length; ++j) {
        sum = static_cast<T>(rule.combine(sum, static_cast<T>(rule.load(x[at[0] + j * x_step]))));
        y[at[1] + j * y_step] = sum;
      }
    });
  }

 private:
  template <class G>
  TL_HD void by_group(G& g, std::int64_t line) const {
    const auto combine = [this](const T& a, const T& b) { return static_cast<T>(rule.combine(a, b)); };
    std::int64_t at[2] = {};
    lines.offsets(line, at);
    T before = rule.template init<T>();
    for (std::int64_t first = 0; first < length; first += g.size()) {
      const std::int64_t j = first + g.rank();
      T value = rule.template init<T>(), total;
      if (j < length) value = static_cast<T>(rule.load(x[at[0] + j * x_step]));
      value = group_scan(g, value, total, combine);
      if (j < length) y[at[1] + j * y_step] = combine(before, value);
      before = combine(before, total);
    }
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
