#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <tensorlab/data/numpy_random.hpp>

namespace tensorlab::inline v0::data {

/// The sample numbers of the two sides of a split.
struct split {
  std::vector<std::int64_t> train;
  std::vector<std::int64_t> validation;
};

namespace detail {

inline void check_ratio(const char* op, double ratio) {
  if (!(ratio >= 0 && ratio <= 1)) throw_value_error(concat(op, ": validation ratio is outside 0 to 1: ", ratio));
}

}  // namespace detail

/// Splits 0 ... count - 1 at random: shuffled by NumPy's `RandomState(seed).shuffle`, the first
/// floor(count (1 - validation_ratio)) are for training, the others for validation.
///
/// **Throws** value_error for a ratio outside [0, 1].
inline split random_split(std::int64_t count, double validation_ratio, std::uint32_t seed) {
  detail::check_ratio("random_split", validation_ratio);
  const std::vector<std::int64_t> order = numpy_random_state(seed).permutation(count);
  const auto cut = static_cast<std::ptrdiff_t>(std::floor(static_cast<double>(count) * (1 - validation_ratio)));
  return {{order.begin(), order.begin() + cut}, {order.begin() + cut, order.end()}};
}

/// Splits samples so that those of one group (a video, a person) are on one side: the groups in ascending order are
/// shuffled by NumPy's `RandomState(seed).shuffle`, then go to the validation side one by one until it holds at least
/// `validation_ratio` of all samples. Both sides are ascending.
///
/// `groups[i]` is the group of sample i. **Throws** value_error for a ratio outside [0, 1].
inline split group_split(std::span<const std::int64_t> groups, double validation_ratio, std::uint32_t seed) {
  detail::check_ratio("group_split", validation_ratio);
  std::map<std::int64_t, std::int64_t> sizes;
  for (std::int64_t g : groups) ++sizes[g];
  std::vector<std::int64_t> order;
  for (const auto& [g, n] : sizes) order.push_back(g);
  numpy_random_state(seed).shuffle(order);

  const double wanted = validation_ratio * static_cast<double>(groups.size());
  std::map<std::int64_t, bool> held_out;
  std::int64_t held = 0;
  for (std::int64_t g : order) {
    const bool take = static_cast<double>(held) < wanted;
    held_out[g] = take;
    if (take) held += sizes[g];
  }
  split out;
  for (std::size_t i = 0; i < groups.size(); ++i)
    (held_out[groups[i]] ? out.validation : out.train).push_back(static_cast<std::int64_t>(i));
  return out;
}

/// The fold, 0 to folds - 1, of every sample such that each class is spread evenly: what scikit-learn's
/// `StratifiedKFold(folds, shuffle, random_state)` does, sample by sample. Without a seed nothing is shuffled.
///
/// **Throws** value_error for fewer than two folds, or if every class has fewer members than there are folds.
inline std::vector<std::int64_t> stratified_folds(std::span<const std::int64_t> labels, std::int64_t folds,
                                                  std::optional<std::uint32_t> seed) {
  if (folds < 2) throw_value_error(concat("stratified_folds: at least 2 folds are needed: ", folds));
  std::map<std::int64_t, std::size_t> code_of;
  std::vector<std::size_t> codes;
  std::vector<std::int64_t> members;
  for (std::int64_t label : labels) {
    const auto [it, fresh] = code_of.emplace(label, code_of.size());
    if (fresh) members.push_back(0);
    ++members[it->second];
    codes.push_back(it->second);
  }
  const std::int64_t most = members.empty() ? 0 : *std::max_element(members.begin(), members.end());
  if (most < folds)
    throw_value_error(concat("stratified_folds: ", folds, " folds, but the largest class has ", most, " members"));

  // Dealing the sorted labels out like cards gives every fold its share of each class.
  std::vector<std::vector<std::int64_t>> share(members.size(),
                                               std::vector<std::int64_t>(static_cast<std::size_t>(folds)));
  std::size_t card = 0;
  for (std::size_t k = 0; k < members.size(); ++k)
    for (std::int64_t i = 0; i < members[k]; ++i) ++share[k][card++ % static_cast<std::size_t>(folds)];

  numpy_random_state rng(seed.value_or(0));
  std::vector<std::int64_t> out(labels.size());
  for (std::size_t k = 0; k < members.size(); ++k) {
    std::vector<std::int64_t> hand;
    for (std::int64_t f = 0; f < folds; ++f)
      hand.insert(hand.end(), static_cast<std::size_t>(share[k][static_cast<std::size_t>(f)]), f);
    if (seed) rng.shuffle(hand);
    std::size_t next = 0;
    for (std::size_t i = 0; i < codes.size(); ++i)
      if (codes[i] == k) out[i] = hand[next++];
  }
  return out;
}

/// The split whose validation side is one fold of a list of folds.
inline split fold_split(std::span<const std::int64_t> fold_of, std::int64_t fold) {
  split out;
  for (std::size_t i = 0; i < fold_of.size(); ++i)
    (fold_of[i] == fold ? out.validation : out.train).push_back(static_cast<std::int64_t>(i));
  return out;
}

}  // namespace tensorlab::inline v0::data
