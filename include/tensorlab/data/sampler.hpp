#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <tensorlab/core/random.hpp>

namespace tensorlab::inline v0::data {

/// Which samples an epoch visits, in which order: `order(epoch, count)` for a data set of `count` samples is a pure
/// function of its arguments and the sampler; `size(count)` is the order's length.
template <class S>
concept sampler = requires(const S& s, std::int64_t epoch, std::int64_t count) {
  { s.order(epoch, count) } -> std::same_as<std::vector<std::int64_t>>;
  { s.size(count) } -> std::same_as<std::int64_t>;
};

namespace detail {

/// The stream of one epoch; `purpose` keeps users of the same seed apart.
inline random::stream epoch_stream(std::uint64_t seed, std::uint64_t purpose, std::int64_t epoch) {
  return random::stream(seed).split(purpose).split(static_cast<std::uint64_t>(epoch));
}

inline constexpr std::uint64_t shuffle_purpose = 0x736875, weight_purpose = 0x776569, sample_purpose = 0x73616d;

}  // namespace detail

/// 0, 1, 2, ... in every epoch.
struct sequential {
  std::int64_t size(std::int64_t count) const { return count; }
  std::vector<std::int64_t> order(std::int64_t, std::int64_t count) const {
    std::vector<std::int64_t> out(static_cast<std::size_t>(count));
    std::iota(out.begin(), out.end(), 0);
    return out;
  }
};

/// Every sample once, in an order drawn from (seed, epoch): Fisher and Yates's shuffle.
struct shuffled {
  std::uint64_t seed = 0;

  std::int64_t size(std::int64_t count) const { return count; }
  std::vector<std::int64_t> order(std::int64_t epoch, std::int64_t count) const {
    std::vector<std::int64_t> out = sequential{}.order(epoch, count);
    const random::stream rng = detail::epoch_stream(seed, detail::shuffle_purpose, epoch);
    for (std::size_t i = out.size(); i > 1; --i) std::swap(out[i - 1], out[rng.below(i)]);
    return out;
  }
};

/// `draws` independent samples with replacement; sample i comes with probability weights[i] / sum(weights).
class weighted {
 public:
  /// **Throws** value_error for a negative or non-finite weight, or if no weight is positive.
  weighted(std::span<const double> weights, std::int64_t draws, std::uint64_t seed)
      : cumulative_(weights.begin(), weights.end()), draws_(draws), seed_(seed) {
    if (draws < 0) throw_value_error(concat("weighted: negative number of draws: ", draws));
    double sum = 0;
    for (std::size_t i = 0; i < cumulative_.size(); ++i) {
      if (!(cumulative_[i] >= 0) || !std::isfinite(cumulative_[i]))
        throw_value_error(concat("weighted: weight ", i, " is not a finite number >= 0: ", cumulative_[i]));
      cumulative_[i] = sum += cumulative_[i];
    }
    if (!(sum > 0) || !std::isfinite(sum)) throw_value_error(concat("weighted: the weights sum to ", sum));
  }
  weighted(std::span<const float> weights, std::int64_t draws, std::uint64_t seed)
      : weighted(std::vector<double>(weights.begin(), weights.end()), draws, seed) {}
  weighted(const std::vector<double>& weights, std::int64_t draws, std::uint64_t seed)
      : weighted(std::span<const double>(weights), draws, seed) {}

  std::int64_t size(std::int64_t) const { return draws_; }
  /// **Throws** value_error if there is not one weight per sample.
  std::vector<std::int64_t> order(std::int64_t epoch, std::int64_t count) const {
    if (static_cast<std::int64_t>(cumulative_.size()) != count)
      throw_value_error(concat("weighted: ", cumulative_.size(), " weights for a data set of ", count, " samples"));
    const random::stream rng = detail::epoch_stream(seed_, detail::weight_purpose, epoch);
    std::vector<std::int64_t> out(static_cast<std::size_t>(draws_));
    for (std::int64_t& i : out) {
      // The first sum above the number: samples of weight 0 add no range and are never found. Rounding can push the
      // product up to the last sum itself, which belongs to nobody.
      auto it = std::upper_bound(cumulative_.begin(), cumulative_.end(), rng.uniform() * cumulative_.back());
      if (it == cumulative_.end()) it = std::lower_bound(cumulative_.begin(), cumulative_.end(), cumulative_.back());
      i = it - cumulative_.begin();
    }
    return out;
  }

 private:
  std::vector<double> cumulative_;
  std::int64_t draws_;
  std::uint64_t seed_;
};

}  // namespace tensorlab::inline v0::data
