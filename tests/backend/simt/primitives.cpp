#include <tensorlab/backend/reference.hpp>

#include "backend/simt/lanes.hpp"
#include "backend/simt/random_views.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
using test::random_view;
using tl::reference;

namespace {

constexpr int rounds = 60;

template <class T>
constexpr double tolerance = sizeof(T) == 8 ? 1e-12 : 2e-5;

/// A random axis of a shape, and the strides of an output that keeps all other dimensions.
int random_axis(const tl::random::stream& rng, const tl::shape& s) {
  return static_cast<int>(rng.below(static_cast<std::uint64_t>(s.rank())));
}

template <class T>
random_view<T> reduced(const tl::random::stream& rng, const tl::shape& s, const std::vector<bool>& axes) {
  tl::shape kept = s;
  for (int d = 0; d < s.rank(); ++d)
    if (axes[static_cast<std::size_t>(d)]) kept[d] = 1;
  random_view<T> v(rng, kept, false);
  v.v.shape = s;
  for (int d = 0; d < s.rank(); ++d)
    if (kept[d] != s[d]) v.v.strides[d] = 0;
  return v;
}

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

// The serial group, a few lanes in a few groups, and more lanes than most slices have elements.
#define SIMT_TYPES                                                                                    \
  (std::pair<tl::simt, float>), (std::pair<tl::simt, double>), (std::pair<test::lanes<4, 3>, float>), \
      (std::pair<test::lanes<8, 2>, double>)

TEMPLATE_TEST_CASE("simt: elementwise", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{11};
  for (int round = 0; round < rounds; ++round) {
    const tl::shape s = test::random_shape(rng, static_cast<int>(rng.below(5)));
    const random_view<T> a(rng, s, true), b(rng, s, true), c(rng, s, true, 0, 2);
    random_view<T> got(rng, s, false), expected(got);
    INFO("shape " << to_string(s));
    X::map(tl::rule::tanh{}, got.v, a.in());
    reference::map(tl::rule::tanh{}, expected.v, a.in());
    REQUIRE(test::distance(got, expected) <= tolerance<T>);
    X::map(tl::rule::sub{}, got.v, a.in(), b.in());
    reference::map(tl::rule::sub{}, expected.v, a.in(), b.in());
    REQUIRE(test::distance(got, expected) == 0);
    X::map(tl::chain2<tl::rule::silu>{}, got.v, a.in(), b.in(), c.in());
    reference::map(tl::chain2<tl::rule::silu>{}, expected.v, a.in(), b.in(), c.in());
    REQUIRE(test::distance(got, expected) <= tolerance<T>);
    X::map(tl::rule::add{}, got.v, got.v, a.in());
    reference::map(tl::rule::add{}, expected.v, expected.v, a.in());
    REQUIRE(test::distance(got, expected) <= tolerance<T>);
    X::map(tl::rule::fill<T>{T(3)}, got.v);
    reference::map(tl::rule::fill<T>{T(3)}, expected.v);
    REQUIRE(test::distance(got, expected) == 0);
    X::generate(tl::rule::uniform<T>{5, 7, T(-1), T(1)}, got.v);
    reference::generate(tl::rule::uniform<T>{5, 7, T(-1), T(1)}, expected.v);
    REQUIRE(test::distance(got, expected) == 0);
    random_view<std::int64_t> got_int(rng, s, false), expected_int(got_int);
    X::map(tl::rule::convert<std::int64_t>{}, got_int.v, a.in());
    reference::map(tl::rule::convert<std::int64_t>{}, expected_int.v, a.in());
    REQUIRE(test::distance(got_int, expected_int) == 0);
  }
}

TEMPLATE_TEST_CASE("simt: reductions", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{12};
  for (int round = 0; round < rounds; ++round) {
    const tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(4)));
    std::vector<bool> axes(static_cast<std::size_t>(s.rank()));
    for (std::size_t d = 0; d < axes.size(); ++d) axes[d] = rng.below(2) != 0;
    const random_view<T> x(rng, s, true, 0.5, 1.5);
    random_view<T> got = reduced<T>(rng, s, axes), expected(got);
    INFO("shape " << to_string(s) << ", output strides " << to_string(got.v.strides));
    tl::for_each_type(tl::rule::reduce_ops{}, [&]<class R>() {
      X::reduce(R{}, got.v, x.in());
      reference::reduce(R{}, expected.v, x.in());
      REQUIRE(test::distance(got, expected) <= 10 * tolerance<T>);
    });
  }
}

TEST_CASE("simt: a long reduction is cut into chunks", "[backend][simt]") {
  const tl::random::stream rng{13};
  for (const tl::shape& s : {tl::shape{2, 40000}, tl::shape{30000, 3}, tl::shape{5000, 40}})
    for (int axis = 0; axis < 2; ++axis) {
      const random_view<float> x(rng, s, false, 0, 1);
      random_view<float> serial = reduced<float>(rng, s, {axis == 0, axis == 1}), lanes(serial), expected(serial);
      tl::simt::reduce(tl::rule::sum{}, serial.v, x.in());
      test::lanes<8, 16>::reduce(tl::rule::sum{}, lanes.v, x.in());
      reference::reduce(tl::rule::sum{}, expected.v, x.in());
      REQUIRE(test::distance(serial, expected) <= 4e-6);
      REQUIRE(test::distance(lanes, expected) <= 4e-6);
    }
}

TEMPLATE_TEST_CASE("simt: positions, running sums and sorting", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{14};
  for (int round = 0; round < rounds; ++round) {
    tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(3)));
    const int axis = random_axis(rng, s);
    if (round % 10 == 0) s[axis] = 70 + static_cast<std::int64_t>(rng.below(80));
    random_view<T> x(rng, s, true, -3, 3);
    if (round % 2 == 0)  // ties, and some that are not numbers
      for (T& v : x.memory) v = std::round(v) == T(3) ? std::numeric_limits<T>::quiet_NaN() : std::round(v);
    std::vector<bool> axes(static_cast<std::size_t>(s.rank()));
    axes[static_cast<std::size_t>(axis)] = true;
    const bool flag = rng.below(2) != 0;
    INFO("shape " << to_string(s) << ", axis " << axis << ", strides " << to_string(x.v.strides) << ", flag " << flag);
    random_view<std::int64_t> got_at = reduced<std::int64_t>(rng, s, axes), expected_at(got_at);
    X::arg_reduce(tl::rule::max{}, got_at.v, x.in(), axis);
    reference::arg_reduce(tl::rule::max{}, expected_at.v, x.in(), axis);
    REQUIRE(test::distance(got_at, expected_at) == 0);
    X::arg_reduce(tl::rule::min{}, got_at.v, x.in(), axis);
    reference::arg_reduce(tl::rule::min{}, expected_at.v, x.in(), axis);
    REQUIRE(test::distance(got_at, expected_at) == 0);
    random_view<T> got(rng, s, false), expected(got);
    X::cumulate(tl::rule::sum{}, got.v, x.in(), axis, flag);
    reference::cumulate(tl::rule::sum{}, expected.v, x.in(), axis, flag);
    REQUIRE(test::distance(got, expected) <= 10 * tolerance<T>);
    random_view<std::int64_t> got_order(rng, s, false), expected_order(got_order);
    X::sort(got.v, got_order.v, x.in(), axis, flag);
    reference::sort(expected.v, expected_order.v, x.in(), axis, flag);
    REQUIRE(test::distance(got, expected) == 0);
    REQUIRE(test::distance(got_order, expected_order) == 0);
  }
}

TEMPLATE_TEST_CASE("simt: gather and scatter_add", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{15};
  for (int round = 0; round < rounds; ++round) {
    tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(3))), table = s;
    const int axis = random_axis(rng, s);
    table[axis] = 1 + static_cast<std::int64_t>(rng.below(round % 3 == 0 ? 300 : 6));
    random_view<std::int64_t> index(rng, s, true, 0, static_cast<double>(table[axis]));
    const random_view<T> from(rng, table, true), x(rng, s, true);
    INFO("shape " << to_string(s) << ", axis " << axis << " of " << table[axis]);
    random_view<T> got(rng, s, false), expected(got);
    X::gather(got.v, from.in(), index.in(), axis);
    reference::gather(expected.v, from.in(), index.in(), axis);
    REQUIRE(test::distance(got, expected) == 0);
    random_view<T> got_sum(rng, table, false), expected_sum(got_sum);
    X::scatter_add(got_sum.v, x.in(), index.in(), axis);
    reference::scatter_add(expected_sum.v, x.in(), index.in(), axis);
    REQUIRE(test::distance(got_sum, expected_sum) == 0);
  }
}

TEMPLATE_TEST_CASE("simt: gemm", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{16};
  for (int round = 0; round < rounds; ++round) {
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
    REQUIRE(test::distance(got, expected) <= tolerance<T>);
  }
}

TEMPLATE_TEST_CASE("simt: convolution and pooling", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{17};
  for (int round = 0; round < rounds; ++round) {
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
    REQUIRE(test::distance(y, y2) <= tolerance<T>);
    X::conv_dx(dx.v, dy.in(), w.in(), g);
    reference::conv_dx(dx2.v, dy.in(), w.in(), g);
    REQUIRE(test::distance(dx, dx2) <= tolerance<T>);
    X::conv_dw(dw.v, dy.in(), x.in(), g);
    reference::conv_dw(dw2.v, dy.in(), x.in(), g);
    REQUIRE(test::distance(dw, dw2) <= tolerance<T>);
    const random_view<T> dp(rng, ps, true);
    for (const tl::pool_kind kind :
         {tl::pool_kind::max, tl::pool_kind::average, tl::pool_kind::average_without_padding}) {
      random_view<T> p(rng, ps, false), p2(p);
      random_view<std::int64_t> at(rng, ps, false), at2(at);
      X::pool(kind, p.v, at.v, x.in(), g);
      reference::pool(kind, p2.v, at2.v, x.in(), g);
      REQUIRE(test::distance(p, p2) <= tolerance<T>);
      if (kind == tl::pool_kind::max) REQUIRE(test::distance(at, at2) == 0);
      X::pool_dx(kind, dx.v, dp.in(), at2.in(), g);
      reference::pool_dx(kind, dx2.v, dp.in(), at2.in(), g);
      REQUIRE(test::distance(dx, dx2) <= tolerance<T>);
    }
  }
}

TEMPLATE_TEST_CASE("simt: normalisation", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{18};
  for (int round = 0; round < rounds; ++round) {
    const tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(4)), false);
    std::vector<bool> axes(static_cast<std::size_t>(s.rank()));
    for (std::size_t d = 0; d < axes.size(); ++d) axes[d] = rng.below(2) != 0;
    const random_view<T> x(rng, s, true), dy(rng, s, true), gamma(rng, s, true), beta(rng, s, true);
    const tl::view<const T> none;
    const auto scale = round % 3 == 0 ? none : gamma.in(), shift = round % 4 == 0 ? none : beta.in();
    random_view<T> y(rng, s, false), y2(y), mean = reduced<T>(rng, s, axes), mean2(mean), rstd(mean), rstd2(mean);
    INFO("shape " << to_string(s) << ", statistics " << to_string(mean.v.strides));
    X::norm(y.v, mean.v, rstd.v, x.in(), scale, shift, 0.1);
    reference::norm(y2.v, mean2.v, rstd2.v, x.in(), scale, shift, 0.1);
    REQUIRE(test::distance(mean, mean2) <= tolerance<T>);
    REQUIRE(test::distance(rstd, rstd2) <= tolerance<T>);
    REQUIRE(test::distance(y, y2) <= tolerance<T>);
    random_view<T> dx(rng, s, false), dx2(dx);
    X::norm_backward(dx.v, dy.in(), x.in(), scale, mean2.in(), rstd2.in());
    reference::norm_backward(dx2.v, dy.in(), x.in(), scale, mean2.in(), rstd2.in());
    REQUIRE(test::distance(dx, dx2) <= 10 * tolerance<T>);
    for (std::size_t d = 0; d < axes.size(); ++d) axes[d] = rng.below(2) != 0;
    random_view<T> dgamma = reduced<T>(rng, s, axes), dgamma2(dgamma), dbeta(dgamma), dbeta2(dgamma);
    X::norm_backward_affine(dgamma.v, dbeta.v, dy.in(), x.in(), mean2.in(), rstd2.in());
    reference::norm_backward_affine(dgamma2.v, dbeta2.v, dy.in(), x.in(), mean2.in(), rstd2.in());
    REQUIRE(test::distance(dgamma, dgamma2) <= 10 * tolerance<T>);
    REQUIRE(test::distance(dbeta, dbeta2) <= 10 * tolerance<T>);
  }
}

TEMPLATE_TEST_CASE("simt: softmax", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{19};
  for (int round = 0; round < rounds; ++round) {
    const tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(4)));
    const int axis = random_axis(rng, s);
    const bool log = rng.below(2) != 0;
    random_view<T> x(rng, s, true, -4, 4);
    if (round % 5 == 0)
      for (std::size_t i = 0; i < x.memory.size(); i += 3) x.memory[i] = -std::numeric_limits<T>::infinity();
    const random_view<T> v(rng, s, true), dy(rng, s, true);
    random_view<T> got(rng, s, false), expected(got);
    INFO("shape " << to_string(s) << ", axis " << axis << ", log " << log);
    X::softmax(got.v, x.in(), axis, log);
    reference::softmax(expected.v, x.in(), axis, log);
    REQUIRE(test::distance(got, expected) <= tolerance<T>);
    X::softmax_backward(got.v, v.in(), dy.in(), axis, log);
    reference::softmax_backward(expected.v, v.in(), dy.in(), axis, log);
    REQUIRE(test::distance(got, expected) <= 10 * tolerance<T>);
  }
}
