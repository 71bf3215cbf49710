#pragma once

#include <tensorlab/backend/cpu/allocator.hpp>
#include <tensorlab/backend/cpu/parallel.hpp>
#include <tensorlab/backend/cpu/simd.hpp>

namespace tensorlab::inline v0::detail {

/// A matrix in place: element (i, j) at data[i * row + j * column].
template <class T>
struct matrix {
  T* data;
  std::int64_t row, column;
};

/// y = a b or y += a b for matrices of any strides, [m, k] x [k, n].
///
/// The scheme of Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (ACM TOMS 2008): blocks of
/// a and b are packed into strips, and a tile of y stays in registers while it runs along them. Sums run over k in the
/// same order whatever the tile and the number of threads, so a value depends only on its row of a and its column of b.
template <class T>
struct product {
  static constexpr int width = pack<T>::size;
  static constexpr int tile_rows = sizeof(pack<T>) >= 64 ? 8 : 6;
  static constexpr int tile_packs = 2;
  static constexpr int tile_columns = tile_packs * width;
  static constexpr std::int64_t depth = 256;  // terms per pass over y
  static constexpr std::int64_t block_rows = 12 * tile_rows;
  static constexpr std::int64_t block_columns = 8 * tile_columns;

  /// A right side in strips, for many products: pass after pass over its terms, strip after strip of columns.
  class packed {
   public:
    packed(matrix<const T> b, std::int64_t k, std::int64_t n)
        : columns_((n + tile_columns - 1) / tile_columns * tile_columns), data_(columns_ * k) {
      for (std::int64_t first = 0; first < k; first += depth)
        pack_strips<tile_columns>(data_.data() + first * columns_, b.data + first * b.row, b.column, b.row, n,
                                  (std::min)(depth, k - first));
    }
    /// The strip that begins with column j of the pass over `terms` terms from `first` on.
    const T* strip(std::int64_t first, std::int64_t terms, std::int64_t j) const {
      return data_.data() + first * columns_ + j * terms;
    }

   private:
    std::int64_t columns_;
    scratch<T> data_;
  };

  /// With `ready`, the packed form of b, b itself is not read.
  static void run(matrix<T> y, matrix<const T> a, matrix<const T> b, std::int64_t m, std::int64_t n, std::int64_t k,
                  bool accumulate, const packed* ready = nullptr) {
    if (m == 1 && ready != nullptr && y.column == 1) return one_row(y.data, a, *ready, n, k, accumulate);
    const auto ceil_div = [](std::int64_t v, std::int64_t by) { return (v + by - 1) / by; };
    // As many blocks of columns beside each other as give all threads the same work.
    const std::int64_t down = ceil_div(m, block_rows), strips = ceil_div(n, tile_columns);
    const std::int64_t side = ceil_div(available_threads(), down),
                       wanted = ceil_div(ceil_div(strips, block_columns / tile_columns), side) * side;
    const std::int64_t columns = ceil_div(strips, wanted) * tile_columns, across = ceil_div(n, columns);
    const std::int64_t work = (std::min)(m, block_rows) * (std::min)(n, columns) * k / 16;
    parallel_for(across * down, work, 1, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t terms = (std::min)(k, depth);
      const scratch<T> left(block_rows * terms), right(ready == nullptr ? columns * terms : 0);
      for (std::int64_t block = begin; block < end; ++block) {
        const std::int64_t i = block / across * block_rows, j = block % across * columns;
        one_block({y.data + i * y.row + j * y.column, y.row, y.column}, {a.data + i * a.row, a.row, a.column},
                  {b.data + j * b.column, b.row, b.column}, (std::min)(block_rows, m - i), (std::min)(columns, n - j),
                  k, accumulate, left.data(), right.data(), ready, j);
      }
    });
  }

  /// Strips of `Lines` lines side by side, term after term; missing lines are zero.
  template <int Lines>
  static void pack_strips(T* to, const T* from, std::int64_t line, std::int64_t term, std::int64_t lines,
                          std::int64_t terms) {
    constexpr std::int64_t stretch = 16;  // terms of one strip that stay in the nearest cache
    for (std::int64_t first = 0; first < lines; first += Lines, from += Lines * line) {
      const int count = static_cast<int>((std::min)(std::int64_t{Lines}, lines - first));
      if (count == Lines && line == 1) {
        for (std::int64_t t = 0; t < terms; ++t)
          for (int l = 0; l < Lines; ++l) to[t * Lines + l] = from[t * term + l];
      } else if (line == 1) {
        for (std::int64_t t = 0; t < terms; ++t) {
          for (int l = 0; l < count; ++l) to[t * Lines + l] = from[t * term + l];
          for (int l = count; l < Lines; ++l) to[t * Lines + l] = T(0);
        }
      } else {
        for (std::int64_t t = 0; t < terms; t += stretch) {
          const std::int64_t end = (std::min)(terms, t + stretch);
          for (int l = 0; l < count; ++l)
            for (std::int64_t u = t; u < end; ++u) to[u * Lines + l] = from[l * line + u * term];
          for (int l = count; l < Lines; ++l)
            for (std::int64_t u = t; u < end; ++u) to[u * Lines + l] = T(0);
        }
      }
      to += Lines * terms;
    }
  }

 private:
  /// y [1, n]: several strips side by side, as the sums of one would wait for each other.
  static void one_row(T* y, const matrix<const T>& a, const packed& right, std::int64_t n, std::int64_t k,
                      bool accumulate) {
    constexpr int group = 4;
    const std::int64_t strips = (n + tile_columns - 1) / tile_columns;
    parallel_for(strips, tile_columns * k / 16, 1, [&](std::int64_t begin, std::int64_t end) {
      std::int64_t s = begin;
      for (; s + group <= end; s += group) row_of_strips<group>(y, a, right, s * tile_columns, n, k, accumulate);
      for (; s < end; ++s) row_of_strips<1>(y, a, right, s * tile_columns, n, k, accumulate);
    });
  }

  template <int Strips>
  static void row_of_strips(T* y, const matrix<const T>& a, const packed& right, std::int64_t j, std::int64_t n,
                            std::int64_t k, bool accumulate) {
    for (std::int64_t first = 0; first < k; first += depth) {
      const std::int64_t terms = (std::min)(depth, k - first);
      const T* const strip = right.strip(first, terms, j);
      const T* const left = a.data + first * a.column;
      pack<T> sum[Strips * tile_packs];
      for (auto& v : sum) v = pack<T>(0);
      for (std::int64_t t = 0; t < terms; ++t) {
        const pack<T> factor(left[t * a.column]);
#pragma GCC unroll 8
        for (int s = 0; s < Strips * tile_packs; ++s)
          sum[s] =
              fma(factor, pack<T>::load(strip + (s / tile_packs * terms + t) * tile_columns + s % tile_packs * width),
                  sum[s]);
      }
      const bool add = accumulate || first > 0;
      for (int s = 0; s < Strips * tile_packs; ++s) {
        T* const to = y + j + s * width;
        const int count = static_cast<int>((std::min)(n - (j + s * width), std::int64_t{width}));
        if (count <= 0) break;
        const char* const from = reinterpret_cast<const char*>(to);
        store_some(add ? load_some<T>(from, sizeof(T), count) + sum[s] : sum[s], reinterpret_cast<char*>(to), sizeof(T),
                   count);
      }
    }
  }

  static void one_block(matrix<T> y, matrix<const T> a, matrix<const T> b, std::int64_t m, std::int64_t n,
                        std::int64_t k, bool accumulate, T* left, T* right, const packed* ready, std::int64_t column) {
    // A single strip of rows reads b once: packing it would cost more than it saves.
    const std::int64_t in_place =
        ready == nullptr && m <= tile_rows && b.column == 1 ? n / tile_columns * tile_columns : 0;
    for (std::int64_t first = 0; first < k; first += depth) {
      const std::int64_t terms = (std::min)(depth, k - first);
      const bool add = accumulate || first > 0;
      pack_strips<tile_rows>(left, a.data + first * a.column, a.row, a.column, m, terms);
      const T* const b_first = b.data + first * b.row;
      if (ready == nullptr)
        pack_strips<tile_columns>(right, b_first + in_place * b.column, b.column, b.row, n - in_place, terms);
      for (std::int64_t j = 0; j < n; j += tile_columns) {
        const T* const strip = ready != nullptr ? ready->strip(first, terms, column + j)
                               : j < in_place   ? b_first + j
                                                : right + (j - in_place) * terms;
        const std::int64_t strip_row = j < in_place ? b.row : tile_columns;
        for (std::int64_t i = 0; i < m; i += tile_rows)
          some_rows({y.data + i * y.row + j * y.column, y.row, y.column}, left + i * terms, strip, strip_row, terms,
                    (std::min)(std::int64_t{tile_rows}, m - i), (std::min)(std::int64_t{tile_columns}, n - j), add);
      }
    }
  }

  static void some_rows(matrix<T> y, const T* left, const T* right, std::int64_t right_row, std::int64_t terms,
                        std::int64_t rows, std::int64_t columns, bool accumulate) {
    if (rows == 1)
      tile<1>(y, left, right, right_row, terms, 1, columns, accumulate);
    else if (rows <= tile_rows / 2)
      tile<tile_rows / 2>(y, left, right, right_row, terms, rows, columns, accumulate);
    else
      tile<tile_rows>(y, left, right, right_row, terms, rows, columns, accumulate);
  }

  template <int Rows>
  static void tile(matrix<T> y, const T* left, const T* right, std::int64_t right_row, std::int64_t terms,
                   std::int64_t rows, std::int64_t columns, bool accumulate) {
    pack<T> sum[Rows][tile_packs];
    for (auto& row : sum)
      for (auto& s : row) s = pack<T>(0);
    for (std::int64_t t = 0; t < terms; ++t, left += tile_rows, right += right_row) {
      pack<T> b[tile_packs];
#pragma GCC unroll 2
      for (int p = 0; p < tile_packs; ++p) b[p] = pack<T>::load(right + p * width);
#pragma GCC unroll 8
      for (int i = 0; i < Rows; ++i) {
        const pack<T> a(left[i]);
#pragma GCC unroll 2
        for (int p = 0; p < tile_packs; ++p) sum[i][p] = fma(a, b[p], sum[i][p]);
      }
    }
    if (y.column == 1 && columns == tile_columns) {
      for (int i = 0; i < rows; ++i)
        for (int p = 0; p < tile_packs; ++p) {
          T* const to = y.data + i * y.row + p * width;
          (accumulate ? pack<T>::load(to) + sum[i][p] : sum[i][p]).store(to);
        }
      return;
    }
    for (int i = 0; i < rows; ++i) {
      T values[tile_columns];
      for (int p = 0; p < tile_packs; ++p) sum[i][p].store(values + p * width);
      T* const to = y.data + i * y.row;
      if (accumulate) {
        for (std::int64_t j = 0; j < columns; ++j) to[j * y.column] += values[j];
      } else {
        for (std::int64_t j = 0; j < columns; ++j) to[j * y.column] = values[j];
      }
    }
  }
};

}  // namespace tensorlab::inline v0::detail
