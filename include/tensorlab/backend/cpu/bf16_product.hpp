#pragma once

#include <cstring>

#include <tensorlab/backend/cpu/bf16.hpp>
#include <tensorlab/backend/cpu/product.hpp>

namespace tensorlab::inline v0::detail {

/// y = a b or y += a b in float with a and b rounded to bf16, for matrices of any strides, [m, k] x [k, n].
///
/// Blocks of both operands are rounded once into strips, which the threads share; a tile of y stays in registers while
/// it runs along them. The terms are added in the same order whatever the tile and the number of threads.
struct bf16_product {
  static constexpr std::int64_t width = pack<float>::size;  // lines of a strip
  static constexpr int tile_rows = width >= 8 ? static_cast<int>(width / 2) : static_cast<int>(width);
  static constexpr std::int64_t depth = 384;         // terms per pass over y
  static constexpr std::int64_t block_lines = 2048;  // rows and columns whose strips are held at once
  static constexpr std::int64_t task_rows = 4 * width, task_columns = 8 * width;

  static void run(matrix<float> y, matrix<const float> a, matrix<const float> b, std::int64_t m, std::int64_t n,
                  std::int64_t k, bool accumulate) {
    if (y.column != 1 && y.row == 1)
      return run({y.data, y.column, y.row}, {b.data, b.column, b.row}, {a.data, a.column, a.row}, n, m, k, accumulate);
    const std::int64_t words = ((std::min)(k, depth) + 1) / 2;
    const scratch<std::uint32_t> left(strips_of((std::min)(m, block_lines)) * width * words),
        right(strips_of((std::min)(n, block_lines)) * width * words);
    for (std::int64_t j = 0; j < n; j += block_lines)
      for (std::int64_t i = 0; i < m; i += block_lines)
        for (std::int64_t t = 0; t < k; t += depth)
          one_block({y.data + i * y.row + j * y.column, y.row, y.column},
                    {a.data + i * a.row + t * a.column, a.row, a.column},
                    {b.data + t * b.row + j * b.column, b.row, b.column}, (std::min)(block_lines, m - i),
                    (std::min)(block_lines, n - j), (std::min)(depth, k - t), accumulate || t > 0, left.data(),
                    right.data());
  }

  static std::int64_t strips_of(std::int64_t lines) { return (lines + width - 1) / width; }

  /// The strips of `lines` lines.
  static void pair_strips(std::uint32_t* to, const float* from, std::int64_t line, std::int64_t term,
                          std::int64_t lines, std::int64_t terms) {
    for (std::int64_t l = 0; l < lines; l += width)
      pair_strip(to + l * ((terms + 1) / 2), from + l * line, line, term, lines - l, terms);
  }

  /// The rows [begin, end) and the columns [j, j_end) of y, from strips of all rows and columns.
  static void one_task(matrix<float> y, std::int64_t begin, std::int64_t end, std::int64_t j, std::int64_t j_end,
                       const std::uint32_t* left, const std::uint32_t* right, std::int64_t words, bool accumulate) {
    for (; j < j_end; j += 2 * width) {
      const std::int64_t columns = (std::min)(2 * width, j_end - j);
      for (std::int64_t i = begin; i < end; i += tile_rows) {
        const matrix<float> to{y.data + i * y.row + j * y.column, y.row, y.column};
        const std::uint32_t* const a = left + i / width * width * words + i % width;
        const std::uint32_t* const b = right + j * words;
        const std::int64_t rows = (std::min)(std::int64_t{tile_rows}, end - i);
        if (columns <= width)
          tile<tile_rows, 1>(to, a, b, words, rows, columns, accumulate);
        else if (rows == 1)
          tile<1, 2>(to, a, b, words, 1, columns, accumulate);
        else
          tile<tile_rows, 2>(to, a, b, words, rows, columns, accumulate);
      }
    }
  }

 private:
  static void one_block(matrix<float> y, matrix<const float> a, matrix<const float> b, std::int64_t m, std::int64_t n,
                        std::int64_t k, bool accumulate, std::uint32_t* left, std::uint32_t* right) {
    const std::int64_t words = (k + 1) / 2, strip = words * width, rows = strips_of(m);
    parallel_for(rows + strips_of(n), width * k / 8 + 1, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t s = begin; s < end; ++s)
        if (s < rows)
          pair_strip(left + s * strip, a.data + s * width * a.row, a.row, a.column, m - s * width, k);
        else
          pair_strip(right + (s - rows) * strip, b.data + (s - rows) * width * b.column, b.column, b.row,
                     n - (s - rows) * width, k);
    });
    const std::int64_t across = (n + task_columns - 1) / task_columns, down = (m + task_rows - 1) / task_rows;
    const std::int64_t work = (std::min)(m, task_rows) * (std::min)(n, task_columns) * k / 32 + 1;
    parallel_for(across * down, work, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t i = task / across * task_rows, j = task % across * task_columns;
        one_task(y, i, (std::min)(m, i + task_rows), j, (std::min)(n, j + task_columns), left, right, words,
                 accumulate);
      }
    });
  }

  template <int Rows, int Packs>
  static void tile(matrix<float> y, const std::uint32_t* a, const std::uint32_t* b, std::int64_t words,
                   std::int64_t rows, std::int64_t columns, bool accumulate) {
    pack<float> sum[Rows][Packs];
    for (auto& row : sum)
      for (auto& s : row) s = pack<float>(0);
    for (std::int64_t w = 0; w < words; ++w, a += width, b += width) {
      pair_lanes right[Packs];
#pragma GCC unroll 2
      for (int p = 0; p < Packs; ++p) std::memcpy(&right[p], b + p * words * width, sizeof(pair_lanes));
#pragma GCC unroll 8
      for (int i = 0; i < Rows; ++i) {
        const pair_lanes left = pair_lanes{} + a[i];
#pragma GCC unroll 2
        for (int p = 0; p < Packs; ++p) sum[i][p] = multiply_add(left, right[p], sum[i][p]);
      }
    }
    // A number that is known here leaves the sums in registers.
#pragma GCC unroll 8
    for (int i = 0; i < Rows; ++i) {
      if (i >= rows) return;
#pragma GCC unroll 2
      for (int p = 0; p < Packs; ++p)
        store(y.data + i * y.row + p * width * y.column, y.column, sum[i][p], columns - p * width, accumulate);
    }
  }

  static void store(float* to, std::int64_t step, const pack<float>& sum, std::int64_t count, bool accumulate) {
    if (step == 1 && count >= width) return (accumulate ? pack<float>::load(to) + sum : sum).store(to);
    float values[width];
    sum.store(values);
    for (std::int64_t l = 0; l < (std::min)(count, width); ++l)
      to[l * step] = accumulate ? to[l * step] + values[l] : values[l];
  }
};

/// A matrix [k, n], rounded to bf16 once for many products.
class bf16_matrix {
 public:
  bf16_matrix(matrix<const float> b, std::int64_t k, std::int64_t n)
      : k_(k), n_(n), strips_(bf16_product::strips_of(n) * bf16_product::width * words()) {
    bf16_product::pair_strips(strips_.data(), b.data, b.column, b.row, n, k);
  }

  /// y += x b for `rows` rows of y, whose columns are adjacent, and of x, whose terms are.
  void add_product(float* y, std::int64_t y_row, const float* x, std::int64_t x_row, std::int64_t rows) const {
    const scratch<std::uint32_t> left(bf16_product::strips_of(rows) * bf16_product::width * words());
    bf16_product::pair_strips(left.data(), x, x_row, 1, rows, k_);
    bf16_product::one_task({y, y_row, 1}, 0, rows, 0, n_, left.data(), strips_.data(), words(), true);
  }

 private:
  std::int64_t words() const { return (k_ + 1) / 2; }

  std::int64_t k_, n_;
  scratch<std::uint32_t> strips_;
};

}  // namespace tensorlab::inline v0::detail
