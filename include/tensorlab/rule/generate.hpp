#pragma once

#include <cstdint>

#include <tensorlab/core/philox.hpp>
#include <tensorlab/core/type_list.hpp>

/// Rules that make an element from its row-major position alone; those with an `of` make it from the number that
/// random::uniform_at has for it.
namespace tensorlab::inline v0::rule {

template <class T> struct iota {  // y_i = start + i step
  T start = 0, step = 1;
  static constexpr auto name = "iota";
  TL_HD T f(std::uint64_t i) const { return static_cast<T>(start + static_cast<T>(i) * step); }
};

template <class T> struct uniform {  // y_i in [lo, hi)
  std::uint64_t key = 0, offset = 0;
  T lo = 0, hi = 1;
  static constexpr auto name = "uniform";
  TL_HD T of(T u) const { return lo + (hi - lo) * u; }
  TL_HD T f(std::uint64_t i) const { return of(random::uniform_at<T>(key, offset, i)); }
};

template <class T> struct keep_mask {  // y_i = scale with probability keep, else 0
  std::uint64_t key = 0, offset = 0;
  T keep = 1, scale = 1;
  static constexpr auto name = "keep_mask";
  TL_HD T of(T u) const { return u < keep ? scale : T(0); }
  TL_HD T f(std::uint64_t i) const { return of(random::uniform_at<T>(key, offset, i)); }
};

}  // namespace tensorlab::inline v0::rule
