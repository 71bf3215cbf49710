#include <tensorlab/backend/cpu/norm.hpp>

#include "backend/cpu/same_bits.hpp"

using namespace test;

namespace {

using floats = tl::array<float, B>;
using dims = tl::dims;

floats filled(const tl::shape& s, const tl::strides& st, std::uint64_t seed, double lo = -1, double hi = 1) {
  auto a = floats::empty(s, st);
  const auto values = test::uniform<float>(s, seed, lo, hi).to_vector();
  const auto v = a.view();
  for (std::int64_t i = 0; i < v.size(); ++i) v.at(i) = values[static_cast<std::size_t>(i)];
  return a;
}

/// A normalisation of x over some axes, its gradients and what they are in double, element by element.
struct problem {
  tl::shape s;
  dims axes;
  floats x, dy, gamma, beta, mean, rstd;

  problem(const tl::shape& shape, const tl::strides& st, const dims& over, bool gamma_along = false)
      : s(shape), axes(over), x(filled(shape, st, 1)), dy(filled(shape, st, 2)) {
    tl::shape kept = s, affine = s;
    for (int d = 0; d < s.rank(); ++d) {
      const bool reduced = axes.contains(d);
      if (reduced) kept[d] = 1;
      if (reduced != gamma_along) affine[d] = 1;
    }
    gamma = filled(affine, tl::row_major(affine), 3, 0.5, 2);
    beta = filled(affine, tl::row_major(affine), 4);
    mean = floats::full(kept, 0);
    rstd = floats::full(kept, 0);
  }

  tl::view<float> statistic(const floats& a) const { return tl::reduction_view(a.view(), s, axes); }
  tl::view<const float> wide(const floats& a) const { return a.broadcast_to(s); }

  /// What `f(i)` adds up to over the elements that share i's statistic, for each i.
  template <class F>
  std::vector<double> sums(const F& f) const {
    const tl::view<const float> place = wide(mean);
    std::vector<double> by_place(static_cast<std::size_t>(mean.size()), 0.0), out;
    const auto at = [&](std::int64_t i) { return static_cast<std::size_t>(place.offset(i)); };
    for (std::int64_t i = 0; i < s.size(); ++i) by_place[at(i)] += f(i);
    for (std::int64_t i = 0; i < s.size(); ++i) out.push_back(by_place[at(i)]);
    return out;
  }

  void check(double tolerance) {
    const double n = static_cast<double>(s.size()) / static_cast<double>(mean.size()), eps = 1e-5;
    const auto value = [](const tl::view<const float>& v, std::int64_t i) { return static_cast<double>(v.at(i)); };
    const tl::view<const float> xs = x.cview(), gs = dy.cview(), g = wide(gamma), b = wide(beta);
    auto y = floats::empty_like(x), dx = floats::empty_like(x);
    B::norm(y.view(), statistic(mean), statistic(rstd), xs, g, b, eps);
    B::norm_backward(dx.view(), gs, xs, g, wide(mean), wide(rstd));

    const auto at = [](const std::vector<double>& v, std::int64_t i) { return v[static_cast<std::size_t>(i)]; };
    const auto total = sums([&](std::int64_t i) { return value(xs, i); });
    const auto squares = sums([&](std::int64_t i) { return std::pow(value(xs, i) - at(total, i) / n, 2); });
    const auto r = [&](std::int64_t i) { return 1 / std::sqrt(at(squares, i) / n + eps); };
    const auto hat = [&](std::int64_t i) { return (value(xs, i) - at(total, i) / n) * r(i); };
    const auto s1 = sums([&](std::int64_t i) { return value(gs, i) * value(g, i); });
    const auto s2 = sums([&](std::int64_t i) { return value(gs, i) * value(g, i) * hat(i); });
    double worst = 0;
    for (std::int64_t i = 0; i < s.size(); ++i) {
      const double want = hat(i) * value(g, i) + value(b, i);
      const double gradient = (value(gs, i) * value(g, i) - at(s1, i) / n - hat(i) * at(s2, i) / n) * r(i);
      worst = (std::max)({worst, std::abs(value(y.cview(), i) - want),
                          std::abs(value(dx.cview(), i) - gradient) / (1 + std::abs(r(i)))});
    }
    INFO("shape " << tl::to_string(s) << ", axes " << tl::to_string(axes));
    REQUIRE(worst < tolerance);
  }
};

}  // namespace

TEST_CASE("normalisation of lines, of columns and of planes equals the formula in double", "[cpu]") {
  for (std::int64_t columns : {1, 3, 15, 16, 17, 31, 64, 65, 257, 1100}) {
    for (std::int64_t rows : {1, 2, 5, 70}) {
      const tl::shape s{rows, columns};
      if (columns > 1) {
        problem(s, {columns, 1}, {1}, true).check(3e-5);   // lines
        problem(s, {1, rows}, {1}, true).check(3e-5);      // lines across memory
        problem(s, {columns, 1}, {1}, false).check(3e-5);  // one factor per line
      }
      if (rows > 1) problem(s, {columns, 1}, {0}).check(3e-5);  // columns
    }
  }
  for (std::int64_t channels : {1, 4, 20, 130}) {
    const tl::shape s{3, channels, 5, 7};
    problem(s, tl::row_major(s), {0, 2, 3}).check(2e-5);
    problem(s, {channels * 35, 1, channels * 7, channels}, {0, 2, 3}).check(2e-5);
  }
  problem({2, 3, 4, 5}, tl::row_major({2, 3, 4, 5}), {2, 3}, true).check(2e-5);
  problem({40000, 5}, {5, 1}, {0}).check(2e-5);
  problem({2, 40000}, {40000, 1}, {1}, true).check(2e-5);
}

TEST_CASE("a mean that is large beside the deviation, and one that drifts, lose nothing", "[cpu]") {
  for (const auto& [s, axis] : {std::pair{tl::shape{3000, 20}, 0}, std::pair{tl::shape{20, 3000}, 1}}) {
    problem p(s, tl::row_major(s), {axis});
    const std::int64_t n = s[axis];
    for (std::int64_t i = 0; i < s.size(); ++i) {
      const std::int64_t along = axis == 0 ? i / 20 : i % 3000;
      float& v = p.x.data()[i];
      // Multiples of 2^-8, so that the sums below are exact. The first rows tell nothing of the others.
      v = std::round(v * 256) / 256 + (along < 300 ? 0.0F : 4096.0F);
    }
    B::norm(floats::empty_like(p.x).view(), p.statistic(p.mean), p.statistic(p.rstd), p.x.cview(), p.wide(p.gamma),
            p.wide(p.beta), 0);
    const auto sum = p.sums([&](std::int64_t i) { return static_cast<double>(p.x.data()[i]); });
    const auto squares = p.sums([&](std::int64_t i) {
      return std::pow(static_cast<double>(p.x.data()[i]) - sum[static_cast<std::size_t>(i)] / static_cast<double>(n),
                      2);
    });
    for (std::int64_t i = 0; i < s.size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      const auto place = p.wide(p.mean).offset(i);
      REQUIRE(p.mean.data()[place] == Approx(sum[at] / static_cast<double>(n)).epsilon(1e-7));
      REQUIRE(p.rstd.data()[place] == Approx(1 / std::sqrt(squares[at] / static_cast<double>(n))).epsilon(1e-5));
    }
  }
  // Around a large mean alone: the deviation is 1 / 256 in 4096, exact in float.
  auto x = floats::empty({1000, 1});
  for (std::int64_t i = 0; i < 1000; ++i) x.data()[i] = 4096.0F + (i % 2 == 0 ? 1.0F : -1.0F) / 256;
  auto mean = floats::empty({1, 1}), rstd = floats::empty({1, 1});
  const tl::view<const float> none{nullptr, x.shape(), {0, 0}};
  B::norm(floats::empty_like(x).view(), tl::reduction_view(mean.view(), x.shape(), {0}),
          tl::reduction_view(rstd.view(), x.shape(), {0}), x.cview(), none, none, 0);
  REQUIRE(mean.data()[0] == 4096);
  REQUIRE(rstd.data()[0] == Approx(256).epsilon(1e-6));
}

TEST_CASE("the gradients of channels in one are those of the two primitives", "[cpu]") {
  const tl::shape s{3, 37, 4, 5};
  problem p(s, {37 * 20, 1, 37 * 5, 37}, {0, 2, 3});
  auto y = floats::empty_like(p.x), dx = floats::empty_like(p.x), together = floats::empty_like(p.x);
  B::norm(y.view(), p.statistic(p.mean), p.statistic(p.rstd), p.x.cview(), p.wide(p.gamma), p.wide(p.beta), 1e-5);
  const auto result = [&] { return floats::full(p.gamma.shape(), 0); };
  auto dgamma = result(), dbeta = result(), dgamma2 = result(), dbeta2 = result();
  B::norm_backward(dx.view(), p.dy.cview(), p.x.cview(), p.wide(p.gamma), p.wide(p.mean), p.wide(p.rstd));
  B::norm_backward_affine(p.statistic(dgamma), p.statistic(dbeta), p.dy.cview(), p.x.cview(), p.wide(p.mean),
                          p.wide(p.rstd));
  B::norm_backward_channels(together.view(), p.statistic(dgamma2), p.statistic(dbeta2), p.dy.cview(), p.x.cview(),
                            p.wide(p.gamma), p.wide(p.mean), p.wide(p.rstd));
  // Not to the bit: which products a compiler fuses with sums differs between the two.
  const auto require_close = [](const floats& one, const floats& other) {
    const auto a = one.to_host(), b = other.to_host();
    for (std::size_t i = 0; i < a.size(); ++i) REQUIRE(a[i] == Approx(b[i]).epsilon(1e-6).margin(2e-6));
  };
  require_close(dgamma, dgamma2);
  require_close(dbeta, dbeta2);
  require_close(dx, together);
}

TEST_CASE("statistics may lie in memory of different orders", "[cpu]") {
  const tl::shape s{4, 6, 3};
  problem p(s, tl::row_major(s), {2});
  auto other = floats::empty({4, 6, 1}, {1, 4, 1});
  auto y = floats::empty_like(p.x), z = floats::empty_like(p.x);
  B::norm(y.view(), p.statistic(p.mean), p.statistic(p.rstd), p.x.cview(), p.wide(p.gamma), p.wide(p.beta), 1e-5);
  B::norm(z.view(), p.statistic(p.mean), p.statistic(other), p.x.cview(), p.wide(p.gamma), p.wide(p.beta), 1e-5);
  REQUIRE(y.to_host() == z.to_host());
  REQUIRE(other.to_host() == p.rstd.to_host());
}

TEST_CASE("normalisation gives the same bits for every number of threads", "[cpu]") {
  for (const dims& axes : {dims{0}, dims{1}}) {
    const tl::shape s{700, 130};
    problem p(s, tl::row_major(s), axes, axes.contains(1));
    require_same_bits(s, [&](auto& y) {
      B::norm(y.view(), p.statistic(p.mean), p.statistic(p.rstd), p.x.cview(), p.wide(p.gamma), p.wide(p.beta), 1e-5);
    });
    require_same_bits(s, [&](auto& dx) {
      B::norm_backward(dx.view(), p.dy.cview(), p.x.cview(), p.wide(p.gamma), p.wide(p.mean), p.wide(p.rstd));
    });
  }
}

TEST_CASE("statistics far from zero lose nothing to cancellation", "[cpu]") {
  // 2^22 and then 1, 2, 3, 6, 35 times: mean 3, variance 3.5, so 1 / sqrt(3.5 + 0.5) = 0.5.
  const std::int64_t n = 140;
  const float far = 4194304;
  std::vector<float> x, y(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) x.push_back(far + (i % 4 == 3 ? 6.0f : static_cast<float>(i % 4 + 1)));
  float mean = 0, rstd = 0;
  const tl::shape s{n};
  const tl::view<const float> none;
  tl::detail::cpu_norm::norm(tl::view<float>{y.data(), s, {1}}, tl::view<float>{&mean, s, {0}},
                             tl::view<float>{&rstd, s, {0}}, tl::view<const float>{x.data(), s, {1}}, none, none, 0.5);
  REQUIRE(mean == far + 3);
  REQUIRE(rstd == 0.5f);
  REQUIRE(std::vector<float>(y.begin(), y.begin() + 5) == std::vector<float>{-1, -0.5f, 0, 1.5f, -1});
}

TEST_CASE("absent scale and shift are one and zero, in both directions", "[cpu]") {
  const std::vector<double> x{1, 2, 3, 6}, dy{1, 1, 1, 4}, mean{3}, rstd{0.5};
  std::vector<double> dx(4), dgamma(4), dbeta(4);
  const tl::shape s{4};
  const auto dense = [&](const std::vector<double>& v) { return tl::view<const double>{v.data(), s, {1}}; };
  const auto one = [&](const std::vector<double>& v) { return tl::view<const double>{v.data(), s, {0}}; };
  // dy has the mean 1.75 and, with x^ = -1, -0.5, 0, 1.5, the projection (-1 - 0.5 + 6) / 4 = 1.125.
  tl::detail::cpu_norm::norm_backward(tl::view<double>{dx.data(), s, {1}}, dense(dy), dense(x), {}, one(mean),
                                      one(rstd));
  const double expected[] = {0.1875, -0.09375, -0.375, 0.28125};
  for (std::size_t i = 0; i < 4; ++i) REQUIRE(dx[i] == Approx(expected[i]).margin(1e-12));
  tl::detail::cpu_norm::norm_backward_affine(tl::view<double>{dgamma.data(), s, {1}},
                                             tl::view<double>{dbeta.data(), s, {1}}, dense(dy), dense(x), one(mean),
                                             one(rstd));
  REQUIRE(dgamma == std::vector<double>{-1, -0.5, 0, 6});
  REQUIRE(dbeta == dy);
}
