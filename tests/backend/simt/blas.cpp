#include <tensorlab/backend/cuda/blas_conv.hpp>
#include <tensorlab/backend/reference.hpp>

#include "backend/simt/lanes.hpp"
#include "backend/simt/random_views.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
using test::random_view;

namespace {

/// A column-major BLAS by its definition, which refuses what the real one would.
struct naive_blas {
  static inline int calls = 0;

  template <class T>
  static void call(const void*, const tl::cuda_kernel::blas_call& c, T* out, const T* first, const T* second) {
    ++calls;
    REQUIRE(c.ld_first >= (std::max)(std::int64_t{1}, c.transpose_first ? c.k : c.m));
    REQUIRE(c.ld_second >= (std::max)(std::int64_t{1}, c.transpose_second ? c.n : c.k));
    REQUIRE(c.ld_out >= (std::max)(std::int64_t{1}, c.m));
    REQUIRE((c.m > 0 && c.n > 0 && c.k > 0 && c.batch > 0));
    for (std::int64_t b = 0; b < c.batch; ++b)
      for (std::int64_t i = 0; i < c.m; ++i)
        for (std::int64_t j = 0; j < c.n; ++j) {
          T sum = 0;
          for (std::int64_t l = 0; l < c.k; ++l)
            sum += first[b * c.step_first + (c.transpose_first ? l + i * c.ld_first : i + l * c.ld_first)] *
                   second[b * c.step_second + (c.transpose_second ? j + l * c.ld_second : l + j * c.ld_second)];
          T& to = out[b * c.step_out + i + j * c.ld_out];
          to = c.accumulate ? to + sum : sum;
        }
  }
};

using product = tl::cuda_kernel::blas_gemm<tl::simt_kernel::serial_launcher, naive_blas>;

}  // namespace

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
}

TEST_CASE("cuda: convolutions become products", "[backend][cuda]") {
  using conv = tl::cuda_kernel::blas_conv<tl::simt_kernel::serial_launcher, naive_blas>;
  const tl::random::stream rng{22};
  const auto pick = [&](std::uint64_t n) { return static_cast<std::int64_t>(rng.below(n)); };
  for (int round = 0; round < 200; ++round) {
    tl::window_geometry g;
    for (std::size_t i = 0; i < 2 && round % 4 != 0; ++i) {
      g.kernel[i] = 1 + pick(3);
      g.stride[i] = 1 + pick(3);
      g.dilation[i] = 1 + pick(2);
      g.pad_begin[i] = pick(3);
      g.pad_end[i] = pick(3);
    }
    g.groups = round % 8 == 7 ? 2 : 1;
    const std::int64_t c = g.groups * (1 + pick(3)), k = g.groups * (1 + pick(3));
    const tl::shape xs{pick(4), c, 1 + pick(7), 1 + pick(7)}, ws{k, c / g.groups, g.kernel[0], g.kernel[1]};
    const tl::shape ys{xs[0], k, g.out(0, xs[2]), g.out(1, xs[3])};
    INFO("x " << to_string(xs) << ", w " << to_string(ws) << ", y " << to_string(ys));
    const random_view<double> x(rng, xs, true), w(rng, ws, false), dy(rng, ys, true);
    const std::vector<double> bias(static_cast<std::size_t>(k), 0.5);
    random_view<double> y(rng, ys, false), y2(y), dx(rng, xs, false), dx2(dx), dw(rng, ws, false), dw2(dw);
    conv::conv(y.v, x.in(), w.in(), round % 2 == 0 ? bias.data() : nullptr, g);
    tl::reference::conv(y2.v, x.in(), w.in(), round % 2 == 0 ? bias.data() : nullptr, g);
    REQUIRE(test::distance(y, y2) <= 1e-12);
    conv::conv_dx(dx.v, dy.in(), w.in(), g);
    tl::reference::conv_dx(dx2.v, dy.in(), w.in(), g);
    REQUIRE(test::distance(dx, dx2) <= 1e-12);
    conv::conv_dw(dw.v, dy.in(), x.in(), g);
    tl::reference::conv_dw(dw2.v, dy.in(), x.in(), g);
    REQUIRE(test::distance(dw, dw2) <= 1e-12);
  }
}
