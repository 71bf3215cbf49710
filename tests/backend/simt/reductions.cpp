#include <tensorlab/backend/simt/reductions.hpp>

#include <tensorlab/backend/reference.hpp>

#include "backend/simt/lanes.hpp"
#include "backend/simt/random_views.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
using test::random_view;
using tl::reference;

TEMPLATE_TEST_CASE("simt: reductions", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{12};
  for (int round = 0; round < test::rounds; ++round) {
    const tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(4)));
    std::vector<bool> axes(static_cast<std::size_t>(s.rank()));
    for (std::size_t d = 0; d < axes.size(); ++d) axes[d] = rng.below(2) != 0;
    const random_view<T> x(rng, s, true, 0.5, 1.5);
    random_view<T> got = test::reduced<T>(rng, s, axes), expected(got);
    INFO("shape " << to_string(s) << ", output strides " << to_string(got.v.strides));
    tl::for_each_type(tl::rule::reduce_ops{}, [&]<class R>() {
      X::reduce(R{}, got.v, x.in());
      reference::reduce(R{}, expected.v, x.in());
      REQUIRE(test::distance(got, expected) <= 10 * test::rounding<T>);
    });
  }
}

TEST_CASE("simt: a long reduction is cut into chunks", "[backend][simt]") {
  const tl::random::stream rng{13};
  for (const tl::shape& s : {tl::shape{2, 40000}, tl::shape{30000, 3}, tl::shape{5000, 40}})
    for (int axis = 0; axis < 2; ++axis) {
      const random_view<float> x(rng, s, false, 0, 1);
      random_view<float> serial = test::reduced<float>(rng, s, {axis == 0, axis == 1}), lanes(serial), expected(serial);
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
  for (int round = 0; round < test::rounds; ++round) {
    tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(3)));
    const int axis = test::random_axis(rng, s);
    if (round % 10 == 0) s[axis] = 70 + static_cast<std::int64_t>(rng.below(80));
    random_view<T> x(rng, s, true, -3, 3);
    if (round % 2 == 0)  // ties, and some that are not numbers
      for (T& v : x.memory) v = std::round(v) == T(3) ? std::numeric_limits<T>::quiet_NaN() : std::round(v);
    std::vector<bool> axes(static_cast<std::size_t>(s.rank()));
    axes[static_cast<std::size_t>(axis)] = true;
    const bool flag = rng.below(2) != 0;
    INFO("shape " << to_string(s) << ", axis " << axis << ", strides " << to_string(x.v.strides) << ", flag " << flag);
    random_view<std::int64_t> got_at = test::reduced<std::int64_t>(rng, s, axes), expected_at(got_at);
    X::arg_reduce(tl::rule::max{}, got_at.v, x.in(), axis);
    reference::arg_reduce(tl::rule::max{}, expected_at.v, x.in(), axis);
    REQUIRE(test::distance(got_at, expected_at) == 0);
    X::arg_reduce(tl::rule::min{}, got_at.v, x.in(), axis);
    reference::arg_reduce(tl::rule::min{}, expected_at.v, x.in(), axis);
    REQUIRE(test::distance(got_at, expected_at) == 0);
    random_view<T> got(rng, s, false), expected(got);
    X::cumulate(tl::rule::sum{}, got.v, x.in(), axis, flag);
    reference::cumulate(tl::rule::sum{}, expected.v, x.in(), axis, flag);
    REQUIRE(test::distance(got, expected) <= 10 * test::rounding<T>);
    random_view<std::int64_t> got_order(rng, s, false), expected_order(got_order);
    X::sort(got.v, got_order.v, x.in(), axis, flag);
    reference::sort(expected.v, expected_order.v, x.in(), axis, flag);
    REQUIRE(test::distance(got, expected) == 0);
    REQUIRE(test::distance(got_order, expected_order) == 0);
  }
}
