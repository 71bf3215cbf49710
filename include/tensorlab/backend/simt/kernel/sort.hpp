#pragma once

#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/backend/simt/nest.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// Sorts lines by a bitonic network whose merges begin with a mirrored step, so that every exchange puts the smaller
/// element first and a length that is no power of two needs no padding. Equal values keep the order of their positions.
/// (Batcher, "Sorting networks and their applications", 1968.)
///
/// A group sorts a line (`merge` = 0), or all lanes do one step of the network on all lines. Operands values,
/// positions, x.
template <class T>
struct sort_body {
  nest<3> lines;
  std::int64_t length, value_step, position_step, x_step;
  bool descending;
  std::int64_t merge = 0, distance = 0;  // merge = 1: copy x
  T* values;
  std::int64_t* positions;
  const T* x;

  template <class G>
  TL_HD void operator()(G& g) const {
    if (merge == 0) {
      for (std::int64_t line = g.index(); line < lines.count; line += g.count()) sort_line(g, line);
      return;
    }
    const std::int64_t items = merge == 1 ? length : pairs();
    for (std::int64_t i = global_rank(g); i < lines.count * items; i += global_size(g)) {
      std::int64_t at[3] = {};
      lines.offsets(i / items, at);
      if (merge == 1) {
        load(at, i % items);
      } else {
        exchange(at, i % items, merge, distance);
      }
    }
  }

 private:
  TL_HD std::int64_t pairs() const {
    std::int64_t n = 1;
    while (n < length) n *= 2;
    return n / 2;
  }

  template <class G>
  TL_HD void sort_line(G& g, std::int64_t line) const {
    std::int64_t at[3] = {};
    lines.offsets(line, at);
    for (std::int64_t j = g.rank(); j < length; j += g.size()) load(at, j);
    const std::int64_t half_size = pairs();
    for (std::int64_t m = 2; m <= 2 * half_size; m *= 2)
      for (std::int64_t d = m / 2; d > 0; d /= 2) {
        g.barrier();
        for (std::int64_t pair = g.rank(); pair < half_size; pair += g.size()) exchange(at, pair, m, d);
      }
    g.barrier();
  }

  TL_HD void load(const std::int64_t* at, std::int64_t j) const {
    values[at[0] + j * value_step] = x[at[2] + j * x_step];
    positions[at[1] + j * position_step] = j;
  }

  TL_HD bool before(const T& a, const T& b) const {
    const bool a_nan = a != a, b_nan = b != b;
    return descending ? (a_nan && !b_nan) || a > b : (!a_nan && b_nan) || a < b;
  }

  TL_HD void exchange(const std::int64_t* at, std::int64_t pair, std::int64_t m, std::int64_t d) const {
    const std::int64_t low = pair / d * 2 * d + pair % d;
    const std::int64_t high = d == m / 2 ? pair / d * m + m - 1 - pair % d : low + d;
    if (high >= length) return;
    T& a = values[at[0] + low * value_step];
    T& b = values[at[0] + high * value_step];
    std::int64_t& i = positions[at[1] + low * position_step];
    std::int64_t& j = positions[at[1] + high * position_step];
    if (!before(b, a) && (before(a, b) || i < j)) return;
    const T value = a;
    const std::int64_t position = i;
    a = b;
    i = j;
    b = value;
    j = position;
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
