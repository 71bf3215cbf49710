#include <tensorlab/ops/reduce.hpp>

#include <cmath>
#include <limits>

#include "ops/layouts.hpp"

using T = tl::tensor<double, B>;
using integers = tl::tensor<std::int64_t, B>;
using test::tensors;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// Calls `f(x, axes)` for every layout with every single axis, the first and last together, and all of them.
template <class E, class F>
void for_each_reduction(F f) {
  for (const auto& [layout, x] : test::layouts<E>(-2, 2)) {
    INFO(layout << " " << tl::to_string(x.shape()));
    f(x, tl::dims{});
    for (int a = 0; a < x.rank(); ++a) f(x, tl::dims{a});
    if (x.rank() > 1) f(x, tl::dims{-1, 0});
    if (x.rank() > 2) f(x, tl::dims{1, -1});
  }
}

template <class E, class F>
void require_equal_to_reference(const F& f, bool needs_elements = false) {
  for_each_reduction<E>([&](const auto& view, const tl::dims& axes) {
    if (needs_elements && view.size() == 0) return;
    INFO("axes " << tl::to_string(axes));
    auto x = tl::stop_gradient(view);
    auto e = test::on_reference(view);
    x.requires_grad(true);
    e.requires_grad(true);
    const auto y = f(x, axes);
    const auto expected = f(e, axes);
    test::require_close(y, expected, 16);
    const auto weights = test::uniform<E>(y.shape(), 7, 0.5, 1);
    y.backward(weights);
    expected.backward(test::on_reference(weights));
    test::require_close(x.grad(), e.grad(), 16);
  });
}

}  // namespace

TEMPLATE_TEST_CASE("reductions equal the reference backend", "[ops][reduce]", float, double) {
  require_equal_to_reference<TestType>([](const auto& x, const tl::dims& a) { return tl::sum(x, a); });
  require_equal_to_reference<TestType>([](const auto& x, const tl::dims& a) { return tl::mean(x, a, true); });
  require_equal_to_reference<TestType>([](const auto& x, const tl::dims& a) { return tl::norm2(x, a); });
  require_equal_to_reference<TestType>([](const auto& x, const tl::dims& a) { return tl::logsumexp(x, a); });
  require_equal_to_reference<TestType>([](const auto& x, const tl::dims& a) { return tl::amax(x, a); }, true);
  require_equal_to_reference<TestType>([](const auto& x, const tl::dims& a) { return tl::amin(x, a, true); }, true);
  require_equal_to_reference<TestType>([](const auto& x, const tl::dims& a) { return tl::var(x, a, 0); }, true);
}

TEMPLATE_TEST_CASE("products equal the reference backend", "[ops][reduce]", float, double) {
  const auto f = [](const auto& x, const tl::dims& a) { return tl::prod(x, a); };
  for (const tl::shape& s : {tl::shape{}, {1}, {7}, {3, 4}, {2, 3, 5}, {0, 2}})
    for (const tl::dims& axes : {tl::dims{}, {-1}, {0}}) {
      if (s.rank() == 0 && axes.rank() != 0) continue;
      auto x = test::uniform<TestType>(s, 3, -2, 2);
      auto e = test::on_reference(x);
      x.requires_grad(true);
      e.requires_grad(true);
      const auto y = f(x, axes);
      test::require_close(y, f(e, axes), 4);
      y.backward(tl::tensor<TestType, B>::ones(y.shape()));
      f(e, axes).backward(tl::tensor<TestType, tl::reference>::ones(y.shape()));
      test::require_close(x.grad(), e.grad(), 16);
    }
}

TEST_CASE("reductions have right first and second derivatives", "[ops][reduce]") {
  const auto x = test::uniform<double>({2, 3, 2}, 5);
  const auto check = [&](auto f) {
    for (const tl::dims& axes : {tl::dims{}, {0}, {1}, {-1, 0}}) {
      INFO(tl::to_string(axes));
      test::require_gradients([&](const tensors& v) { return f(v[0], axes, false); }, {x});
      test::require_gradients([&](const tensors& v) { return f(tl::permute(v[0], {2, 0, 1}), axes, true); }, {x});
    }
  };
  SECTION("sum") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::sum(v, a, k); });
  }
  SECTION("mean") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::mean(v, a, k); });
  }
  SECTION("prod") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::prod(v, a, k); });
  }
  SECTION("amax") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::amax(v, a, k); });
  }
  SECTION("amin") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::amin(v, a, k); });
  }
  SECTION("var") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::var(v, a, 1, k); });
  }
  SECTION("stddev") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::stddev(v, a, 0, k); });
  }
  SECTION("norm2") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::norm2(v, a, k); });
  }
  SECTION("logsumexp") {
    check([](const T& v, const tl::dims& a, bool k) { return tl::logsumexp(v, a, k); });
  }
}

TEST_CASE("reductions have the values of the formulas", "[ops][reduce]") {
  const auto x = T::from({1, 2, 3, 4, 5, 9}, {2, 3});
  test::require_values(tl::sum(x), {24});
  test::require_values(tl::sum(x, {0}), {5, 7, 12});
  test::require_values(tl::mean(x, {1}), {2, 6});
  test::require_values(tl::prod(x, {1}), {6, 180});
  test::require_values(tl::amax(x, {0}), {4, 5, 9});
  test::require_values(tl::amin(x, {1}), {1, 4});
  test::require_values(tl::var(x, {1}), {1, 7});
  test::require_values(tl::var(x, {1}, 0), {2.0 / 3, 14.0 / 3});
  test::require_values(tl::stddev(x, {1}), {1, std::sqrt(7.0)});
  test::require_values(tl::norm2(x, {0}), {std::sqrt(17.0), std::sqrt(29.0), std::sqrt(90.0)});
  test::require_values(tl::logsumexp(x, {1}), {3 + std::log(std::exp(-2.0) + std::exp(-1.0) + 1),
                                               9 + std::log(std::exp(-5.0) + std::exp(-4.0) + 1)});
  REQUIRE(tl::sum(x, {1}, true).shape() == tl::shape{2, 1});
  REQUIRE(tl::sum(x, {}, true).shape() == tl::shape{1, 1});
  REQUIRE(tl::mean(x, {-1, 0}).shape() == tl::shape{});
}

TEST_CASE("integers are summed and compared exactly", "[ops][reduce]") {
  const std::int64_t big = 9007199254740993;
  const auto x = integers::from({big, 1, -3, 2}, {2, 2});
  REQUIRE(tl::sum(x).item() == big);
  REQUIRE(tl::amax(x, {0}).to_vector() == std::vector<std::int64_t>{big, 2});
  REQUIRE(tl::amin(x).item() == -3);
}

TEST_CASE("reductions of no elements", "[ops][reduce]") {
  const auto none = T::empty({2, 0});
  test::require_values(tl::sum(none, {1}), {0, 0});
  test::require_values(tl::prod(none, {1}), {1, 1});
  REQUIRE(std::isnan(tl::mean(none).item()));
  REQUIRE(tl::logsumexp(none).item() == -inf);
  REQUIRE(std::isnan(tl::var(T::ones({1})).item()));
  REQUIRE(tl::amax(none, {0}).shape() == tl::shape{0});
  REQUIRE_THROWS_WITH(tl::amax(none, {1}), Catch::Equals("amax: no elements along axes [1] of shape [2, 0]"));
  REQUIRE_THROWS_WITH(tl::amin(none), Catch::Equals("amin: no elements along axes [0, 1] of shape [2, 0]"));
  REQUIRE_THROWS_WITH(tl::argmax(none, 1), Catch::Equals("argmax: no elements along axes [1] of shape [2, 0]"));
  REQUIRE(tl::argmin(none, 0).shape() == tl::shape{0});
}

TEST_CASE("the gradient of a product is exact at zeros", "[ops][reduce]") {
  const auto gradient = [](std::initializer_list<double> values, const tl::shape& s) {
    auto x = T::from(values, s).requires_grad(true);
    tl::prod(x, {1}).backward(T::ones({s[0]}));
    return x.grad();
  };
  test::require_values(gradient({2, 3, 5, 0, 3, 5, 0, 0, 7}, {3, 3}), {15, 10, 6, 15, 0, 0, 0, 0, 0});
  test::require_values(gradient({1, 2, 3, 4, 5}, {1, 5}), {120, 60, 40, 30, 24});
  // Two zeros: every first derivative is 0, but the mixed second one is the product of the rest.
  test::require_gradients([](const tensors& v) { return tl::prod(v[0]); }, {T::from({0, 3, 0, 2}, {4})});
  auto x = T::from({0, 3, 0, 2}, {4}).requires_grad(true);
  const auto first = tl::grad(tl::prod(x), tensors{x}, {.create_graph = true});
  test::require_values(tl::grad(tl::select(first[0], 0, 0), tensors{x})[0], {0, 0, 6, 0});
}

TEST_CASE("equal extrema share the gradient", "[ops][reduce]") {
  auto x = T::from({1, 3, 3, 2, 2, 2}, {2, 3}).requires_grad(true);
  tl::amax(x, {1}).backward(T::from({1, 6}, {2}));
  test::require_values(x.grad(), {0, 0.5, 0.5, 2, 2, 2});
}

TEST_CASE("a NaN is the extremum", "[ops][reduce]") {
  const auto x = T::from({1, std::numeric_limits<double>::quiet_NaN(), 3}, {3});
  REQUIRE(std::isnan(tl::amax(x).item()));
  REQUIRE(std::isnan(tl::amin(x).item()));
  REQUIRE(tl::argmax(x).item() == 1);
  REQUIRE(tl::argmin(x).item() == 1);
}

TEST_CASE("norms and logsumexp where the formula has no slope", "[ops][reduce]") {
  auto x = T::from({0, 0, 3, 4}, {2, 2}).requires_grad(true);
  tl::norm2(x, {1}).backward(T::ones({2}));
  test::require_values(x.grad(), {0, 0, 0.6, 0.8});
  auto z = T::from({-inf, -inf, 0, -inf, 1000, 1000, inf, 0}, {4, 2}).requires_grad(true);
  const auto y = tl::logsumexp(z, {1});
  test::require_close(y, tl::tensor<double, tl::reference>::from({-inf, 0, 1000 + std::log(2.0), inf}, {4}));
  tl::sum(tl::slice(y, 0, 0, 3)).backward();
  test::require_values(tl::slice(z.grad(), 0, 0, 3), {0, 0, 1, 0, 0.5, 0.5});
}

TEST_CASE("positions of extrema", "[ops][reduce]") {
  const auto x = T::from({1, 5, 5, 7, 0, 7}, {2, 3});
  REQUIRE(tl::argmax(x, 1).to_vector() == std::vector<std::int64_t>{1, 0});
  REQUIRE(tl::argmax(x, 0).to_vector() == std::vector<std::int64_t>{1, 0, 1});
  REQUIRE(tl::argmin(x, -1).to_vector() == std::vector<std::int64_t>{0, 1});
  REQUIRE(tl::argmax(x, 0, true).shape() == tl::shape{1, 3});
  REQUIRE_THROWS_AS(tl::argmax(T::ones({2}).requires_grad(true)), tl::gradient_error);
  for_each_reduction<float>([](const auto& v, const tl::dims& axes) {
    if (axes.rank() != 1 || v.size() == 0) return;
    const int a = static_cast<int>(axes[0]);
    REQUIRE(tl::argmax(v, a).to_vector() == tl::argmax(test::on_reference(v), a).to_vector());
    REQUIRE(tl::argmin(v, a).to_vector() == tl::argmin(test::on_reference(v), a).to_vector());
  });
}

TEST_CASE("any, all and count_true", "[ops][reduce]") {
  const auto m = tl::tensor<bool, B>::from({true, false, true, true, false, false}, {3, 2});
  const auto row = [](const tl::tensor<bool, B>& t, std::int64_t i) { return tl::select(t, 0, i).item(); };
  REQUIRE(tl::any(m).item());
  REQUIRE_FALSE(tl::all(m).item());
  REQUIRE(row(tl::any(m, {1}), 0));
  REQUIRE_FALSE(row(tl::any(m, {1}), 2));
  REQUIRE(row(tl::all(m, {1}), 1));
  REQUIRE(tl::count_true(m, {0}).to_vector() == std::vector<std::int64_t>{2, 1});
  REQUIRE_FALSE(tl::any(tl::tensor<bool, B>::empty({0})).item());
  REQUIRE(tl::all(tl::tensor<bool, B>::empty({0})).item());
  REQUIRE(tl::all(m, {1}, true).shape() == tl::shape{3, 1});
}

TEST_CASE("axes are checked", "[ops][reduce]") {
  REQUIRE_THROWS_WITH(tl::sum(T::ones({2, 3}), {2}), Catch::Equals("sum: axis 2 is outside a tensor of rank 2"));
  REQUIRE_THROWS_WITH(tl::mean(T::ones({2, 3}), {0, -2}), Catch::Equals("mean: axis -2 is given twice in [0, -2]"));
  REQUIRE_THROWS_WITH(tl::argmax(T::ones({}), 0), Catch::Equals("argmax: axis 0 is outside a tensor of rank 0"));
}
