#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <tensorlab/core/error.hpp>

namespace tensorlab::inline v0::data {

/// NumPy's legacy generator, `numpy.random.RandomState(seed)`: the same numbers and the same orders, for splits that
/// must equal those of a Python program.
///
/// MT19937 of Matsumoto and Nishimura, "Mersenne twister" (ACM TOMACS 8, 1998), seeded by init_genrand.
class numpy_random_state {
 public:
  explicit numpy_random_state(std::uint32_t seed) {
    state_[0] = seed;
    for (std::uint32_t i = 1; i < size; ++i) state_[i] = 1812433253u * (state_[i - 1] ^ (state_[i - 1] >> 30)) + i;
  }

  /// The next 32 random bits.
  std::uint32_t next() {
    if (at_ == size) refill();
    std::uint32_t y = state_[at_++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
  }

  /// An integer in [0, last], last included, by masking and rejection; draws nothing for last = 0.
  std::uint64_t bounded(std::uint64_t last) {
    if (last == 0) return 0;
    std::uint64_t mask = last;
    for (int shift = 1; shift < 64; shift *= 2) mask |= mask >> shift;
    for (;;) {
      std::uint64_t v = next();
      if (last > 0xffffffffu) v = v << 32 | next();
      if ((v & mask) <= last) return v & mask;
    }
  }

  /// `random_sample()`: a number in [0, 1) with 53 random bits.
  double random_sample() {
    const std::uint32_t a = next() >> 5, b = next() >> 6;
    return (a * 67108864.0 + b) / 9007199254740992.0;
  }

  /// `randint(low, high)`: an integer in [low, high). **Throws** value_error if there is none.
  std::int64_t randint(std::int64_t low, std::int64_t high) {
    if (low >= high) throw_value_error(concat("randint: no integer in [", low, ", ", high, ")"));
    const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + bounded(span - 1));
  }
  std::int64_t randint(std::int64_t high) { return randint(0, high); }

  /// `shuffle(x)` along the first axis.
  template <class T>
  void shuffle(std::span<T> x) {
    for (std::size_t i = x.size(); i > 1; --i) {
      using std::swap;
      swap(x[i - 1], x[static_cast<std::size_t>(bounded(i - 1))]);
    }
  }
  template <class T>
  void shuffle(std::vector<T>& x) {
    shuffle(std::span<T>(x));
  }

  /// `permutation(n)`: 0 ... n - 1 shuffled.
  std::vector<std::int64_t> permutation(std::int64_t n) {
    if (n < 0) throw_value_error(concat("permutation: negative length: ", n));
    std::vector<std::int64_t> out(static_cast<std::size_t>(n));
    std::iota(out.begin(), out.end(), 0);
    shuffle(out);
    return out;
  }

  /// `choice(n, count, replace)`: `count` of the integers 0 ... n - 1. **Throws** value_error if there are too few.
  ///
  /// Without replacement the whole permutation is drawn, as NumPy does, even for count = 0.
  std::vector<std::int64_t> choice(std::int64_t n, std::int64_t count, bool replace) {
    if (count < 0 || (n < 1 && count > 0) || (!replace && count > n))
      throw_value_error(
          concat("choice: cannot take ", count, " of ", n, replace ? " with" : " without", " replacement"));
    std::vector<std::int64_t> out;
    if (!replace) {
      out = permutation(n);
      out.resize(static_cast<std::size_t>(count));
      return out;
    }
    for (std::int64_t i = 0; i < count; ++i) out.push_back(randint(n));
    return out;
  }

  friend bool operator==(const numpy_random_state&, const numpy_random_state&) = default;

 private:
  static constexpr std::uint32_t size = 624, lag = 397;

  void refill() {
    for (std::uint32_t i = 0; i < size; ++i) {
      const std::uint32_t y = (state_[i] & 0x80000000u) | (state_[(i + 1) % size] & 0x7fffffffu);
      state_[i] = state_[(i + lag) % size] ^ (y >> 1) ^ ((y & 1u) != 0 ? 0x9908b0dfu : 0u);
    }
    at_ = 0;
  }

  std::array<std::uint32_t, size> state_;
  std::uint32_t at_ = size;
};

}  // namespace tensorlab::inline v0::data
