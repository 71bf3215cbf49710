#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include <tensorlab/config.hpp>
#include <tensorlab/fwd.hpp>

namespace tensorlab::inline v0 {

namespace detail {

template <class To, class From>
TL_HD inline To bit_copy(const From& from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof(To));
  return to;
}

TL_HD inline std::uint16_t float_to_bf16_bits(float x) {
  const auto u = bit_copy<std::uint32_t>(x);
  if ((u & 0x7fffffffu) > 0x7f800000u) return static_cast<std::uint16_t>((u >> 16) | 0x40u);
  return static_cast<std::uint16_t>((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
}

TL_HD inline std::uint16_t float_to_half_bits(float x) {
  const auto u = bit_copy<std::uint32_t>(x);
  const auto sign = static_cast<std::uint16_t>((u >> 16) & 0x8000u);
  const std::uint32_t a = u & 0x7fffffffu;
  if (a > 0x7f800000u) return static_cast<std::uint16_t>(sign | 0x7e00u);
  if (a >= 0x477ff000u) return static_cast<std::uint16_t>(sign | 0x7c00u);  // rounds to at least 2^16
  if (a < 0x38800000u) {                                                    // subnormal or zero: units of 2^-24
    if (a < 0x33000000u) return sign;
    const std::uint32_t shift = 126u - (a >> 23);
    const std::uint32_t m = (a & 0x7fffffu) | 0x800000u;
    const std::uint32_t q = m >> shift;
    const std::uint32_t rest = m & ((1u << shift) - 1u), tie = 1u << (shift - 1u);
    return static_cast<std::uint16_t>(sign | (q + (rest > tie || (rest == tie && (q & 1u)) ? 1u : 0u)));
  }
  return static_cast<std::uint16_t>(sign | ((a - 0x38000000u + 0xfffu + ((a >> 13) & 1u)) >> 13));
}

TL_HD inline float half_bits_to_float(std::uint16_t h) {
  const std::uint32_t sign = (h & 0x8000u) << 16;
  const std::uint32_t e = (h >> 10) & 31u, m = h & 0x3ffu;
  if (e == 31u) return bit_copy<float>(sign | 0x7f800000u | (m << 13));
  if (e == 0u) {
    const float f = static_cast<float>(m) * 5.9604644775390625e-8f;  // 2^-24
    return bit_copy<float>(sign | bit_copy<std::uint32_t>(f));
  }
  return bit_copy<float>(sign | ((e + 112u) << 23) | (m << 13));
}

}  // namespace detail

/// bfloat16 storage: 8 exponent and 7 fraction bits. Converts with round to nearest even; has no arithmetic of its own.
struct bf16 {
  std::uint16_t bits;
  bf16() = default;
  TL_HD explicit bf16(float x) : bits(detail::float_to_bf16_bits(x)) {}
  TL_HD explicit operator float() const { return detail::bit_copy<float>(static_cast<std::uint32_t>(bits) << 16); }
};

/// IEEE binary16 storage. Converts with round to nearest even; has no arithmetic of its own.
struct half {
  std::uint16_t bits;
  half() = default;
  TL_HD explicit half(float x) : bits(detail::float_to_half_bits(x)) {}
  TL_HD explicit operator float() const { return detail::half_bits_to_float(bits); }
};

/// The element types a tensor can hold.
enum class dtype : std::uint8_t { float32, float64, bfloat16, float16, int64, int32, uint8, boolean, int8 };

template <class T>
struct dtype_of_t;
template <>
struct dtype_of_t<float> : std::integral_constant<dtype, dtype::float32> {};
template <>
struct dtype_of_t<double> : std::integral_constant<dtype, dtype::float64> {};
template <>
struct dtype_of_t<bf16> : std::integral_constant<dtype, dtype::bfloat16> {};
template <>
struct dtype_of_t<half> : std::integral_constant<dtype, dtype::float16> {};
template <>
struct dtype_of_t<std::int64_t> : std::integral_constant<dtype, dtype::int64> {};
template <>
struct dtype_of_t<std::int32_t> : std::integral_constant<dtype, dtype::int32> {};
template <>
struct dtype_of_t<std::uint8_t> : std::integral_constant<dtype, dtype::uint8> {};
template <>
struct dtype_of_t<bool> : std::integral_constant<dtype, dtype::boolean> {};
template <>
struct dtype_of_t<std::int8_t> : std::integral_constant<dtype, dtype::int8> {};

/// The dtype of the C++ type `T`.
template <class T>
inline constexpr dtype dtype_of = dtype_of_t<std::remove_const_t<T>>::value;

/// A type that a tensor can hold.
template <class T>
concept element = requires {
  dtype_of_t<T>::value;
};

/// Bytes of one element.
constexpr std::size_t size_of(dtype d) {
  switch (d) {
    case dtype::float64:
    case dtype::int64:
      return 8;
    case dtype::float32:
    case dtype::int32:
      return 4;
    case dtype::bfloat16:
    case dtype::float16:
      return 2;
    default:
      return 1;
  }
}

inline std::string to_string(dtype d) {
  constexpr const char* names[] = {"float32", "float64", "bfloat16", "float16", "int64",
                                   "int32",   "uint8",   "bool",     "int8"};
  return names[static_cast<int>(d)];
}

/// Converts one element; 16-bit floats go through float, bool is `x != 0`.
template <class To, class From>
TL_HD To convert_element(From x) {
  if constexpr (std::same_as<To, From>) {
    return x;
  } else if constexpr (std::same_as<From, bf16> || std::same_as<From, half>) {
    return convert_element<To>(static_cast<float>(x));
  } else if constexpr (std::same_as<To, bf16> || std::same_as<To, half>) {
    return To(static_cast<float>(x));
  } else if constexpr (std::same_as<To, bool>) {
    return x != From(0);
  } else {
    return static_cast<To>(x);
  }
}

}  // namespace tensorlab::inline v0
