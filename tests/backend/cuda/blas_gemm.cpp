#include <tensorlab/backend/cuda/blas_gemm.hpp>

#include <tensorlab/backend/reference.hpp>

#include "backend/cuda/naive_blas.hpp"
#include "backend/simt/lanes.hpp"
#include "backend/simt/random_views.hpp"

namespace tl = tensorlab;
using test::naive_blas;
using test::random_view;

using product = tl::cuda_kernel::blas_gemm<tl::simt_kernel::serial_launcher, naive_blas>;

TEST_CASE("cuda: products of any layout become calls of a column-major BLAS", "[backend][cuda]") {
  const tl::random::stream rng{21};
  for (int round = 0; round < 600; ++round) {
    const tl::shape batch = test::random_shape(rng, static_cast<int>(rng.below(4))), mnk = test::random_shape(rng, 3);
    tl::shape ys = batch, as = batch, bs = batch;
    ys.push_back(mnk[0]), ys.push_back(mnk[1]);
    as.push_back(mnk[0]), as.push_back(mnk[2]);
    bs.push_back(mnk[2]), bs.push_back(mnk[1]);
    const random_view<double> a(rng, as, true), b(rng, bs, true);
    std::vector<double> bias(static_cast<std::size_t>(mnk[1]) + 1, 0.25);
    const tl::gemm_epilogue<double> e{rng.below(2) != 0 ? bias.data() : nullptr, rng.below(2) != 0};
    random_view<double> got(rng, ys, false), expected(got);
    INFO("a " << to_string(as) << " " << to_string(a.v.strides) << ", b " << to_string(bs) << " "
              << to_string(b.v.strides) << ", y " << to_string(got.v.strides));
    product::gemm(got.v, a.in(), b.in(), e);
    tl::reference::gemm(expected.v, a.in(), b.in(), e);
    REQUIRE(test::distance(got, expected) <= 1e-12);
  }
}

TEST_CASE("cuda: a stack of products with one right matrix is one call", "[backend][cuda]") {
  std::vector<float> a(2 * 3 * 4 * 5, 1.0f), b(5 * 6, 1.0f), y(2 * 3 * 4 * 6);
  const tl::shape as{2, 3, 4, 5}, ys{2, 3, 4, 6}, bs{2, 3, 5, 6};
  naive_blas::calls = 0;
  product::gemm(tl::view<float>{y.data(), ys, tl::row_major(ys)},
                tl::view<const float>{a.data(), as, tl::row_major(as)},
                tl::view<const float>{b.data(), bs, tl::strides{0, 0, 6, 1}}, tl::gemm_epilogue<float>{});
  REQUIRE(naive_blas::calls == 1);
  for (const float v : y) REQUIRE(v == 5.0f);
  REQUIRE(naive_blas::factors == tl::compute::full);
}
