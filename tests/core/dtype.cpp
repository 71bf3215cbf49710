#include <tensorlab/core/dtype.hpp>

#include <cmath>
#include <limits>

#include "support/catch.hpp"

namespace tl = tensorlab;

namespace {

/// The value that a 16-bit pattern with `fraction` fraction bits and exponent bias `bias` stands for, by the
/// definition.
double value_of(std::uint32_t bits, int fraction, int bias) {
  const int exponent_bits = 15 - fraction;
  const int e = static_cast<int>(bits >> fraction) & ((1 << exponent_bits) - 1);
  const double m = bits & ((1u << fraction) - 1u), sign = bits & 0x8000u ? -1 : 1;
  if (e == (1 << exponent_bits) - 1)
    return m != 0 ? std::numeric_limits<double>::quiet_NaN() : sign * std::numeric_limits<double>::infinity();
  if (e == 0) return sign * std::ldexp(m, 1 - bias - fraction);
  return sign * std::ldexp(m + std::ldexp(1.0, fraction), e - bias - fraction);
}

/// Checks all 65536 patterns: their values, the way back, and how what lies between two neighbours is rounded.
template <class T>
int count_mistakes(int fraction, int bias) {
  int mistakes = 0;
  for (std::uint32_t bits = 0; bits < 0x10000u; ++bits) {
    T x;
    x.bits = static_cast<std::uint16_t>(bits);
    const double value = value_of(bits, fraction, bias);
    const float f = static_cast<float>(x);
    if (std::isnan(value)) {
      if (!std::isnan(f) || !std::isnan(static_cast<float>(T(f)))) ++mistakes;
      continue;
    }
    if (static_cast<double>(f) != value || std::signbit(f) != std::signbit(value) || T(f).bits != bits) ++mistakes;
    if (std::isinf(value)) continue;
    const double next = value_of(bits + 1, fraction, bias);
    if (std::isinf(next) || std::isnan(next)) continue;
    const auto middle = static_cast<float>((value + next) / 2);
    const float away = std::copysign(std::numeric_limits<float>::infinity(), f);
    const auto even = static_cast<std::uint16_t>(bits % 2 == 0 ? bits : bits + 1);
    if (T(middle).bits != even) ++mistakes;
    if (T(std::nextafter(middle, away)).bits != bits + 1) ++mistakes;
    if (T(std::nextafter(middle, 0.f)).bits != bits) ++mistakes;
  }
  return mistakes;
}

}  // namespace

TEST_CASE("half converts exactly and rounds to nearest even, all 65536 patterns", "[core]") {
  REQUIRE(count_mistakes<tl::half>(10, 15) == 0);
  REQUIRE(tl::half(65504.f).bits == 0x7bff);
  REQUIRE(tl::half(65519.996f).bits == 0x7bff);
  REQUIRE(tl::half(65520.f).bits == 0x7c00);
  REQUIRE(tl::half(-1e30f).bits == 0xfc00);
  REQUIRE(tl::half(1e-30f).bits == 0);
  REQUIRE(tl::half(std::ldexp(1.f, -25)).bits == 0);
  REQUIRE(tl::half(std::ldexp(1.5f, -25)).bits == 1);
}

TEST_CASE("bf16 converts exactly and rounds to nearest even, all 65536 patterns", "[core]") {
  REQUIRE(count_mistakes<tl::bf16>(7, 127) == 0);
  REQUIRE(tl::bf16((std::numeric_limits<float>::max)()).bits == 0x7f80);
  REQUIRE(tl::bf16(-0.f).bits == 0x8000);
}

TEST_CASE("element types have names and sizes", "[core]") {
  REQUIRE(tl::dtype_of<float> == tl::dtype::float32);
  REQUIRE(tl::dtype_of<const bool> == tl::dtype::boolean);
  REQUIRE(tl::to_string(tl::dtype::bfloat16) == "bfloat16");
  REQUIRE(tl::to_string(tl::dtype::boolean) == "bool");
  REQUIRE(tl::size_of(tl::dtype::float64) == sizeof(double));
  REQUIRE(tl::size_of(tl::dtype::int32) == 4);
  REQUIRE(tl::size_of(tl::dtype::float16) == sizeof(tl::half));
  REQUIRE(tl::size_of(tl::dtype::uint8) == 1);
  REQUIRE(tl::size_of(tl::dtype::int8) == 1);
  REQUIRE(tl::to_string(tl::dtype_of<std::int8_t>) == "int8");
  static_assert(tl::element<tl::half> && !tl::element<char>);
}

TEST_CASE("elements convert one by one", "[core]") {
  REQUIRE(tl::convert_element<int>(2.9) == 2);
  REQUIRE(tl::convert_element<bool>(0.25));
  REQUIRE_FALSE(tl::convert_element<bool>(tl::half(0.f)));
  REQUIRE(tl::convert_element<double>(tl::bf16(1.5f)) == 1.5);
  REQUIRE(tl::convert_element<tl::half>(std::int64_t{3}).bits == tl::half(3.f).bits);
  REQUIRE(tl::convert_element<float>(true) == 1.f);
  REQUIRE(tl::convert_element<std::int64_t>(std::int64_t{9007199254740993}) == 9007199254740993);
}
