#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include <tensorlab/core/philox.hpp>

namespace tensorlab::inline v0::detail {

/// Blocks of Philox4x32-10 with counters one after the other, computed side by side.
struct philox_blocks {
#if defined(__AVX512F__)
  static constexpr int lanes = 8;
#else
  static constexpr int lanes = 4;
#endif
  static constexpr int chains = 2;  // a round waits for its products, so two vectors take little longer than one
  static constexpr int count = lanes * chains;
  static constexpr int words = 4 * count;

  /// The words of random::philox_block for the counters counter, counter + 1, ..: a block's four, then the next one's.
  static void run(std::uint64_t key, std::uint64_t counter, std::uint32_t* to) {
    // A lane of 64 bits holds a word in its lower half and leaves the upper one to chance: products do not read it.
    wide step{};
    for (int i = 0; i < lanes; ++i) step[i] = static_cast<std::uint64_t>(i);
    wide c0[chains], c1[chains], c2[chains] = {}, c3[chains] = {};
    for (int c = 0; c < chains; ++c) {
      c0[c] = step + (counter + static_cast<std::uint64_t>(c * lanes));
      c1[c] = c0[c] >> 32;
    }
    std::uint64_t k0 = key & 0xffffffffu, k1 = key >> 32;
    for (int round = 0; round < 10; ++round) {
      for (int c = 0; c < chains; ++c) {
        wide p0, p1;
        product(p0, c0[c], 0xD2511F53u);
        product(p1, c2[c], 0xCD9E8D57u);
        c0[c] = (p1 >> 32) ^ c1[c] ^ k0;
        c1[c] = p1;
        c2[c] = (p0 >> 32) ^ c3[c] ^ k1;
        c3[c] = p0;
      }
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    for (int c = 0; c < chains; ++c) to = interleave(to, c0[c], c1[c], c2[c], c3[c]);
  }

 private:
  typedef std::uint64_t wide __attribute__((vector_size(8 * lanes)));

  // Vectors are passed by reference: by value their size would be part of the binary interface.

  /// The product of the lanes' lower halves with `b`, which compilers do not make of 64-bit products by themselves.
  static void product(wide& to, const wide& a, std::uint32_t b) {
#if defined(__AVX512F__)
    to = reinterpret_cast<wide>(_mm512_maskz_mul_epu32(0xff, reinterpret_cast<__m512i>(a), _mm512_set1_epi64(b)));
#elif defined(__AVX2__)
    to = reinterpret_cast<wide>(_mm256_mul_epu32(reinterpret_cast<__m256i>(a), _mm256_set1_epi64x(b)));
#else
    to = (a & 0xffffffffu) * b;
#endif
  }

  /// Writes the blocks' words one block after the other and returns where they end.
  static std::uint32_t* interleave(std::uint32_t* to, const wide& c0, const wide& c1, const wide& c2, const wide& c3) {
    static_assert(std::endian::native == std::endian::little);
    const wide even = (c0 & 0xffffffffu) | (c1 << 32), odd = (c2 & 0xffffffffu) | (c3 << 32);
    std::uint64_t first[lanes], second[lanes], pairs[2 * lanes];
    std::memcpy(first, &even, sizeof even);
    std::memcpy(second, &odd, sizeof odd);
    for (int i = 0; i < lanes; ++i) {
      pairs[2 * i] = first[i];
      pairs[2 * i + 1] = second[i];
    }
    std::memcpy(to, pairs, sizeof pairs);
    return to + 4 * lanes;
  }
};

/// A rule that makes an element from a uniform number of the sequence that begins with the rule's `key` and `offset`.
template <class R, class T>
concept rule_of_uniform = requires(const R& rule, T u) {
  { rule.key + rule.offset } -> std::convertible_to<std::uint64_t>;
  { rule.of(u) } -> std::same_as<T>;
};

/// A rule that makes an element from inputs and from the number that its mask, a rule of uniform numbers, has for it.
template <class R, class T>
concept masked_rule = requires(const R& rule) {
  { rule.mask() } -> rule_of_uniform<T>;
};

/// The rule's elements first, first + 1, ..: `n` of them, the same as rule.f() makes one by one.
template <class T, rule_of_uniform<T> R>
void generate_uniform(const R& rule, T* to, std::uint64_t first, std::int64_t n) {
  constexpr int taken = random::words_of_number<T>, in_block = 4 / taken, at_once = philox_blocks::words / taken;
  std::uint32_t words[philox_blocks::words];
  for (std::int64_t done = 0; done < n;) {
    const std::uint64_t at = first + static_cast<std::uint64_t>(done);
    philox_blocks::run(rule.key, rule.offset + at / in_block, words);
    const int skipped = static_cast<int>(at % in_block);
    const int count = static_cast<int>((std::min)(n - done, std::int64_t{at_once - skipped}));
    for (int i = 0; i < count; ++i) to[done + i] = rule.of(random::uniform_of<T>(words + (skipped + i) * taken));
    done += count;
  }
}

}  // namespace tensorlab::inline v0::detail
