#include <tensorlab/backend/simt/linear.hpp>

#include <tensorlab/backend/reference.hpp>

#include "backend/simt/lanes.hpp"
#include "backend/simt/random_views.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
using test::random_view;
using tl::reference;

namespace {

tl::window_geometry random_window(const tl::random::stream& rng) {
  tl::window_geometry g;
  for (std::size_t i = 0; i < 2; ++i) {
    g.kernel[i] = 1 + static_cast<std::int64_t>(rng.below(3));
    g.stride[i] = 1 + static_cast<std::int64_t>(rng.below(3));
    g.dilation[i] = 1 + static_cast<std::int64_t>(rng.below(2));
    g.pad_begin[i] = static_cast<std::int64_t>(rng.below(3));
    g.pad_end[i] = static_cast<std::int64_t>(rng.below(3));
  }
  return g;
}

}  // namespace

TEMPLATE_TEST_CASE("simt: gemm", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{16};
  for (int round = 0; round < test::rounds; ++round) {
    const tl::shape batch = test::random_shape(rng, static_cast<int>(rng.below(3))), mnk = test::random_shape(rng, 3);
    tl::shape ys = batch, as = batch, bs = batch;
    ys.push_back(mnk[0]), ys.push_back(mnk[1]);
    as.push_back(mnk[0]), as.push_back(mnk[2]);
    bs.push_back(mnk[2]), bs.push_back(mnk[1]);
    const random_view<T> a(rng, as, true), b(rng, bs, true);
    std::vector<T> bias(static_cast<std::size_t>(mnk[1]) + 1, T(0.25));
    const tl::gemm_epilogue<T> e{rng.below(2) != 0 ? bias.data() : nullptr, rng.below(2) != 0};
    random_view<T> got(rng, ys, false), expected(got);
    INFO("a " << to_string(as) << ", b " << to_string(bs));
    X::gemm(got.v, a.in(), b.in(), e);
    reference::gemm(expected.v, a.in(), b.in(), e);
    REQUIRE(test::distance(got, expected) <= test::rounding<T>);
  }
}

TEMPLATE_TEST_CASE("simt: convolution and pooling", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{17};
  for (int round = 0; round < test::rounds; ++round) {
    tl::window_geometry g = random_window(rng);
    g.groups = 1 + static_cast<std::int64_t>(rng.below(2));
    const auto pick = [&](std::uint64_t n) { return static_cast<std::int64_t>(rng.below(n)); };
    const std::int64_t c = g.groups * (1 + pick(3)), k = g.groups * (1 + pick(3));
    const tl::shape xs{pick(4), c, 1 + pick(7), 1 + pick(7)}, ws{k, c / g.groups, g.kernel[0], g.kernel[1]};
    const tl::shape ys{xs[0], k, g.out(0, xs[2]), g.out(1, xs[3])}, ps{xs[0], c, ys[2], ys[3]};
    INFO("x " << to_string(xs) << ", w " << to_string(ws) << ", y " << to_string(ys));
    const random_view<T> x(rng, xs, true), w(rng, ws, false), dy(rng, ys, true);
    const std::vector<T> bias(static_cast<std::size_t>(k), T(0.5));
    random_view<T> y(rng, ys, false), y2(y), dx(rng, xs, false), dx2(dx), dw(rng, ws, false), dw2(dw);
    X::conv(y.v, x.in(), w.in(), round % 2 == 0 ? bias.data() : nullptr, g);
    reference::conv(y2.v, x.in(), w.in(), round % 2 == 0 ? bias.data() : nullptr, g);
    REQUIRE(test::distance(y, y2) <= test::rounding<T>);
    X::conv_dx(dx.v, dy.in(), w.in(), g);
    reference::conv_dx(dx2.v, dy.in(), w.in(), g);
    REQUIRE(test::distance(dx, dx2) <= test::rounding<T>);
    X::conv_dw(dw.v, dy.in(), x.in(), g);
    reference::conv_dw(dw2.v, dy.in(), x.in(), g);
    REQUIRE(test::distance(dw, dw2) <= test::rounding<T>);
    const random_view<T> dp(rng, ps, true);
    for (const tl::pool_kind kind :
         {tl::pool_kind::max, tl::pool_kind::average, tl::pool_kind::average_without_padding}) {
      random_view<T> p(rng, ps, false), p2(p);
      random_view<std::int64_t> at(rng, ps, false), at2(at);
      X::pool(kind, p.v, at.v, x.in(), g);
      reference::pool(kind, p2.v, at2.v, x.in(), g);
      REQUIRE(test::distance(p, p2) <= test::rounding<T>);
      if (kind == tl::pool_kind::max) REQUIRE(test::distance(at, at2) == 0);
      X::pool_dx(kind, dx.v, dp.in(), at2.in(), g);
      reference::pool_dx(kind, dx2.v, dp.in(), at2.in(), g);
      REQUIRE(test::distance(dx, dx2) <= test::rounding<T>);
    }
  }
}
