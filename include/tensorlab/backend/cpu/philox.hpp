#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>

#include <tensorlab/core/philox.hpp>

namespace tensorlab::inline v0::detail {

/// Blocks of Philox4x32-10 with counters one after the other, computed side by side.
struct philox_blocks {
  static constexpr int count = 16;
  static constexpr int words = 4 * count;

  /// The words of random::philox_block for the counters counter, counter + 1, ..: a block's four, then the next one's.
  static void run(std::uint64_t key, std::uint64_t counter, std::uint32_t* to) {
    lanes c0, c1, c2{}, c3{};
    for (int i = 0; i < count; ++i) {
      c0[i] = static_cast<std::uint32_t>(counter + static_cast<std::uint64_t>(i));
      c1[i] = static_cast<std::uint32_t>((counter + static_cast<std::uint64_t>(i)) >> 32);
    }
    auto k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
      lanes high0, high2;
      high_product(high0, c0, 0xD2511F53u);
      high_product(high2, c2, 0xCD9E8D57u);
      const lanes low0 = c0 * 0xD2511F53u, low2 = c2 * 0xCD9E8D57u;
      c0 = high2 ^ c1 ^ k0;
      c1 = low2;
      c2 = high0 ^ c3 ^ k1;
      c3 = low0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
    for (int i = 0; i < count; ++i, to += 4) {
      to[0] = c0[i];
      to[1] = c1[i];
      to[2] = c2[i];
      to[3] = c3[i];
    }
  }

 private:
  typedef std::uint32_t lanes __attribute__((vector_size(4 * count)));
  typedef std::uint64_t wide __attribute__((vector_size(8 * count)));

  // Vectors are passed by reference: by value their size would be part of the binary interface.
  static void high_product(lanes& to, const lanes& a, std::uint32_t b) {
    to = __builtin_convertvector((__builtin_convertvector(a, wide) * b) >> 32, lanes);
  }
};

/// A rule that makes an element from a uniform number of the sequence that begins with the rule's `key` and `offset`.
template <class R, class T>
concept rule_of_uniform = requires(const R& rule, T u) {
  { rule.key + rule.offset } -> std::convertible_to<std::uint64_t>;
  { rule.of(u) } -> std::same_as<T>;
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
