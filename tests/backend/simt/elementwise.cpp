#include <tensorlab/backend/simt/elementwise.hpp>

#include <tensorlab/backend/reference.hpp>

#include "backend/simt/lanes.hpp"
#include "backend/simt/random_views.hpp"
#include "support/catch.hpp"

namespace tl = tensorlab;
using test::random_view;
using tl::reference;

namespace {

/// A launcher that notes how many groups it is asked for.
struct counting {
  static constexpr int lanes = 4;
  static void run(const char*, const void*, std::int64_t groups, const std::vector<std::int64_t>& seen) {
    const_cast<std::vector<std::int64_t>&>(seen).push_back(groups);
  }
};

}  // namespace

TEMPLATE_TEST_CASE("simt: elementwise", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{11};
  for (int round = 0; round < test::rounds; ++round) {
    const tl::shape s = test::random_shape(rng, static_cast<int>(rng.below(5)));
    const random_view<T> a(rng, s, true), b(rng, s, true), c(rng, s, true, 0, 2);
    random_view<T> got(rng, s, false), expected(got);
    INFO("shape " << to_string(s));
    X::map(tl::rule::tanh{}, got.v, a.in());
    reference::map(tl::rule::tanh{}, expected.v, a.in());
    REQUIRE(test::distance(got, expected) <= test::rounding<T>);
    X::map(tl::rule::sub{}, got.v, a.in(), b.in());
    reference::map(tl::rule::sub{}, expected.v, a.in(), b.in());
    REQUIRE(test::distance(got, expected) == 0);
    X::map(tl::chain2<tl::rule::silu>{}, got.v, a.in(), b.in(), c.in());
    reference::map(tl::chain2<tl::rule::silu>{}, expected.v, a.in(), b.in(), c.in());
    REQUIRE(test::distance(got, expected) <= test::rounding<T>);
    X::map(tl::rule::add{}, got.v, got.v, a.in());
    reference::map(tl::rule::add{}, expected.v, expected.v, a.in());
    REQUIRE(test::distance(got, expected) <= test::rounding<T>);
    X::map(tl::rule::fill<T>{T(3)}, got.v);
    reference::map(tl::rule::fill<T>{T(3)}, expected.v);
    REQUIRE(test::distance(got, expected) == 0);
    X::generate(tl::rule::uniform<T>{5, 7, T(-1), T(1)}, got.v);
    reference::generate(tl::rule::uniform<T>{5, 7, T(-1), T(1)}, expected.v);
    REQUIRE(test::distance(got, expected) == 0);
    const std::int64_t drawn[] = {5, 7};
    const tl::rule::drawn_mask<T> mask{drawn, T(0.5), T(2)};
    X::generate(tl::rule::drop<tl::rule::copy, T>{mask}, got.v, a.in());
    reference::generate(tl::rule::drop<tl::rule::copy, T>{mask}, expected.v, a.in());
    REQUIRE(test::distance(got, expected) == 0);
    X::generate(tl::rule::drop_chain<tl::rule::silu, T>{mask}, got.v, b.in(), a.in());
    reference::generate(tl::rule::drop_chain<tl::rule::silu, T>{mask}, expected.v, b.in(), a.in());
    REQUIRE(test::distance(got, expected) <= test::rounding<T>);
    random_view<std::int64_t> got_int(rng, s, false), expected_int(got_int);
    X::map(tl::rule::convert<std::int64_t>{}, got_int.v, a.in());
    reference::map(tl::rule::convert<std::int64_t>{}, expected_int.v, a.in());
    REQUIRE(test::distance(got_int, expected_int) == 0);
  }
}

TEMPLATE_TEST_CASE("simt: gather and scatter_add", "[backend][simt]", SIMT_TYPES) {
  using X = typename TestType::first_type;
  using T = typename TestType::second_type;
  const tl::random::stream rng{15};
  for (int round = 0; round < test::rounds; ++round) {
    tl::shape s = test::random_shape(rng, 1 + static_cast<int>(rng.below(3))), table = s;
    const int axis = test::random_axis(rng, s);
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

TEST_CASE("simt: no lanes are started for no elements", "[backend][simt]") {
  std::vector<std::int64_t> groups;
  for (const std::int64_t count : {0, 1, 4, 5, 9})
    tl::simt_kernel::elementwise_primitives<counting>::over_lanes("test", nullptr, count, groups);
  REQUIRE(groups == std::vector<std::int64_t>{1, 1, 2, 3});
}

TEST_CASE("simt: positions get lanes of their own where lines are few", "[backend][simt]") {
  using many = tl::simt_kernel::elementwise_primitives<test::thread_launcher<256, 100>>;
  REQUIRE(many::position_wise(1, 1000));
  REQUIRE_FALSE(many::position_wise(25600, 1000));
  REQUIRE_FALSE(tl::simt_kernel::elementwise_primitives<tl::simt_kernel::serial_launcher>::position_wise(1, 10));
}
