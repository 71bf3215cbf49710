#include <tensorlab/backend/cpu/bf16_product.hpp>

#include "backend/cpu/same_bits.hpp"

using namespace test;

TEST_CASE("rounded products have the same bits for every number of threads and of rows", "[cpu][bf16]") {
  const std::int64_t m = 150, n = 2100, k = 401;
  const auto a = random_both<float>({m, k}, layout::dense, 1).got, b = random_both<float>({k, n}, layout::dense, 2).got;
  const auto multiply = [&](float* y, std::int64_t first, std::int64_t rows) {
    tl::detail::bf16_product::run({y, n, 1}, {a.data() + first * k, k, 1}, {b.data(), n, 1}, rows, n, k, false);
  };
  require_same_bits({m, n}, [&](auto& y) { multiply(y.data(), 0, m); });
  auto whole = tl::array<float, B>::empty({m, n}), part = tl::array<float, B>::empty({7, n});
  multiply(whole.data(), 0, m);
  for (const std::int64_t rows : {1, 7}) {
    multiply(part.data(), 120, rows);
    REQUIRE(std::equal(part.data(), part.data() + rows * n, whole.data() + 120 * n));
  }
}

TEST_CASE("a matrix rounded once adds the same products", "[cpu][bf16]") {
  for (const std::int64_t m : {1, 5, 33})
    for (const std::int64_t n : {1, 15, 70})
      for (const std::int64_t k : {1, 2, 31, 96}) {
        INFO(m << " " << n << " " << k);
        const auto a = random_both<float>({m, k}, layout::gapped, 1),
                   b = random_both<float>({k, n}, layout::reversed, 2);
        auto y = random_both<float>({m, n}, layout::gapped, 3);
        tl::reference::gemm(y.e(), a.ce(), b.ce(), tl::gemm_epilogue<float>{nullptr, true, tl::compute::bf16});
        const tl::detail::bf16_matrix weights({b.cg().data, b.cg().strides[0], b.cg().strides[1]}, k, n);
        weights.add_product(y.g().data, y.g().strides[0], a.cg().data, a.cg().strides[0], m);
        require_equal(y);
      }
}
