#pragma once

#include <cstdint>

#include <tensorlab/config.hpp>

namespace tensorlab::inline v0::random {

/// One Philox4x32-10 block: four independent 32-bit words for a 64-bit key and a 64-bit counter.
///
/// Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). The same words on every backend.
struct philox_block {
  std::uint32_t word[4];

  TL_HD philox_block(std::uint64_t key, std::uint64_t counter) : philox_block(key, counter, 0) {}
  TL_HD philox_block(std::uint64_t key, std::uint64_t counter, std::uint64_t counter_high) {
    auto k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
    std::uint32_t c0 = static_cast<std::uint32_t>(counter), c1 = static_cast<std::uint32_t>(counter >> 32);
    std::uint32_t c2 = static_cast<std::uint32_t>(counter_high), c3 = static_cast<std::uint32_t>(counter_high >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * c0, p1 = std::uint64_t{0xCD9E8D57u} * c2;
      const std::uint32_t n0 = static_cast<std::uint32_t>(p1 >> 32) ^ c1 ^ k0;
      const std::uint32_t n2 = static_cast<std::uint32_t>(p0 >> 32) ^ c3 ^ k1;
      c0 = n0;
      c1 = static_cast<std::uint32_t>(p1);
      c2 = n2;
      c3 = static_cast<std::uint32_t>(p0);
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    word[0] = c0;
    word[1] = c1;
    word[2] = c2;
    word[3] = c3;
  }
};

/// Words of a block that a number of uniform_at<T> takes.
template <class T>
inline constexpr int words_of_number = sizeof(T) == 8 ? 2 : 1;

/// A number in [0, 1) of words_of_number<T> words: 24 random bits for float, 53 for double.
template <class T>
TL_HD inline T uniform_of(const std::uint32_t* word) {
  if constexpr (sizeof(T) == 8) {
    const std::uint64_t bits = (static_cast<std::uint64_t>(word[0]) << 32 | word[1]) >> 11;
    return static_cast<T>(bits) * T(1.1102230246251565e-16);  // 2^-53
  } else {
    return static_cast<T>(word[0] >> 8) * T(5.9604644775390625e-8);  // 2^-24
  }
}

/// The i-th number in [0, 1) of the sequence that starts at block `offset`.
template <class T>
TL_HD inline T uniform_at(std::uint64_t key, std::uint64_t offset, std::uint64_t i) {
  constexpr unsigned numbers = 4 / words_of_number<T>;
  const philox_block b(key, offset + i / numbers);
  return uniform_of<T>(b.word + i % numbers * words_of_number<T>);
}

/// Blocks that `count` numbers of `uniform_at<T>` take.
template <class T>
constexpr std::uint64_t blocks_for(std::int64_t count) {
  const auto n = static_cast<std::uint64_t>(count);
  return sizeof(T) == 8 ? (n + 1) / 2 : (n + 3) / 4;
}

}  // namespace tensorlab::inline v0::random
