#include <tensorlab/core/dual.hpp>

#include <cmath>
#include <type_traits>

#include "support/catch.hpp"

namespace tl = tensorlab;
namespace math = tensorlab::math;
using dual = tl::dual<double>;

namespace {

bool close(double a, double b) { return std::abs(a - b) <= 1e-7 * (1 + std::abs(b)); }

/// Compares the derivative of `f` by a dual number with a central difference, and the second one by nested dual
/// numbers.
template <class F>
void require_derivatives(const char* name, const F& f, double x) {
  INFO(name << " at " << x);
  const double h = 1e-5;
  const dual y = f(dual(x, 1));
  REQUIRE(y.v == f(x));
  REQUIRE(close(y.d, (f(x + h) - f(x - h)) / (2 * h)));
  using nested = tl::dual<dual>;
  const nested z = f(nested(dual(x, 1), dual(1, 0)));
  REQUIRE(close(z.d.d, (f(dual(x + h, 1)).d - f(dual(x - h, 1)).d) / (2 * h)));
}

}  // namespace

TEST_CASE("dual numbers carry derivatives", "[core]") {
  for (double at : {-1.5, 0.5})
    require_derivatives(
        "x + x * x - T(3)",
        [](const auto& x) {
          using X = std::remove_cvref_t<decltype(x)>;
          return x + x * x - X(3);
        },
        at);
  for (double at : {-1.5, 0.5})
    require_derivatives(
        "-x / (T(2) + x * x)",
        [](const auto& x) {
          using X = std::remove_cvref_t<decltype(x)>;
          return -x / (X(2) + x * x);
        },
        at);
  for (double at : {-1.0, 2.0})
    require_derivatives(
        "math::exp(x)", [](const auto& x) { return math::exp(x); }, at);
  for (double at : {-1.0, 1e-3})
    require_derivatives(
        "math::expm1(x)", [](const auto& x) { return math::expm1(x); }, at);
  for (double at : {0.3, 4.0})
    require_derivatives(
        "math::log(x)", [](const auto& x) { return math::log(x); }, at);
  for (double at : {-0.5, 2.0})
    require_derivatives(
        "math::log1p(x)", [](const auto& x) { return math::log1p(x); }, at);
  for (double at : {0.3, 4.0})
    require_derivatives(
        "math::sqrt(x)", [](const auto& x) { return math::sqrt(x); }, at);
  for (double at : {-1.0, 2.0})
    require_derivatives(
        "math::sin(x)", [](const auto& x) { return math::sin(x); }, at);
  for (double at : {-1.0, 2.0})
    require_derivatives(
        "math::cos(x)", [](const auto& x) { return math::cos(x); }, at);
  for (double at : {-1.0, 0.5})
    require_derivatives(
        "math::tan(x)", [](const auto& x) { return math::tan(x); }, at);
  for (double at : {-0.7, 0.5})
    require_derivatives(
        "math::asin(x)", [](const auto& x) { return math::asin(x); }, at);
  for (double at : {-0.7, 0.5})
    require_derivatives(
        "math::acos(x)", [](const auto& x) { return math::acos(x); }, at);
  for (double at : {-0.7, 1.5})
    require_derivatives(
        "math::atan(x)", [](const auto& x) { return math::atan(x); }, at);
  for (double at : {-0.7, 1.5})
    require_derivatives(
        "math::tanh(x)", [](const auto& x) { return math::tanh(x); }, at);
  for (double at : {-0.7, 1.5})
    require_derivatives(
        "math::erf(x)", [](const auto& x) { return math::erf(x); }, at);
  for (double at : {0.7, 1.5})
    require_derivatives(
        "math::pow(x, T(2.5))",
        [](const auto& x) {
          using X = std::remove_cvref_t<decltype(x)>;
          return math::pow(x, X(2.5));
        },
        at);
  for (double at : {0.7, 1.5})
    require_derivatives(
        "math::pow(x, x)", [](const auto& x) { return math::pow(x, x); }, at);
  for (double at : {-0.7, 1.5})
    require_derivatives(
        "math::sigmoid(x)", [](const auto& x) { return math::sigmoid(x); }, at);
  for (double at : {-0.7, 1.5})
    require_derivatives(
        "math::abs(x)", [](const auto& x) { return math::abs(x); }, at);
  for (double at : {0.7, 1.5})
    require_derivatives(
        "math::maximum(x, T(1))",
        [](const auto& x) {
          using X = std::remove_cvref_t<decltype(x)>;
          return math::maximum(x, X(1));
        },
        at);
  for (double at : {0.7, 1.5})
    require_derivatives(
        "math::minimum(x, T(1))",
        [](const auto& x) {
          using X = std::remove_cvref_t<decltype(x)>;
          return math::minimum(x, X(1));
        },
        at);
  for (double at : {0.7, -1.5})
    require_derivatives(
        "math::floor(x)", [](const auto& x) { return math::floor(x); }, at);
  for (double at : {0.7, -1.4})
    require_derivatives(
        "math::ceil(x)", [](const auto& x) { return math::ceil(x); }, at);
  for (double at : {0.7, -1.4})
    require_derivatives(
        "math::round(x)", [](const auto& x) { return math::round(x); }, at);
}

TEST_CASE("dual numbers compare by value", "[core]") {
  const dual a(1, 5), b(2, -5);
  REQUIRE(a < b);
  REQUIRE(b > a);
  REQUIRE(a <= b);
  REQUIRE(b >= a);
  REQUIRE(a == dual(1, 7));
  REQUIRE(a != b);
  REQUIRE(dual(3.0).d == 0);
}

TEST_CASE("a power has its slope at zero", "[core]") {
  // d/dx x^p = p x^(p - 1): no logarithm of 0 enters while the exponent is constant.
  REQUIRE(math::pow(dual(0, 1), dual(2.0)).d == 0);
  REQUIRE(math::pow(dual(0, 1), dual(1.0)).d == 1);
  REQUIRE(math::pow(dual(0, 1), dual(0.0)).d == 0);
  REQUIRE(math::pow(dual(-2, 1), dual(3.0)).d == 12);
}
