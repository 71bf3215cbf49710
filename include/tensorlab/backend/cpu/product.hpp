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

  static void run(matrix<T> y, matrix<const T> a, matrix<const T> b, std::int64_t m, std::int64_t n, std::int64_t k,
                  bool accumulate) {
    // Blocks shrink until every thread has some.
    std::int64_t columns = block_columns;
    const std::int64_t down = (m + block_rows - 1) / block_rows;
    while (columns > tile_columns && down * ((n + columns - 1) / columns) < 2 * available_threads()) columns /= 2;
    const std::int64_t across = (n + columns - 1) / columns;
    const std::int64_t work = (std::min)(m, block_rows) * (std::min)(n, columns) * k / 16;
    parallel_for(across * down, work, 1, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t terms = (std::min)(k, depth);
      const scratch<T> left(block_rows * terms), right(columns * terms);
      for (std::int64_t block = begin; block < end; ++block) {
        const std::int64_t i = block / across * block_rows, j = block % across * columns;
        one_block({y.data + i * y.row + j * y.column, y.row, y.column}, {a.data + i * a.row, a.row, a.column},
                  {b.data + j * b.column, b.row, b.column}, (std::min)(block_rows, m - i), (std::min)(columns, n - j),
                  k, accumulate, left.data(), right.data());
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
  static void one_block(matrix<T> y, matrix<const T> a, matrix<const T> b, std::int64_t m, std::int64_t n,
                        std::int64_t k, bool accumulate, T* left, T* right) {
    // A single strip of rows reads b once: packing it would cost more than it saves.
    const std::int64_t in_place = m <= tile_rows && b.column == 1 ? n / tile_columns * tile_columns : 0;
    for (std::int64_t first = 0; first < k; first += depth) {
      const std::int64_t terms = (std::min)(depth, k - first);
      const bool add = accumulate || first > 0;
      pack_strips<tile_rows>(left, a.data + first * a.column, a.row, a.column, m, terms);
      const T* const b_first = b.data + first * b.row;
      pack_strips<tile_columns>(right, b_first + in_place * b.column, b.column, b.row, n - in_place, terms);
      for (std::int64_t j = 0; j < n; j += tile_columns) {
        const T* const strip = j < in_place ? b_first + j : right + (j - in_place) * terms;
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
