#pragma once

#include <cmath>
#include <cstdint>

#include <tensorlab/core/capture.hpp>
#include <tensorlab/core/error.hpp>
#include <tensorlab/core/philox.hpp>

namespace tensorlab::inline v0::random {

/// A counter-based random stream: a seed and the number of Philox blocks drawn so far. Saving the two restores it
/// exactly.
///
/// The counter advances in const calls too, so a module with a stream can be called as const; one stream must not be
/// drawn from by two threads at once.
class stream {
 public:
  stream() = default;
  explicit stream(std::uint64_t seed, std::uint64_t counter = 0) : seed_(seed), counter_(counter) {}

  std::uint64_t seed() const { return seed_; }
  std::uint64_t counter() const { return counter_; }
  void restore(std::uint64_t seed, std::uint64_t counter) {
    seed_ = seed;
    counter_ = counter;
  }

  /// Reserves `blocks` blocks and returns the first one's number. **Throws** record_error while a step is recorded, but
  /// for draws that its replays repeat.
  std::uint64_t take(std::uint64_t blocks) const {
    detail::require_host_values("random: a draw");
    const std::uint64_t first = counter_;
    counter_ += blocks;
    return first;
  }

  /// A number in [0, 1) with 53 random bits.
  double uniform() const { return uniform_at<double>(seed_, take(1), 0); }
  double uniform(double lo, double hi) const { return lo + (hi - lo) * uniform(); }

  /// A standard normal number (Box and Muller's transform of one block).
  double normal() const {
    const std::uint64_t at = take(1);
    const double u = 1.0 - uniform_at<double>(seed_, at, 0), v = uniform_at<double>(seed_, at, 1);
    return std::sqrt(-2.0 * std::log(u)) * std::cos(6.283185307179586 * v);
  }

  /// An integer in [0, n), without bias. **Throws** value_error for n = 0.
  std::uint64_t below(std::uint64_t n) const {
    if (n == 0) throw_value_error("random: below(0) has no value to draw");
    const std::uint64_t limit = ~std::uint64_t{0} - (~std::uint64_t{0} % n + 1) % n;
    for (;;) {
      const philox_block b(seed_, take(1));
      const std::uint64_t v = static_cast<std::uint64_t>(b.word[0]) << 32 | b.word[1];
      if (v <= limit) return v % n;
    }
  }

  /// An independent stream whose seed depends on this one's seed and on `tag` alone.
  stream split(std::uint64_t tag) const {
    const philox_block b(seed_, tag, 0x5eedULL);
    return stream(static_cast<std::uint64_t>(b.word[0]) << 32 | b.word[1]);
  }

  friend bool operator==(const stream&, const stream&) = default;

 private:
  std::uint64_t seed_ = 0;
  mutable std::uint64_t counter_ = 0;
};

}  // namespace tensorlab::inline v0::random
