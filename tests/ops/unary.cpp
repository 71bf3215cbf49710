#include <tensorlab/ops/unary.hpp>

#include <cmath>
#include <limits>

#include "ops/elementwise.hpp"

namespace rule = tl::rule;
using T = tl::tensor<double, B>;
using integers = tl::tensor<std::int64_t, B>;

TEST_CASE("elementary ops equal the reference backend", "[ops][unary]") {
  tl::for_each_type(rule::elementary_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      test::require_equal_to_reference<R>();
      test::require_order_kept<R>();
    }
  });
}

TEST_CASE("discrete ops equal the reference backend", "[ops][unary]") {
  tl::for_each_type(rule::discrete_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) { test::require_equal_to_reference<R>(); }
  });
}

TEST_CASE("elementary ops have right first and second derivatives", "[ops][unary]") {
  tl::for_each_type(rule::elementary_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) { test::require_derivatives<R>(); }
  });
}

TEST_CASE("discrete ops refuse a tracked input", "[ops][unary]") {
  tl::for_each_type(rule::discrete_ops{}, []<class R>() {
    DYNAMIC_SECTION(R::name) {
      auto x = T::ones({2}).requires_grad(true);
      REQUIRE_THROWS_AS(tl::apply(R{}, x), tl::gradient_error);
      const tl::no_grad guard;
      REQUIRE_NOTHROW(tl::apply(R{}, x));
    }
  });
}

TEST_CASE("elementary functions have the values of the formulas", "[ops][unary]") {
  const double a = 0.3, b = -0.7;
  const auto x = T::from({a, b}, {2});
  const auto p = T::from({0.25, 4}, {2});
  test::require_values(-x, {-a, -b});
  test::require_values(tl::exp(x), {std::exp(a), std::exp(b)});
  test::require_values(tl::expm1(x), {std::expm1(a), std::expm1(b)});
  test::require_values(tl::log(p), {std::log(0.25), std::log(4.0)});
  test::require_values(tl::log1p(x), {std::log1p(a), std::log1p(b)});
  test::require_values(tl::sqrt(p), {0.5, 2});
  test::require_values(tl::rsqrt(p), {2, 0.5});
  test::require_values(tl::reciprocal(p), {4, 0.25});
  test::require_values(tl::square(x), {a * a, b * b});
  test::require_values(tl::abs(x), {a, -b});
  test::require_values(tl::sin(x), {std::sin(a), std::sin(b)});
  test::require_values(tl::cos(x), {std::cos(a), std::cos(b)});
  test::require_values(tl::tan(x), {std::tan(a), std::tan(b)});
  test::require_values(tl::asin(x), {std::asin(a), std::asin(b)});
  test::require_values(tl::acos(x), {std::acos(a), std::acos(b)});
  test::require_values(tl::atan(x), {std::atan(a), std::atan(b)});
  test::require_values(tl::erf(x), {std::erf(a), std::erf(b)});
  test::require_values(tl::clamp(x, -0.5, 0.2), {0.2, -0.5});
  test::require_values(tl::pow(p, 1.5), {0.125, 8});
  test::require_values(tl::pow(x, 2), {a * a, b * b});
}

TEST_CASE("rounding functions have the values of the formulas", "[ops][unary]") {
  const auto x = T::from({-1.5, -0.5, 0.5, 1.5, 2.5, -2.2, 0}, {7});
  test::require_values(tl::floor(x), {-2, -1, 0, 1, 2, -3, 0});
  test::require_values(tl::ceil(x), {-1, 0, 1, 2, 3, -2, 0});
  test::require_values(tl::round(x), {-2, 0, 0, 2, 2, -2, 0});
  test::require_values(tl::sign(x), {-1, -1, 1, 1, 1, -1, 0});
}

TEST_CASE("values at the edges of the domain", "[ops][unary]") {
  constexpr double inf = std::numeric_limits<double>::infinity(), nan = std::numeric_limits<double>::quiet_NaN();
  const auto x = T::from({0, -1, inf, -inf, nan}, {5});
  using reference = tl::tensor<double, tl::reference>;
  test::require_close(tl::log(x), reference::from({-inf, nan, inf, nan, nan}, {5}));
  test::require_close(tl::sqrt(x), reference::from({0, nan, inf, nan, nan}, {5}));
  test::require_close(tl::exp(x), reference::from({1, std::exp(-1.0), inf, 0, nan}, {5}));
  test::require_close(tl::abs(x), reference::from({0, 1, inf, inf, nan}, {5}));
  test::require_close(tl::clamp(x, -2, 2), reference::from({0, -1, 2, -2, nan}, {5}));
  test::require_close(tl::sign(x), reference::from({0, -1, 1, -1, 0}, {5}));
  test::require_close(tl::pow(x, 3), reference::from({0, -1, inf, -inf, nan}, {5}));
}

TEST_CASE("gradients at kinks", "[ops][unary]") {
  const auto slope = [](const auto& f, double at) {
    auto x = T::from({at}, {1}).requires_grad(true);
    f(x).backward();
    return x.grad().item();
  };
  REQUIRE(slope([](const T& x) { return tl::abs(x); }, 0) == 0);
  REQUIRE(slope([](const T& x) { return tl::clamp(x, -1, 1); }, 1) == 1);
  REQUIRE(slope([](const T& x) { return tl::clamp(x, -1, 1); }, 1.5) == 0);
  REQUIRE(slope([](const T& x) { return tl::pow(x, 0); }, 0) == 0);
  REQUIRE(slope([](const T& x) { return tl::pow(x, 1); }, 0) == 1);
  REQUIRE(slope([](const T& x) { return tl::pow(x, 3); }, -2) == 12);
}

TEST_CASE("clamp refuses bounds in the wrong order", "[ops][unary]") {
  REQUIRE_THROWS_WITH(tl::clamp(T::ones({2}), 1, -1), Catch::Contains("clamp: the lower bound is above the upper one"));
  REQUIRE_THROWS_AS(tl::clamp(T::ones({2}), 1, -1), tl::value_error);
}

TEST_CASE("numbers as operands", "[ops][unary]") {
  const auto x = T::from({1, -2, 4}, {3});
  test::require_values(x + 1, {2, -1, 5});
  test::require_values(1.5 + x, {2.5, -0.5, 5.5});
  test::require_values(x - 1, {0, -3, 3});
  test::require_values(1 - x, {0, 3, -3});
  test::require_values(x * 2.5f, {2.5, -5, 10});
  test::require_values(2 * x, {2, -4, 8});
  test::require_values(x / 4, {0.25, -0.5, 1});
  test::require_values(4 / x, {4, -2, 1});
}

TEST_CASE("division by a number rounds once", "[ops][unary]") {
  const auto x = tl::tensor<float, B>::from({1.f, 7.f, 10.f}, {3});
  REQUIRE((x / 3).to_vector() == std::vector<float>{1.f / 3.f, 7.f / 3.f, 10.f / 3.f});
  REQUIRE((3 / x).to_vector() == std::vector<float>{3.f / 1.f, 3.f / 7.f, 3.f / 10.f});
}

TEST_CASE("numbers as operands of integers keep all their digits", "[ops][unary]") {
  const std::int64_t big = 9007199254740993;  // 2^53 + 1
  const auto x = integers::from({1, -2}, {2});
  REQUIRE((x + big).to_vector() == std::vector<std::int64_t>{big + 1, big - 2});
  REQUIRE((big - x).to_vector() == std::vector<std::int64_t>{big - 1, big + 2});
  REQUIRE((x - 1).to_vector() == std::vector<std::int64_t>{0, -3});
  REQUIRE((x * 3).to_vector() == std::vector<std::int64_t>{3, -6});
  REQUIRE((2 * x).to_vector() == std::vector<std::int64_t>{2, -4});
}
