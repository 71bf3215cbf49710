#pragma once

#include <tensorlab/backend/cpu/product.hpp>
#include <tensorlab/backend/cpu/transpose.hpp>

namespace tensorlab::inline v0::detail {

/// y = a b + bias or y += a b + bias for matrices so small that a library's call would cost as much as the product, on
/// the thread that asks.
///
/// a is read where it is, and b too if its rows are dense; otherwise b is packed into strips of columns. A tile of y
/// stays in registers while it runs along all terms, so sums are in the order of k whatever the sizes.
class small_product {
 public:
  /// Multiply-adds up to which it takes less time than the library's product.
  static constexpr std::int64_t most_work = std::int64_t{1} << 17;
  /// Rows from which on packing b pays.
  static constexpr std::int64_t few_rows = 4;

  /// Whether it is the better choice for these operands, and can take them.
  static bool serves(const matrix<float>& y, const matrix<const float>& b, std::int64_t m, std::int64_t n,
                     std::int64_t k, bool accumulate) {
    return m * n * k <= most_work && y.column == 1 && (m >= few_rows || in_place(b, n, accumulate));
  }

  /// **Shapes**: y [m, n], a [m, k], b [k, n], bias [n] or null.
  static void run(const matrix<float>& y, const matrix<const float>& a, const matrix<const float>& b, std::int64_t m,
                  std::int64_t n, std::int64_t k, const float* bias, bool accumulate) {
    if (in_place(b, n, accumulate)) {
      small_product p{y, a, {b.data, b.row, 1}, m, k, bias, accumulate};
      p.strips(n);
      // Missing lanes are filled with columns that are there already: these are computed again, to the same bits.
      if (n % width != 0) p.strip<1>(n - width, width);
      return;
    }
    const std::int64_t strips = (n + width - 1) / width;
    const scratch<float> packed(strips * width * k);
    for (std::int64_t j = 0; j < n; j += width)
      pack_strip(packed.data() + j * k, {b.data + j * b.column, b.row, b.column}, k, n - j);
    small_product p{y, a, {packed.data(), width, k}, m, k, bias, accumulate};
    p.strips(n);
    if (n % width != 0) p.strip<1>(n / width * width, n % width);
  }

 private:
  static constexpr int width = pack<float>::size, tile_packs = 2;
  static constexpr int tile_rows = sizeof(pack<float>) >= 64 ? 8 : 4;

  /// Term t of column j at data[t * term + j * column], for j at multiples of a pack's width, whose lanes are dense.
  struct right_side {
    const float* data;
    std::int64_t term, column;
  };

  small_product(const matrix<float>& y, const matrix<const float>& a, const right_side& b, std::int64_t m,
                std::int64_t k, const float* bias, bool accumulate)
      : y_(y), a_(a), b_(b), m_(m), k_(k), bias_(bias), accumulate_(accumulate) {}

  static bool in_place(const matrix<const float>& b, std::int64_t n, bool accumulate) {
    return b.column == 1 && n >= width && (n % width == 0 || !accumulate);
  }

  /// The first pack of columns of b, term after term; columns beyond `count` are zero.
  static void pack_strip(float* to, const matrix<const float>& b, std::int64_t k, std::int64_t count) {
    const std::int64_t squares = b.row == 1 && count >= width ? k / width * width : 0;
    for (std::int64_t t = 0; t < squares; t += width)
      square_transpose<float>::run(to + t * width, b.data + t, b.column);
    product<float>::pack_strips<width>(to + squares * width, b.data + squares * b.row, b.column, b.row,
                                       (std::min)(count, std::int64_t{width}), k - squares);
  }

  /// All columns of y up to n that fill a pack.
  void strips(std::int64_t n) const {
    std::int64_t j = 0;
    for (; j + tile_packs * width <= n; j += tile_packs * width) strip<tile_packs>(j, tile_packs * width);
    for (; j + width <= n; j += width) strip<1>(j, width);
  }
  template <int Packs>
  void strip(std::int64_t j, std::int64_t count) const {
    std::int64_t i = 0;
    for (; i + tile_rows <= m_; i += tile_rows) tile<tile_rows, Packs>(i, j, count);
    if (i + tile_rows / 2 <= m_) {
      tile<tile_rows / 2, Packs>(i, j, count);
      i += tile_rows / 2;
    }
    for (; i < m_; ++i) tile<1, Packs>(i, j, count);
  }

  template <int Rows, int Packs>
  void tile(std::int64_t i, std::int64_t j, std::int64_t count) const {
    const bool whole = count == Packs * width;
    pack<float> sum[Rows][Packs];
    for (int p = 0; p < Packs; ++p) {
      pack<float> first(0);
      if (bias_ != nullptr) {
        const float* const at = bias_ + j + p * width;
        first = whole ? pack<float>::load(at) : load_head(at, static_cast<int>(count));
      }
      for (int r = 0; r < Rows; ++r) sum[r][p] = first;
    }
    add_products(sum, a_.data + i * a_.row, b_.data + j * b_.column);
    float* to = y_.data + i * y_.row + j;
    if (!whole) {
      for (int r = 0; r < Rows; ++r, to += y_.row)
        store_head(accumulate_ ? load_head(to, static_cast<int>(count)) + sum[r][0] : sum[r][0], to,
                   static_cast<int>(count));
    } else if (accumulate_) {
      for (int r = 0; r < Rows; ++r, to += y_.row)
        for (int p = 0; p < Packs; ++p) (pack<float>::load(to + p * width) + sum[r][p]).store(to + p * width);
    } else {
      for (int r = 0; r < Rows; ++r, to += y_.row)
        for (int p = 0; p < Packs; ++p) sum[r][p].store(to + p * width);
    }
  }

  template <int Rows, int Packs>
  TL_INLINE void add_products(pack<float> (&sum)[Rows][Packs], const float* left, const float* right) const {
    const std::int64_t next = width * b_.column;
    for (std::int64_t t = 0; t < k_; ++t, left += a_.column, right += b_.term) {
      pack<float> b[Packs];
#pragma GCC unroll 2
      for (int p = 0; p < Packs; ++p) b[p] = pack<float>::load(right + p * next);
#pragma GCC unroll 8
      for (int r = 0; r < Rows; ++r) {
        const pack<float> factor(left[r * a_.row]);
#pragma GCC unroll 2
        for (int p = 0; p < Packs; ++p) sum[r][p] = fma(factor, b[p], sum[r][p]);
      }
    }
  }

  matrix<float> y_;
  matrix<const float> a_;
  right_side b_;
  std::int64_t m_, k_;
  const float* bias_;
  bool accumulate_;
};

}  // namespace tensorlab::inline v0::detail
