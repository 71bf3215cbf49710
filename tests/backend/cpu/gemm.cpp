#include <tensorlab/backend/cpu/gemm.hpp>

#include "support/catch.hpp"

namespace tl = tensorlab;
using tl::detail::gemm_loops;

TEST_CASE("leading dimensions that b does not have become rows of one product", "[cpu]") {
  const gemm_loops whole({2, 3, 4, 6}, {2, 3, 4, 5}, {72, 24, 6, 1}, {60, 20, 5, 1}, {0, 0, 6, 1});
  REQUIRE((whole.m == 24 && whole.n == 6 && whole.k == 5));
  REQUIRE((whole.batches == 1 && whole.rank == 0));
  // A gap between a's matrices: only the inner dimension is folded.
  const gemm_loops part({2, 3, 4, 6}, {2, 3, 4, 5}, {72, 24, 6, 1}, {90, 20, 5, 1}, {0, 0, 6, 1});
  REQUIRE((part.m == 12 && part.batches == 2 && part.rank == 1));
  REQUIRE((part.y_step[0] == 72 && part.a_step[0] == 90 && part.b_step[0] == 0));
  const gemm_loops gap({2, 3, 4, 6}, {2, 3, 4, 5}, {90, 24, 6, 1}, {60, 20, 5, 1}, {0, 0, 6, 1});
  REQUIRE((gap.m == 12 && gap.batches == 2 && gap.y_step[0] == 90));
  const gemm_loops own({2, 4, 6}, {2, 4, 5}, {24, 6, 1}, {20, 5, 1}, {30, 6, 1});
  REQUIRE((own.m == 4 && own.batches == 2 && own.b_step[0] == 30));
  // Rows of single-row matrices may lie anywhere.
  const gemm_loops rows({7, 1, 6}, {7, 1, 5}, {12, 6, 1}, {50, 5, 1}, {0, 6, 1});
  REQUIRE((rows.m == 7 && rows.batches == 1 && rows.y_row == 12 && rows.a_row == 50));
}

#if TENSORLAB_HAS_ONEDNN
TEST_CASE("a matrix is read in place if its rows or its columns are dense", "[cpu]") {
  const auto form = [](std::int64_t row, std::int64_t column, std::int64_t rows, std::int64_t columns) {
    const auto f = tl::detail::leading_form_of(row, column, rows, columns);
    return std::pair(f.transposed, f.leading);
  };
  REQUIRE(form(7, 1, 3, 5) == std::pair('N', std::int64_t{7}));
  REQUIRE(form(1, 7, 3, 5) == std::pair('T', std::int64_t{7}));
  REQUIRE(form(0, 1, 1, 5) == std::pair('N', std::int64_t{5}));
  REQUIRE(form(9, 9, 1, 1) == std::pair('N', std::int64_t{1}));
  REQUIRE(form(10, 2, 3, 5).second == 0);
  REQUIRE(form(0, 1, 3, 5).second == 0);  // one row, repeated
}
#endif

TEMPLATE_TEST_CASE("a product of strided operands adds a bias and accumulates", "[cpu]", float, double) {
  using T = TestType;
  // [[1, 2, 3], [4, 5, 6]] [[1, 0], [0, 1], [1, 1]] = [[4, 5], [10, 11]] with a gap after every element of a.
  const std::vector<T> a{1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0}, b{1, 0, 0, 1, 1, 1}, bias{100, 200};
  std::vector<T> y(8, T(1000));
  const tl::view<T> out{y.data(), {2, 2}, {4, 2}};
  const tl::view<const T> left{a.data(), {2, 3}, {6, 2}}, right{b.data(), {3, 2}, {2, 1}};
  tl::detail::cpu_gemm::gemm(out, left, right, tl::gemm_epilogue<T>{bias.data(), true});
  REQUIRE(y == std::vector<T>{1104, 1000, 1205, 1000, 1110, 1000, 1211, 1000});
  tl::detail::cpu_gemm::gemm(out, tl::view<const T>{a.data(), {2, 0}, {1, 1}},
                             tl::view<const T>{b.data(), {0, 2}, {2, 1}}, tl::gemm_epilogue<T>{});
  REQUIRE(y == std::vector<T>{0, 1000, 0, 1000, 0, 1000, 0, 1000});
}
