#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include <tensorlab/config.hpp>
#include <tensorlab/core/error.hpp>
#include <tensorlab/fwd.hpp>

namespace tensorlab::inline v0 {

/// A short list of integers held inline: the extents of a shape, its strides (in elements) or a set of axes.
///
/// At most `max_rank` entries; a longer list throws shape_error.
class dims {
 public:
  static constexpr int max_rank = 8;

  constexpr dims() = default;
  constexpr dims(std::initializer_list<std::int64_t> values) {
    for (std::int64_t v : values) push_back(v);
  }
  constexpr explicit dims(std::span<const std::int64_t> values) {
    for (std::int64_t v : values) push_back(v);
  }
  /// `count` entries, each equal to `value`.
  static constexpr dims filled(int count, std::int64_t value) {
    dims d;
    for (int i = 0; i < count; ++i) d.push_back(value);
    return d;
  }

  TL_HD constexpr int rank() const { return rank_; }
  TL_HD constexpr std::int64_t operator[](int i) const { return values_[i]; }
  TL_HD constexpr std::int64_t& operator[](int i) { return values_[i]; }
  constexpr std::int64_t back() const { return values_[rank_ - 1]; }

  constexpr const std::int64_t* begin() const { return values_; }
  constexpr const std::int64_t* end() const { return values_ + rank_; }
  constexpr std::int64_t* begin() { return values_; }
  constexpr std::int64_t* end() { return values_ + rank_; }
  constexpr std::span<const std::int64_t> span() const { return {values_, static_cast<std::size_t>(rank_)}; }

  constexpr void push_back(std::int64_t v) {
    if (rank_ == max_rank) throw_shape_error("shape: more than 8 dimensions");
    values_[rank_++] = v;
  }
  constexpr void insert(int at, std::int64_t v) {
    push_back(v);
    for (int i = rank_ - 1; i > at; --i) values_[i] = values_[i - 1];
    values_[at] = v;
  }
  constexpr void erase(int at) {
    for (int i = at; i + 1 < rank_; ++i) values_[i] = values_[i + 1];
    values_[--rank_] = 0;
  }

  /// The product of the entries: the number of elements of a shape (1 for rank 0).
  TL_HD constexpr std::int64_t size() const {
    std::int64_t n = 1;
    for (int i = 0; i < rank_; ++i) n *= values_[i];
    return n;
  }

  constexpr bool contains(std::int64_t v) const {
    for (std::int64_t x : *this)
      if (x == v) return true;
    return false;
  }

  friend constexpr bool operator==(const dims& a, const dims& b) {
    if (a.rank_ != b.rank_) return false;
    for (int i = 0; i < a.rank_; ++i)
      if (a.values_[i] != b.values_[i]) return false;
    return true;
  }

 private:
  std::int64_t values_[max_rank] = {};
  int rank_ = 0;
};

inline std::string to_string(const dims& d) {
  std::string s = "[";
  for (int i = 0; i < d.rank(); ++i) {
    if (i) s += ", ";
    s += std::to_string(d[i]);
  }
  return s + "]";
}

}  // namespace tensorlab::inline v0
