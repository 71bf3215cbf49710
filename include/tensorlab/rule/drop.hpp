#pragma once

#include <cstdint>

#include <tensorlab/rule/fuse.hpp>
#include <tensorlab/rule/generate.hpp>

/// Rules of dropout: what another rule makes of an element, times a random factor that lies nowhere in memory. Those
/// with a `mask()` and an `of` make an element from the number that the mask has for it.
namespace tensorlab::inline v0::rule {

struct draw {  // y_0 = key, y_1 = the first block: a draw from a stream, in memory
  std::uint64_t key = 0, offset = 0;
  static constexpr auto name = "draw";
  TL_HD std::int64_t f(std::uint64_t i) const { return static_cast<std::int64_t>(i == 0 ? key : offset); }
};

/// The mask of the draw at `drawn`, which is read where the mask is needed: a recorded step draws anew in each replay.
template <class T> struct drawn_mask {
  const std::int64_t* drawn = nullptr;
  T keep = 1, scale = 1;
  TL_HD keep_mask<T> mask() const {
    return {static_cast<std::uint64_t>(drawn[0]), static_cast<std::uint64_t>(drawn[1]), keep, scale};
  }
};

template <class R, class T> struct drop {  // y_i = f(x_i) c_i, c the mask
  drawn_mask<T> random;
  R rule{};
  static constexpr auto name = "dropout";
  TL_HD keep_mask<T> mask() const { return random.mask(); }
  template <class V> TL_HD V of(const V& c, const V& x) const { return rule.f(x) * c; }
  TL_HD T f(std::uint64_t i, const T& x) const { return of(mask().f(i), x); }
};

template <class R, class T> struct drop_chain {  // dx_i = dy_i c_i f'(x_i), from x whatever the rule saves
  drawn_mask<T> random;
  R rule{};
  static constexpr auto name = "dropout";
  TL_HD keep_mask<T> mask() const { return random.mask(); }
  template <class V> TL_HD V of(const V& c, const V& dy, const V& x) const { return dy * c * fused<R>{rule}.df(x); }
  TL_HD T f(std::uint64_t i, const T& dy, const T& x) const { return of(mask().f(i), dy, x); }
};

}  // namespace tensorlab::inline v0::rule
