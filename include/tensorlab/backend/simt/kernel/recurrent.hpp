#pragma once

#include <type_traits>

#include <tensorlab/backend/geometry.hpp>
#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/core/dtype.hpp>
#include <tensorlab/core/math.hpp>

/// What the walks of recurrent layers share. The rows of a batch are independent, so a group takes a few of them
/// through all steps on its own: lanes meet at the group's barrier alone.
namespace tensorlab::inline v0::simt_kernel {

/// Rows that a group takes at a time: each weight that it reads serves all of them.
inline constexpr int walk_rows = 2;

/// Where a step is valid; everywhere without data.
struct walk_mask {
  const bool* data;
  std::int64_t step, row;
  TL_HD bool operator()(std::int64_t t, std::int64_t n) const { return data == nullptr || data[t * step + n * row]; }
};

/// y[r, c] = sum_k a[r, k] b[k, c], or y += it, for some rows. `rounded`: a's values are rounded to bf16, as b's have
/// been. Extents have 32 bits: groups walk alone through small layers, and a GPU computes addresses of 64 bits in
/// parts.
template <class T>
struct row_product {
  const T* b;
  int b_step, terms, columns;
  bool rounded;

  /// All lanes of the group call it; the sums are visible to the others behind a barrier. Rows lie `y_step` and
  /// `a_step` apart.
  template <class G>
  TL_HD void add_to(G& g, bool accumulate, T* y, int y_step, const T* a, int a_step, int rows) const {
    int width = 1;
    while (width < columns && width < g.size()) width *= 2;
    // Lanes of one column share its terms: narrow layers would leave most of them idle.
    const int parts = g.size() / width, part = g.rank() / width;
    for (int first = 0; first < columns; first += width) {
      const int c = first + g.rank() % width;
      sums s = c < columns ? sums_of(a, a_step, rows, c, part, parts) : sums{};
      s = group_reduce(g, s, width, [](const sums& x, const sums& z) {
        sums both;
        for (int r = 0; r < walk_rows; ++r) both.of[r] = x.of[r] + z.of[r];
        return both;
      });
      if (part > 0 || c >= columns) continue;
      for (int r = 0; r < rows; ++r) {
        T& to = y[r * y_step + c];
        to = accumulate ? to + s.of[r] : s.of[r];
      }
    }
  }

 private:
  struct sums {
    T of[walk_rows];
  };

  TL_HD sums sums_of(const T* a, int a_step, int rows, int c, int part, int parts) const {
    constexpr int ahead = 8;  // reads under way at a time: a lane waits for memory most of all
    const T* row[walk_rows];
    for (int r = 0; r < walk_rows; ++r) row[r] = a + (r < rows ? r : 0) * a_step;
    sums s{};
    int k = part;
    for (; k + (ahead - 1) * parts < terms; k += ahead * parts) {
      T weight[ahead];
      for (int i = 0; i < ahead; ++i) weight[i] = b[(k + i * parts) * b_step + c];
      for (int i = 0; i < ahead; ++i)
        for (int r = 0; r < walk_rows; ++r) s.of[r] += factor(row[r][k + i * parts]) * weight[i];
    }
    for (; k < terms; k += parts)
      for (int r = 0; r < walk_rows; ++r) s.of[r] += factor(row[r][k]) * b[k * b_step + c];
    return s;
  }
  TL_HD T factor(T v) const {
    if constexpr (std::is_same_v<T, float>) return rounded ? static_cast<float>(bf16(v)) : v;
    return v;
  }
};

/// One walk, or the two directions of a layer side by side: `walk.take(g, first, rows)` leads some rows of the batch
/// through all steps, by all lanes of a group.
template <class Walk>
struct walks_body {
  Walk walks[2];
  int count;
  std::int64_t batch;

  TL_HD std::int64_t tiles() const { return (batch + walk_rows - 1) / walk_rows; }

  template <class G>
  TL_HD void operator()(G& g) const {
    const std::int64_t each = tiles();
    for (std::int64_t i = g.index(); i < count * each; i += g.count()) {
      const std::int64_t first = i % each * walk_rows, left = batch - first;
      walks[i / each].take(g, first, static_cast<int>(left < walk_rows ? left : walk_rows));
    }
  }
};

/// Calls `f(n, j)` for the units of `rows` rows from `first` on, divided among the lanes of the group.
template <class G, class F>
TL_HD void for_units_of_rows(const G& g, std::int64_t first, int rows, int hidden, const F& f) {
  for (int i = g.rank(); i < rows * hidden; i += g.size()) f(first + i / hidden, i % hidden);
}

/// One step of a walk for the whole batch, a lane per unit: `cell(t, n, j)`.
template <class Cell>
struct walk_step_body {
  Cell cell;
  std::int64_t t, batch, hidden;

  template <class G>
  TL_HD void operator()(G& g) const {
    for (std::int64_t i = global_rank(g); i < batch * hidden; i += global_size(g)) cell(t, i / hidden, i % hidden);
  }
};

}  // namespace tensorlab::inline v0::simt_kernel
