#pragma once

#include <cstdint>

#include <tensorlab/backend/simt/group.hpp>
#include <tensorlab/core/shape.hpp>

namespace tensorlab::inline v0::simt_kernel {

/// A nest of loops over strided operands with as few loops as their strides allow; the last loop is the innermost.
template <int Operands>
struct nest {
  std::int64_t count = 1;
  int rank = 0;
  std::int64_t extent[dims::max_rank] = {};
  std::int64_t stride[Operands][dims::max_rank] = {};

  /// Adds to `at` the distance of the element with number `index`, for each operand.
  TL_HD void offsets(std::int64_t index, std::int64_t* at) const {
    if (rank > 1 && count <= 0xffffffffll) {  // 32-bit division is several times cheaper on a GPU
      auto rest = static_cast<std::uint32_t>(index);
      for (int d = rank - 1; d > 0; --d) {
        const auto e = static_cast<std::uint32_t>(extent[d]);
        const std::uint32_t next = rest / e;
        add(d, static_cast<std::int64_t>(rest - next * e), at);
        rest = next;
      }
      index = static_cast<std::int64_t>(rest);
    } else {
      for (int d = rank - 1; d > 0; --d) {
        const std::int64_t next = index / extent[d];
        add(d, index - next * extent[d], at);
        index = next;
      }
    }
    if (rank > 0) add(0, index, at);
  }

  /// Whether every operand is walked through without gaps.
  bool is_dense() const {
    for (int k = 0; k < Operands; ++k)
      if (rank > 1 || (rank == 1 && stride[k][0] != 1)) return false;
    return true;
  }
  std::int64_t innermost(int operand) const { return rank == 0 ? 0 : stride[operand][rank - 1]; }

 private:
  TL_HD void add(int d, std::int64_t times, std::int64_t* at) const {
    for (int k = 0; k < Operands; ++k) at[k] += times * stride[k][d];
  }
};

namespace detail {

/// Fills a nest's arrays and returns its rank: drops extents of 1, sorts the loops by the first operand's strides if
/// `reorder`, and merges neighbours that every operand walks as one.
inline int plan_loops(const shape& s, const strides* const* st, int operands, bool reorder, std::int64_t* extent,
                      std::int64_t (*stride)[dims::max_rank]) {
  int order[dims::max_rank] = {}, kept = 0;
  for (int d = 0; d < s.rank(); ++d)
    if (s[d] != 1) order[kept++] = d;
  if (reorder) {
    const auto outer = [&](int a, int b) {  // repeated elements outermost, so that the innermost loop moves
      const std::int64_t x = (*st[0])[a], y = (*st[0])[b];
      return y != 0 && (x == 0 || x > y);
    };
    for (int i = 1; i < kept; ++i)
      for (int j = i; j > 0 && outer(order[j], order[j - 1]); --j) std::swap(order[j - 1], order[j]);
  }
  int rank = 0;
  for (int i = 0; i < kept; ++i) {
    const int d = order[i];
    bool merge = rank > 0;
    for (int k = 0; merge && k < operands; ++k) merge = stride[k][rank - 1] == (*st[k])[d] * s[d];
    if (!merge) extent[rank++] = 1;
    extent[rank - 1] *= s[d];
    for (int k = 0; k < operands; ++k) stride[k][rank - 1] = (*st[k])[d];
  }
  return rank;
}

}  // namespace detail

/// The nest over shape `s` for operands with the given strides. With `reorder` the elements are numbered in the memory
/// order of the first operand, else in row-major order.
template <class... S>
nest<sizeof...(S)> make_nest(const shape& s, bool reorder, const S&... st) {
  nest<sizeof...(S)> n;
  n.count = s.size();
  if (n.count == 0) return n;
  const strides* const all[] = {&st...};
  n.rank = detail::plan_loops(s, all, sizeof...(S), reorder, n.extent, n.stride);
  return n;
}

/// Calls `f(offsets)` for the elements of the nest that are this lane's among those of all groups.
template <class G, int Operands, class F>
TL_HD void for_each_element(const G& g, const nest<Operands>& walk, const F& f) {
  const std::int64_t step = global_size(g);
  for (std::int64_t i = global_rank(g); i < walk.count; i += step) {
    std::int64_t at[Operands] = {};
    walk.offsets(i, at);
    f(at);
  }
}

/// The entries of `d` at the dimensions where `mask` is zero (or, with `zero` false, is not).
inline dims pick(const dims& d, const strides& mask, bool zero) {
  dims out;
  for (int i = 0; i < d.rank(); ++i)
    if ((mask[i] == 0) == zero) out.push_back(d[i]);
  return out;
}

}  // namespace tensorlab::inline v0::simt_kernel
