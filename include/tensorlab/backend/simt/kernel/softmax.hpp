#pragma once

#include <limits>

#include <tensorlab/backend/simt/kernel/fold.hpp>
#include <tensorlab/core/math.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// The largest of a line's elements; operand 1 is x.
template <class T>
struct line_maximum {
  using state = T;
  const T* x;
  TL_HD state identity() const { return -std::numeric_limits<T>::infinity(); }
  TL_HD state step(const state& s, const std::int64_t* at) const { return math::maximum(s, x[at[1]]); }
  TL_HD state combine(const state& a, const state& b) const { return math::maximum(a, b); }
};

/// The sum of e^(x - top) over a line; operand 1 is x.
template <class T>
struct line_exponentials {
  using state = T;
  const T* x;
  T top;
  TL_HD state identity() const { return T(0); }
  TL_HD state step(const state& s, const std::int64_t* at) const { return s + math::exp(T(x[at[1]] - top)); }
  TL_HD state combine(const state& a, const state& b) const { return a + b; }
};

/// The sum of dy y, or of dy, over a line; operands 1 and 2 are y and dy.
template <class T>
struct line_gradient {
  using state = T;
  const T* y;
  const T* dy;
  bool log;
  TL_HD state identity() const { return T(0); }
  TL_HD state step(const state& s, const std::int64_t* at) const {
    return s + (log ? dy[at[2]] : dy[at[2]] * y[at[1]]);
  }
  TL_HD state combine(const state& a, const state& b) const { return a + b; }
};

/// Visits this lane's share of the lines: `begin(active, at)` by all lanes together, then `each(offsets)` per element.
template <int Operands, class G, class Begin, class Each>
TL_HD void for_each_line_of_group(G& g, const slices<Operands>& over, int columns, Begin begin, Each each) {
  const std::int64_t tiles = (over.kept.count + columns - 1) / columns;
  for (std::int64_t tile = g.index(); tile < tiles; tile += g.count()) {
    const std::int64_t line = tile * columns + g.rank() % columns;
    const bool active = line < over.kept.count;
    std::int64_t at[Operands] = {};
    if (active) over.kept.offsets(line, at);
    begin(active, at);
    if (!active) continue;
    for (std::int64_t j = g.rank() / columns; j < over.inner.count; j += g.size() / columns) {
      std::int64_t here[Operands];
      for (int k = 0; k < Operands; ++k) here[k] = at[k];
      over.inner.offsets(j, here);
      each(here);
    }
  }
}

/// y = e^(x - top) / sum or its logarithm along a line; operands y, x.
template <class T>
struct softmax_body {
  slices<2> over;
  int columns;
  bool log;
  T* y;
  const T* x;

  template <class G>
  TL_HD void operator()(G& g) const {
    T top = T(0), scale = T(0);
    for_each_line_of_group(
        g, over, columns,
        [&](bool active, const std::int64_t* at) {
          const std::int64_t end = active ? over.inner.count : 0;
          top = fold_slice(g, line_maximum<T>{x}, over.inner, at, 0, end, columns);
          const T sum = fold_slice(g, line_exponentials<T>{x, top}, over.inner, at, 0, end, columns);
          scale = log ? math::log(sum) : T(1) / sum;
        },
        [&](const std::int64_t* at) {
          const T z = x[at[1]] - top;
          y[at[0]] = log ? z - scale : math::exp(z) * scale;
        });
  }
};

/// dx = y (dy - sum(dy y)), or dy - e^y sum(dy) for the logarithm; operands dx, y, dy.
template <class T>
struct softmax_backward_body {
  slices<3> over;
  int columns;
  bool log;
  T* dx;
  const T* y;
  const T* dy;

  template <class G>
  TL_HD void operator()(G& g) const {
    T sum = T(0);
    for_each_line_of_group(
        g, over, columns,
        [&](bool active, const std::int64_t* at) {
          const std::int64_t end = active ? over.inner.count : 0;
          sum = fold_slice(g, line_gradient<T>{y, dy, log}, over.inner, at, 0, end, columns);
        },
        [&](const std::int64_t* at) {
          const T v = y[at[1]], d = dy[at[2]];
          dx[at[0]] = log ? d - math::exp(v) * sum : v * (d - sum);
        });
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
