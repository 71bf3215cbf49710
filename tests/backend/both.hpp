#pragma once

#include <memory>

#include "support/backend.hpp"

namespace test {

/// Memory orders an operand can have.
enum class layout { dense, reversed, gapped, channels_last };

inline constexpr layout every_layout[] = {layout::dense, layout::reversed, layout::gapped};

inline tl::strides strides_for(const tl::shape& s, layout l) {
  if (l == layout::channels_last) return tl::channels_last(s);
  if (l == layout::dense) return tl::row_major(s);
  tl::shape room = s;
  if (l == layout::gapped) {
    for (std::int64_t& d : room) d += 1;
    return tl::row_major(room);
  }
  tl::strides st = s;
  std::int64_t step = 1;
  for (int d = 0; d < s.rank(); ++d) {
    st[d] = step;
    step *= s[d] > 0 ? s[d] : 1;
  }
  return st;
}

/// The same array, gaps included, on the reference backend and on the tested one.
template <class T>
struct both {
  tl::array<T, tl::reference> expected;
  tl::array<T, B> got;

  tl::view<T> e() { return expected.view(); }
  tl::view<T> g() { return got.view(); }
  tl::view<const T> ce() const { return expected.cview(); }
  tl::view<const T> cg() const { return got.cview(); }

  /// The operands of a reduction over `axes`, and of a broadcast to `to`.
  tl::view<T> e_reduced(const tl::shape& of, const tl::dims& axes) { return tl::reduction_view(e(), of, axes); }
  tl::view<T> g_reduced(const tl::shape& of, const tl::dims& axes) { return tl::reduction_view(g(), of, axes); }
  tl::view<const T> e_to(const tl::shape& to) const { return expected.broadcast_to(to); }
  tl::view<const T> g_to(const tl::shape& to) const { return got.broadcast_to(to); }
};

template <class T>
both<T> from_values(const std::unique_ptr<T[]>& values, std::int64_t length, const tl::shape& s,
                    const tl::strides& st) {
  const std::span<const T> v(values.get(), static_cast<std::size_t>(length));
  return {tl::array<T, tl::reference>::from_host(v, {length}).restride(s, st),
          tl::array<T, B>::from_host(v, {length}).restride(s, st)};
}

/// Random values in [lo, hi); the storage's gaps hold values too.
template <class T>
both<T> random_both(const tl::shape& s, layout l, std::uint64_t seed, double lo = -2, double hi = 2) {
  const tl::strides st = strides_for(s, l);
  std::int64_t length = s.size() == 0 ? 0 : 1;
  for (int d = 0; d < s.rank() && length != 0; ++d) length += (s[d] - 1) * st[d];
  const tl::random::stream rng{seed};
  const auto values = std::make_unique<T[]>(static_cast<std::size_t>(length));
  for (std::int64_t i = 0; i < length; ++i) {
    const double v = rng.uniform(lo, hi);
    if constexpr (std::same_as<T, bool>)
      values[static_cast<std::size_t>(i)] = v > (lo + hi) / 2;
    else
      values[static_cast<std::size_t>(i)] = static_cast<T>(std::is_integral_v<T> ? std::floor(v) : v);
  }
  return from_values(values, length, s, st);
}

/// The tested backend's storage, gaps included, equals the reference's: exactly for integers, to the type's tolerance
/// relative to the largest value otherwise.
template <class T>
void require_equal(const both<T>& y, double factor = 1) {
  const auto bytes = y.expected.storage()->bytes();
  const std::size_t n = bytes / sizeof(T);
  const auto got = std::make_unique<T[]>(n);
  B::copy_to_host(got.get(), y.got.storage()->data(), bytes, y.got.device());
  const T* const expected = static_cast<const T*>(y.expected.storage()->data());
  double scale = 1;
  for (std::size_t i = 0; i < n; ++i) {
    const double v = std::abs(static_cast<double>(expected[i]));
    if (std::isfinite(v)) scale = (std::max)(scale, v);
  }
  const double bound = tolerance<T>() * scale * factor;
  std::size_t wrong = 0, first = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto a = static_cast<double>(got[i]), b = static_cast<double>(expected[i]);
    const bool same = a == b || (std::isnan(a) && std::isnan(b)) || std::abs(a - b) <= bound;
    if (!same && wrong++ == 0) first = i;
  }
  if (wrong != 0) {
    INFO(wrong << " of " << n << " elements differ, the first is " << first << " of an array of shape "
               << tl::to_string(y.got.shape()) << " and strides " << tl::to_string(y.got.strides()) << ": got "
               << static_cast<double>(got[first]) << ", expected " << static_cast<double>(expected[first]));
    REQUIRE(wrong == 0);
  }
  REQUIRE(n == bytes / sizeof(T));
}

}  // namespace test
