#include <tensorlab/backend/cpu/product.hpp>

#include <vector>

#include "support/catch.hpp"

namespace detail = tensorlab::detail;

TEMPLATE_TEST_CASE("strips hold lines side by side, and zeros for missing ones", "[cpu]", float, double) {
  using product = detail::product<TestType>;
  // Five lines of two terms: 1 and 10, 2 and 20, ..; in strips of three.
  const std::vector<TestType> by_lines{1, 10, 2, 20, 3, 30, 4, 40, 5, 50}, by_terms{1, 2, 3, 4, 5, 10, 20, 30, 40, 50};
  const std::vector<TestType> expected{1, 2, 3, 10, 20, 30, 4, 5, 0, 40, 50, 0};
  std::vector<TestType> strips(12, TestType(-1));
  product::template pack_strips<3>(strips.data(), by_lines.data(), 2, 1, 5, 2);
  REQUIRE(strips == expected);
  strips.assign(12, TestType(-1));
  product::template pack_strips<3>(strips.data(), by_terms.data(), 1, 5, 5, 2);
  REQUIRE(strips == expected);
}

TEMPLATE_TEST_CASE("products of small integers are exact at every edge of a tile", "[cpu]", float, double) {
  using T = TestType;
  using product = detail::product<T>;
  const std::int64_t rows = product::tile_rows, columns = product::tile_columns;
  for (const std::int64_t m : {std::int64_t{1}, rows - 1, rows, rows + 1, product::block_rows + 1})
    for (const std::int64_t n : {std::int64_t{1}, columns, columns + 1, 7 * columns + 5})
      for (const std::int64_t k : {std::int64_t{1}, product::depth + 1})
        for (const bool transposed : {false, true}) {
          INFO(m << " " << n << " " << k << ", transposed " << transposed);
          const auto a_at = [&](std::int64_t i, std::int64_t l) { return static_cast<T>((i + 2 * l) % 5 - 2); };
          const auto b_at = [&](std::int64_t l, std::int64_t j) { return static_cast<T>((3 * l + j) % 7 - 3); };
          std::vector<T> a(static_cast<std::size_t>(m * k)), b(static_cast<std::size_t>(k * n));
          const detail::matrix<const T> left{a.data(), transposed ? 1 : k, transposed ? m : 1},
              right{b.data(), transposed ? 1 : n, transposed ? k : 1};
          for (std::int64_t l = 0; l < k; ++l) {
            for (std::int64_t i = 0; i < m; ++i)
              a[static_cast<std::size_t>(i * left.row + l * left.column)] = a_at(i, l);
            for (std::int64_t j = 0; j < n; ++j)
              b[static_cast<std::size_t>(l * right.row + j * right.column)] = b_at(l, j);
          }
          std::vector<T> y(static_cast<std::size_t>(m * n), T(7));
          product::run({y.data(), n, 1}, left, right, m, n, k, false);
          product::run({y.data(), n, 1}, left, right, m, n, k, true);
          const typename product::packed ready(right, k, n);
          std::vector<T> z(y.size(), T(7));
          product::run({z.data(), n, 1}, left, {}, m, n, k, false, &ready);
          product::run({z.data(), n, 1}, left, {}, m, n, k, true, &ready);
          REQUIRE(z == y);
          std::int64_t wrong = 0;
          for (std::int64_t i = 0; i < m; ++i)
            for (std::int64_t j = 0; j < n; ++j) {
              T sum = 0;
              for (std::int64_t l = 0; l < k; ++l) sum += a_at(i, l) * b_at(l, j);
              wrong += y[static_cast<std::size_t>(i * n + j)] != 2 * sum;
            }
          REQUIRE(wrong == 0);
        }
}
