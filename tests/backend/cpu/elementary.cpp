#include <tensorlab/backend/cpu/elementary.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include <tensorlab/backend/cpu/simd.hpp>

#include "support/catch.hpp"

namespace detail = tensorlab::detail;

namespace {

using pack = detail::pack<float>;
constexpr float infinity = std::numeric_limits<float>::infinity();

template <class F>
float one(const F& f, float x) {
  float y[pack::size];
  f(pack(x)).store(y);
  for (float v : y) REQUIRE((v == y[0] || std::isnan(y[0])));
  return y[0];
}
float exp_at(float x) {
  return one([](const pack& v) { return pack(detail::exp_of(v.lanes)); }, x);
}
float erf_at(float x) {
  return one([](const pack& v) { return pack(detail::erf_of(v.lanes)); }, x);
}

/// The largest of `error(x, y)` over a grid of x in [lo, hi], y = f(x).
template <class F, class Error>
double worst(float lo, float hi, const F& f, const Error& error) {
  double most = 0;
  constexpr int count = 1 << 20;
  for (int i = 0; i < count; i += pack::size) {
    float x[pack::size], y[pack::size];
    for (int l = 0; l < pack::size; ++l)
      x[l] = lo + (hi - lo) * static_cast<float>(i + l) / static_cast<float>(count - 1);
    f(pack::load(x)).store(y);
    for (int l = 0; l < pack::size; ++l) most = (std::max)(most, error(static_cast<double>(x[l]), y[l]));
  }
  return most;
}

}  // namespace

TEST_CASE("a polynomial begins with its constant", "[cpu][elementary]") {
  constexpr float c[] = {1, 2, 3, 4};  // 1 + 2 x + 3 x^2 + 4 x^3
  REQUIRE(one([&](const pack& v) { return pack(detail::polynomial(v.lanes, c)); }, 2) == 49);
}

TEST_CASE("numbers are brought within bounds, but for NaN", "[cpu][elementary]") {
  const auto at = [](float x) { return one([](const pack& v) { return pack(detail::within(v.lanes, -1, 3)); }, x); };
  REQUIRE(at(-infinity) == -1);
  REQUIRE(at(2) == 2);
  REQUIRE(at(3.5f) == 3);
  REQUIRE(std::isnan(at(NAN)));
}

TEST_CASE("from a limit on a bounded function is 1 or -1", "[cpu][elementary]") {
  const auto at = [](float y, float x) {
    return one([&](const pack& v) { return pack(detail::saturated(v.lanes, pack(x).lanes, 2.0f)); }, y);
  };
  REQUIRE(at(0.5f, 1) == 0.5f);
  REQUIRE(at(1.5f, 1) == 1);
  REQUIRE(at(0.9f, 2) == 1);
  REQUIRE(at(-0.9f, -3) == -1);
  REQUIRE(std::isnan(at(NAN, NAN)));
}

TEST_CASE("scaling by a power of two is exact, also where the power is no float", "[cpu][elementary]") {
  const auto scaled = [](float x, float n) {
    return one([&](const pack& v) { return pack(detail::scale_by_power(v.lanes, pack(n).lanes)); }, x);
  };
  REQUIRE(scaled(1.5f, 4) == 24);
  REQUIRE(scaled(1, -126) == 0x1p-126f);
  REQUIRE(scaled(1, -149) == 0x1p-149f);
  REQUIRE(scaled(1, 127) == 0x1p127f);
  REQUIRE(scaled(0.5f, 128) == 0x1p127f);
  REQUIRE(scaled(1, 129) == infinity);
  REQUIRE(scaled(1, -151) == 0);
}

TEST_CASE("e^x of floats is at most 1.2 units in the last place off", "[cpu][elementary]") {
  const auto f = [](const pack& v) { return pack(detail::exp_of(v.lanes)); };
  const auto error = [](double x, float y) {
    const double expected = std::exp(x);
    const auto rounded = static_cast<float>(expected);
    return std::abs(static_cast<double>(y) - expected) /
           static_cast<double>(std::nextafter(rounded, infinity) - rounded);
  };
  REQUIRE(worst(-87, 88, f, error) <= 1.2);
  REQUIRE(worst(-0.5f, 0.5f, f, error) <= 1.2);
}

TEST_CASE("e^x at its ends", "[cpu][elementary]") {
  REQUIRE(exp_at(0) == 1);
  REQUIRE(exp_at(-0.0f) == 1);
  REQUIRE(exp_at(infinity) == infinity);
  REQUIRE(exp_at(-infinity) == 0);
  REQUIRE(exp_at(88.7f) == Approx(std::exp(static_cast<double>(88.7f))).epsilon(1e-6));
  REQUIRE(exp_at(88.8f) == infinity);
  REQUIRE(exp_at(1e30f) == infinity);
  REQUIRE(exp_at(-1e30f) == 0);
  REQUIRE(exp_at(-104.5f) == 0);
  REQUIRE(std::isnan(exp_at(NAN)));
  // Below the normal numbers the last place is 2^-149.
  REQUIRE(std::abs(static_cast<double>(exp_at(-95)) - std::exp(-95.0)) <= 0x1p-149);
}

TEST_CASE("erf of floats", "[cpu][elementary]") {
  const auto f = [](const pack& v) { return pack(detail::erf_of(v.lanes)); };
  REQUIRE(worst(-5, 5, f, [](double x, float y) { return std::abs(static_cast<double>(y) - std::erf(x)); }) <= 3.5e-7);
  REQUIRE(worst(-5, 5, f, [](double, float y) { return std::abs(static_cast<double>(y)); }) <= 1);
  // Near 0 the relative error counts.
  REQUIRE(worst(1e-6f, 0.1f, f, [](double x, float y) { return std::abs(static_cast<double>(y) / std::erf(x) - 1); }) <=
          4e-7);
  REQUIRE(erf_at(0) == 0);
  REQUIRE(erf_at(infinity) == 1);
  REQUIRE(erf_at(-infinity) == -1);
  REQUIRE(erf_at(1e30f) == 1);
  REQUIRE(erf_at(-4) == -1);
  REQUIRE(std::isnan(erf_at(NAN)));
}

TEST_CASE("tanh of floats", "[cpu][elementary]") {
  const auto f = [](const pack& v) { return pack(detail::tanh_of(v.lanes)); };
  const auto at = [&](float x) { return one(f, x); };
  REQUIRE(worst(-10, 10, f, [](double x, float y) { return std::abs(static_cast<double>(y) - std::tanh(x)); }) <= 4e-7);
  REQUIRE(worst(-10, 10, f, [](double, float y) { return std::abs(static_cast<double>(y)); }) <= 1);
  REQUIRE(worst(1e-6f, 0.1f, f,
                [](double x, float y) { return std::abs(static_cast<double>(y) / std::tanh(x) - 1); }) <= 4e-7);
  REQUIRE(at(0) == 0);
  REQUIRE(at(8) == 1);
  REQUIRE(at(-30) == -1);
  REQUIRE(at(infinity) == 1);
  REQUIRE(at(-infinity) == -1);
  REQUIRE(std::isnan(at(NAN)));
}
