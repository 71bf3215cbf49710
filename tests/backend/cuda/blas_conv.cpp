#include <tensorlab/backend/cuda/blas_conv.hpp>

#include <tensorlab/backend/reference.hpp>

#include "backend/cuda/naive_blas.hpp"
#include "backend/simt/lanes.hpp"
#include "backend/simt/random_views.hpp"

namespace tl = tensorlab;
using test::naive_blas;
using test::random_view;

TEST_CASE("cuda: the BLAS is told what factors are rounded to", "[backend][cuda]") {
  using conv = tl::cuda_kernel::blas_conv<tl::simt_kernel::serial_launcher, naive_blas>;
  const tl::shape s{1, 2, 3, 3};
  const std::vector<float> x(18, 1.0f), w(2 * 2 * 2 * 2, 1.0f);
  std::vector<float> y(18);
  const auto image = [&](auto* data) { return tl::view{data, s, tl::row_major(s)}; };
  const tl::shape ws{2, 2, 2, 2}, ys{1, 2, 2, 2};
  tl::window_geometry g;
  g.kernel = {2, 2};
  for (const tl::compute factors : {tl::compute::bf16, tl::compute::full}) {
    const auto told = [&](const auto& run) {
      naive_blas::factors = factors == tl::compute::full ? tl::compute::bf16 : tl::compute::full;
      run();
      REQUIRE(naive_blas::factors == factors);
    };
    g.factors = factors;
    const tl::view<const float> in = image(x.data()), weights{w.data(), ws, tl::row_major(ws)};
    const tl::view<float> out{y.data(), ys, tl::row_major(ys)}, dx = image(y.data());
    const tl::view<const float> dy{x.data(), ys, tl::row_major(ys)};
    std::vector<float> dw(w.size());
    told([&] { conv::conv(out, in, weights, static_cast<const float*>(nullptr), g); });
    told([&] { conv::conv_dx(dx, dy, weights, g); });
    told([&] { conv::conv_dw(tl::view<float>{dw.data(), ws, tl::row_major(ws)}, dy, in, g); });
    told([&] {
      tl::cuda_kernel::blas_gemm<tl::simt_kernel::serial_launcher, naive_blas>::gemm(
          dx, in, in, tl::gemm_epilogue<float>{nullptr, false, factors});
    });
  }
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
