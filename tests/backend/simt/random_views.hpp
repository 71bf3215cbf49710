#pragma once

#include <cmath>
#include <vector>

#include <tensorlab/backend/view.hpp>
#include <tensorlab/core/random.hpp>

namespace test {

/// Host memory with a view of random layout: row-major, permuted, with gaps, or (for inputs) with broadcast dimensions.
template <class T>
struct random_view {
  std::vector<T> memory;
  tensorlab::view<T> v;

  random_view(const tensorlab::random::stream& rng, const tensorlab::shape& s, bool broadcast, double lo = -2,
              double hi = 2) {
    const int r = s.rank();
    std::vector<int> order(static_cast<std::size_t>(r));
    for (int d = 0; d < r; ++d) order[static_cast<std::size_t>(d)] = d;
    if (rng.below(2) != 0)
      for (int d = r - 1; d > 0; --d)
        std::swap(order[static_cast<std::size_t>(d)],
                  order[static_cast<std::size_t>(rng.below(static_cast<std::uint64_t>(d) + 1))]);
    const auto gap = static_cast<std::int64_t>(rng.below(4) == 0 ? 2 : 1);
    v.shape = s;
    v.strides = tensorlab::dims::filled(r, 0);
    std::int64_t step = gap;
    for (int i = r - 1; i >= 0; --i) {
      const int d = order[static_cast<std::size_t>(i)];
      if (broadcast && rng.below(6) == 0) continue;
      v.strides[d] = step;
      step *= s[d] > 0 ? s[d] : 1;
    }
    memory.resize(static_cast<std::size_t>(step + gap));
    for (T& x : memory) x = static_cast<T>(rng.uniform(lo, hi));
    v.data = memory.data();
  }
  random_view(const random_view& other) : memory(other.memory), v(other.v) { v.data = memory.data(); }
  random_view& operator=(const random_view&) = delete;

  tensorlab::view<const T> in() const { return v; }
  tensorlab::view<T>& out() { return v; }
};

/// A shape of the given rank with extents that favour the small and the empty.
inline tensorlab::shape random_shape(const tensorlab::random::stream& rng, int rank, bool empty = true) {
  constexpr std::int64_t extents[] = {1, 2, 3, 5, 8, 17, 1, 0};
  tensorlab::shape s;
  for (int d = 0; d < rank; ++d) {
    std::int64_t e = extents[rng.below(8)];
    if (e == 0 && (!empty || rng.below(3) != 0)) e = 4;
    s.push_back(e);
  }
  return s;
}

/// The largest |a - b| over the memory of two views of one layout, relative to max(1, |b|); infinite where NaN or
/// infinities lie in different places.
template <class T>
double distance(const random_view<T>& a, const random_view<T>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.memory.size(); ++i) {
    const auto x = static_cast<double>(a.memory[i]), y = static_cast<double>(b.memory[i]);
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    const double d = std::abs(x - y) / std::fmax(1.0, std::abs(y));
    if (!(d <= worst)) worst = std::isnan(d) ? HUGE_VAL : d;
  }
  return worst;
}

/// How often the comparisons with the reference draw new shapes, and how far apart two orders of rounding may lie.
inline constexpr int rounds = 60;
template <class T>
constexpr double rounding = sizeof(T) == 8 ? 1e-12 : 2e-5;

/// A random axis of a shape.
inline int random_axis(const tensorlab::random::stream& rng, const tensorlab::shape& s) {
  return static_cast<int>(rng.below(static_cast<std::uint64_t>(s.rank())));
}

/// An output with stride 0 along the axes that are set, dense or with gaps along the others.
template <class T>
random_view<T> reduced(const tensorlab::random::stream& rng, const tensorlab::shape& s, const std::vector<bool>& axes) {
  tensorlab::shape kept = s;
  for (int d = 0; d < s.rank(); ++d)
    if (axes[static_cast<std::size_t>(d)]) kept[d] = 1;
  random_view<T> v(rng, kept, false);
  v.v.shape = s;
  for (int d = 0; d < s.rank(); ++d)
    if (kept[d] != s[d]) v.v.strides[d] = 0;
  return v;
}

}  // namespace test
