#include <tensorlab/backend/cpu/small_product.hpp>

#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace detail = tensorlab::detail;
using detail::small_product;

namespace {

using values = std::vector<float>;

/// A matrix of small integers, dense by rows or by columns.
struct operand {
  values data;
  std::int64_t row, column;

  template <class F>
  operand(std::int64_t m, std::int64_t n, bool by_columns, const F& at)
      : data(static_cast<std::size_t>(m * n)), row(by_columns ? 1 : n), column(by_columns ? m : 1) {
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        data[static_cast<std::size_t>(i * row + j * column)] = static_cast<float>(at(i, j));
  }
  detail::matrix<const float> view() const { return {data.data(), row, column}; }
};

std::int64_t left_at(std::int64_t i, std::int64_t l) { return (i + 2 * l) % 5 - 2; }
std::int64_t right_at(std::int64_t l, std::int64_t j) { return (3 * l + j) % 7 - 3; }

}  // namespace

TEST_CASE("small products are those of the formula", "[cpu]") {
  // [1 2] [5 6]   [1*5 + 2*7  1*6 + 2*8]
  // [3 4] [7 8] = [3*5 + 4*7  3*6 + 4*8]
  const values a{1, 2, 3, 4}, b{5, 6, 7, 8}, bias{100, 200};
  values y(4, -1);
  small_product::run({y.data(), 2, 1}, {a.data(), 2, 1}, {b.data(), 2, 1}, 2, 2, 2, nullptr, false);
  REQUIRE(y == values{19, 22, 43, 50});
  small_product::run({y.data(), 2, 1}, {a.data(), 2, 1}, {b.data(), 2, 1}, 2, 2, 2, bias.data(), true);
  REQUIRE(y == values{138, 244, 186, 300});
}

TEST_CASE("small products of integers are exact at every edge of a tile", "[cpu]") {
  const std::int64_t gap = 3;  // elements between rows of y, not to be written
  for (const std::int64_t m : {1, 3, 4, 8, 13, 32})
    for (const std::int64_t n : {1, 7, 16, 31, 32, 34, 70})
      for (const std::int64_t k : {1, 16, 33})
        for (const int form : {0, 1, 2, 3})
          for (const bool with_bias : {false, true}) {
            INFO(m << " " << n << " " << k << ", form " << form << ", bias " << with_bias);
            const operand a(m, k, form % 2 == 1, left_at), b(k, n, form / 2 == 1, right_at);
            const operand bias(1, n, false, [](std::int64_t, std::int64_t j) { return 10 * j; });
            const float* const added = with_bias ? bias.data.data() : nullptr;
            values y(static_cast<std::size_t>(m * (n + gap)), 7);
            small_product::run({y.data(), n + gap, 1}, a.view(), b.view(), m, n, k, added, false);
            small_product::run({y.data(), n + gap, 1}, a.view(), b.view(), m, n, k, added, true);
            std::int64_t wrong = 0;
            for (std::int64_t i = 0; i < m; ++i)
              for (std::int64_t j = 0; j < n + gap; ++j) {
                std::int64_t sum = with_bias ? 10 * j : 0;
                for (std::int64_t l = 0; l < k; ++l) sum += left_at(i, l) * right_at(l, j);
                wrong += y[static_cast<std::size_t>(i * (n + gap) + j)] != static_cast<float>(j < n ? 2 * sum : 7);
              }
            REQUIRE(wrong == 0);
          }
}

TEST_CASE("columns beyond the last take no part in a small product", "[cpu]") {
  // What lies beside the matrix would spoil every sum that read it.
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const values a(8 * 2, 1);
  values b(2 * 40, nan), bias(40, nan), y(8 * 40, 0);
  for (std::size_t j = 0; j < 5; ++j) b[j] = b[40 + j] = bias[j] = 1;
  small_product::run({y.data(), 40, 1}, {a.data(), 2, 1}, {b.data(), 40, 1}, 8, 5, 2, bias.data(), false);
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = 0; j < 40; ++j) REQUIRE(y[i * 40 + j] == (j < 5 ? 3.f : 0.f));
}

TEST_CASE("small products serve what they are good for", "[cpu]") {
  const detail::matrix<float> y{nullptr, 64, 1}, turned{nullptr, 1, 64};
  const detail::matrix<const float> rows{nullptr, 64, 1}, columns{nullptr, 1, 64};
  REQUIRE(small_product::serves(y, rows, 32, 64, 64, false));
  REQUIRE(small_product::serves(y, columns, 32, 64, 64, true));
  REQUIRE(small_product::serves(y, rows, 1, 64, 64, false));
  REQUIRE_FALSE(small_product::serves(y, columns, 1, 64, 64, false));  // packing would cost more than the product
  REQUIRE_FALSE(small_product::serves(turned, rows, 32, 64, 64, false));
  REQUIRE_FALSE(small_product::serves(y, rows, 33, 64, 64, false));
}
