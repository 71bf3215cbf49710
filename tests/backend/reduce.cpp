#include "backend/both.hpp"

namespace {

using namespace test;

struct reduction {
  tl::shape of;
  tl::dims axes;
};

const reduction reductions[] = {
    {{}, {}},
    {{0}, {0}},
    {{3, 0}, {1}},
    {{0, 3}, {1}},
    {{1}, {0}},
    {{7}, {0}},
    {{300}, {0}},
    {{5, 1, 7}, {1}},
    {{5, 1, 7}, {0, 2}},
    {{4, 5, 6}, {0}},
    {{4, 5, 6}, {1}},
    {{4, 5, 6}, {2}},
    {{4, 5, 6}, {0, 1, 2}},
    {{2, 3, 4, 5}, {0, 2}},
    {{2, 3, 4, 5}, {1, 3}},
    {{70, 90}, {0}},
    {{70, 90}, {1}},
    {{1000, 3}, {1}},
    {{40000}, {0}},
    {{19000, 5}, {0}},
    {{300, 300}, {0}},
    {{3, 20000}, {1}},
    {{2, 40, 500}, {0, 2}},
    {{2, 5, 13, 1000}, {0, 3}},
};

tl::shape kept(const reduction& r) { return tl::reduced_shape(r.of, r.axes, true); }

/// `per_term` is the relative error, in units of the tolerance, that each term may add.
template <class T, class... Rs>
void check(tl::type_list<Rs...>, double lo, double hi, double per_term) {
  std::uint64_t seed = 100;
  const auto one = [&](const auto& rule, const reduction& r, layout from, layout to) {
    INFO(rule.name << " of " << tl::to_string(r.of) << " over " << tl::to_string(r.axes));
    const auto x = random_both<T>(r.of, from, ++seed, lo, hi);
    auto y = random_both<T>(kept(r), to, ++seed);
    tl::reference::reduce(rule, y.e_reduced(r.of, r.axes), x.ce());
    B::reduce(rule, y.g_reduced(r.of, r.axes), x.cg());
    const double terms =
        static_cast<double>(r.of.size()) / static_cast<double>((std::max)(kept(r).size(), std::int64_t{1}));
    require_equal(y, 1 + per_term * terms);
  };
  for (const reduction& r : reductions)
    for (layout l : every_layout) (..., (one(Rs{}, r, l, layout::dense), one(Rs{}, r, layout::dense, l)));
}

}  // namespace

TEMPLATE_TEST_CASE("reductions agree with the reference over every set of axes", "[backend]", float, double) {
  check<TestType>(tl::type_list<tl::rule::sum, tl::rule::sum_squares, tl::rule::max, tl::rule::min>{}, -1, 3, 0);
}

TEMPLATE_TEST_CASE("a product of factors near one agrees with the reference", "[backend]", float, double) {
  const double rounding = static_cast<double>(std::numeric_limits<TestType>::epsilon()) / 2;
  check<TestType>(tl::type_list<tl::rule::prod>{}, 1 - 1e-4, 1 + 1e-4, rounding / tolerance<TestType>());
}

TEST_CASE("reductions of integers agree with the reference", "[backend]") {
  check<std::int64_t>(tl::type_list<tl::rule::sum, tl::rule::max, tl::rule::min>{}, -9, 9, 0);
}

TEST_CASE("a long sum of floats keeps its digits", "[backend]") {
  // 0.1f is 0.100000001490116; a running float sum of 4 million of them is off by several percent.
  const std::int64_t n = 1 << 22;
  auto x = tl::array<float, B>::full({n}, 0.1f);
  auto y = tl::array<float, B>::empty({1});
  B::reduce(tl::rule::sum{}, tl::reduction_view(y.view(), {n}, {0}), x.cview());
  const double expected = 0.100000001490116 * static_cast<double>(n);
  REQUIRE(std::abs(static_cast<double>(y.to_host()[0]) - expected) < 1e-6 * expected);
}

TEST_CASE("maximum and minimum of a line with NaN are NaN", "[backend]") {
  const auto values = std::make_unique<float[]>(300);
  values[37] = std::numeric_limits<float>::quiet_NaN();
  const auto x = from_values(values, 300, {3, 100}, {100, 1});
  for (const tl::dims& axes : {tl::dims{0}, tl::dims{1}}) {
    auto y = random_both<float>(tl::reduced_shape({3, 100}, axes, true), layout::dense, 1);
    tl::reference::reduce(tl::rule::max{}, y.e_reduced({3, 100}, axes), x.ce());
    B::reduce(tl::rule::max{}, y.g_reduced({3, 100}, axes), x.cg());
    require_equal(y);
    tl::reference::reduce(tl::rule::min{}, y.e_reduced({3, 100}, axes), x.ce());
    B::reduce(tl::rule::min{}, y.g_reduced({3, 100}, axes), x.cg());
    require_equal(y);
  }
}

namespace {

const tl::shape line_shapes[] = {{1}, {40}, {5, 1, 7}, {4, 5, 6}, {2, 3, 4, 5}, {200, 90}, {0, 3}, {3, 130, 101}};

template <class T, class R>
void check_arg(const R& rule) {
  std::uint64_t seed = 200;
  for (const tl::shape& s : line_shapes)
    for (int axis = 0; axis < s.rank(); ++axis)
      for (layout l : every_layout) {
        INFO(R::name << " of " << tl::to_string(s) << " along " << axis);
        const auto x = random_both<T>(s, l, ++seed, -6, 6);
        auto y = random_both<std::int64_t>(tl::reduced_shape(s, {axis}, true), layout::dense, ++seed);
        tl::reference::arg_reduce(rule, y.e_reduced(s, {axis}), x.ce(), axis);
        B::arg_reduce(rule, y.g_reduced(s, {axis}), x.cg(), axis);
        require_equal(y);
      }
}

template <class T, class R>
void check_cumulate(const R& rule, double lo, double hi) {
  std::uint64_t seed = 300;
  for (const tl::shape& s : line_shapes)
    for (int axis = 0; axis < s.rank(); ++axis)
      for (layout l : every_layout)
        for (bool reverse : {false, true}) {
          INFO(R::name << " of " << tl::to_string(s) << " along " << axis);
          const auto x = random_both<T>(s, l, ++seed, lo, hi);
          auto y = random_both<T>(s, layout::gapped, ++seed);
          tl::reference::cumulate(rule, y.e(), x.ce(), axis, reverse);
          B::cumulate(rule, y.g(), x.cg(), axis, reverse);
          require_equal(y);
        }
}

}  // namespace

TEMPLATE_TEST_CASE("arg_reduce finds the reference's positions", "[backend]", float, double, std::int64_t) {
  check_arg<TestType>(tl::rule::max{});
  check_arg<TestType>(tl::rule::min{});
}

TEST_CASE("arg_reduce takes the first of equal values, and a NaN before any number", "[backend]") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto values = std::make_unique<float[]>(8);
  const float given[] = {1, 3, 3, 0, 2, nan, 5, nan};
  for (std::size_t i = 0; i < 8; ++i) values[i] = given[i];
  const auto x = from_values(values, 8, {2, 4}, {4, 1});
  auto y = tl::array<std::int64_t, B>::empty({2, 1});
  B::arg_reduce(tl::rule::max{}, tl::reduction_view(y.view(), {2, 4}, {1}), x.cg(), 1);
  REQUIRE(y.to_host() == std::vector<std::int64_t>{1, 1});
}

TEMPLATE_TEST_CASE("cumulate agrees with the reference", "[backend]", float, double) {
  check_cumulate<TestType>(tl::rule::sum{}, -1, 1);
  check_cumulate<TestType>(tl::rule::prod{}, 0.9, 1.1);
}
