#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>
#if defined(__AVX512BF16__)
#include <immintrin.h>
#endif

#include <tensorlab/backend/cpu/simd.hpp>
#include <tensorlab/backend/cpu/transpose.hpp>
#include <tensorlab/core/dtype.hpp>

/// Sums of products of bf16 numbers in float. Operands lie in pairs of terms: a word of 32 bits has the term with an
/// even number in its low half and the next one in its high half.
namespace tensorlab::inline v0::detail {

/// A pack's bits as words.
typedef std::uint32_t pair_lanes __attribute__((vector_size(sizeof(pack<float>))));

inline pair_lanes bits_of(const pack<float>& v) { return (pair_lanes)(v.lanes.data); }
inline pack<float> pack_of(const pair_lanes& bits) {
  using batch = pack<float>::batch;
  return batch((batch::register_type)(bits));
}

/// Floats as bf16 in the high halves of their words, to nearest even; NaN stays NaN. The low halves are left over.
inline pair_lanes rounded_high(const pair_lanes& bits) {
  const pair_lanes nearest = bits + 0x7fffu + ((bits >> 16) & 1u);
  return (bits & 0x7fffffffu) > 0x7f800000u ? (bits | 0x400000u) : nearest;
}

/// The pairs of the terms `even` and `odd`, lane by lane.
inline pair_lanes paired(const pack<float>& even, const pack<float>& odd) {
  return (rounded_high(bits_of(even)) >> 16) | (rounded_high(bits_of(odd)) & 0xffff0000u);
}
inline std::uint32_t paired(float even, float odd) {
  return std::uint32_t{float_to_bf16_bits(even)} | std::uint32_t{float_to_bf16_bits(odd)} << 16;
}

/// sum + a_odd b_odd + a_even b_even, added in this order, by two fused operations.
inline pack<float> multiply_add_by_halves(const pair_lanes& a, const pair_lanes& b, const pack<float>& sum) {
  const pack<float> odd = fma(pack_of(a & 0xffff0000u), pack_of(b & 0xffff0000u), sum);
  return fma(pack_of(a << 16), pack_of(b << 16), odd);
}

/// The same by the processor's instruction where there is one, which takes subnormal numbers for zeros.
template <class Lanes>
pack<float> multiply_add(const Lanes& a, const Lanes& b, const pack<float>& sum) {
#if defined(__AVX512BF16__)
  if constexpr (sizeof(Lanes) == sizeof(__m512))
    return pack_of((Lanes)_mm512_dpbf16_ps((__m512)(Lanes)sum.lanes.data, (__m512bh)a, (__m512bh)b));
  else
#endif
    return multiply_add_by_halves(a, b, sum);
}

/// The pairs of adjacent terms of a line: `terms` floats `step` apart give (terms + 1) / 2 words, the last one with a
/// zero if the number is odd.
inline void pair_terms(std::uint32_t* to, const float* from, std::int64_t step, std::int64_t terms) {
  constexpr int width = pack<float>::size;
  std::int64_t t = 0;
  if (step == 1)
    for (; t + 2 * width <= terms; t += 2 * width) {
      const pair_lanes first = rounded_high(bits_of(pack<float>::load(from + t))),
                       second = rounded_high(bits_of(pack<float>::load(from + t + width)));
      const auto every_other = [&]<std::size_t... Lane>(std::size_t begin, std::index_sequence<Lane...>) {
        return begin == 0 ? __builtin_shufflevector(first, second, (2 * Lane)...)
                          : __builtin_shufflevector(first, second, (2 * Lane + 1)...);
      };
      constexpr std::make_index_sequence<width> lanes;
      const pair_lanes words = (every_other(0, lanes) >> 16) | (every_other(1, lanes) & 0xffff0000u);
      std::memcpy(to + t / 2, &words, sizeof(words));
    }
  for (; t < terms; t += 2) to[t / 2] = paired(from[t * step], t + 1 < terms ? from[(t + 1) * step] : 0.0f);
}

/// A strip of at most a pack's lanes of lines side by side, pair after pair of terms; missing lines are zero.
inline void pair_strip(std::uint32_t* to, const float* from, std::int64_t line, std::int64_t term, std::int64_t lines,
                       std::int64_t terms) {
  constexpr std::int64_t width = pack<float>::size;
  std::int64_t t = 0;
  if (lines >= width && line == 1) {
    for (; t < terms; t += 2) {
      const pair_lanes words = paired(pack<float>::load(from + t * term),
                                      t + 1 < terms ? pack<float>::load(from + (t + 1) * term) : pack<float>(0));
      std::memcpy(to + t / 2 * width, &words, sizeof(words));
    }
    return;
  }
  std::uint32_t square[width * width];
  for (; t < terms; t += 2 * width) {
    const std::int64_t some = (std::min)(2 * width, terms - t), words = (some + 1) / 2;
    for (std::int64_t l = 0; l < width; ++l) {
      std::uint32_t* const row = square + l * width;
      const std::int64_t filled = l < lines ? words : 0;
      if (filled != 0) pair_terms(row, from + l * line + t * term, term, some);
      std::fill(row + filled, row + width, 0u);
    }
    if (words == width) {
      square_transpose<std::uint32_t>::run(to + t / 2 * width, square, width);
    } else {
      for (std::int64_t w = 0; w < words; ++w)
        for (std::int64_t l = 0; l < width; ++l) to[(t / 2 + w) * width + l] = square[l * width + w];
    }
  }
}

}  // namespace tensorlab::inline v0::detail
