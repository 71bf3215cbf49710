#pragma once

#include <cstdint>

#include <tensorlab/config.hpp>

/// Kernel bodies see the lanes that work together through a group object:
///
/// | member | meaning |
/// |---|---|
/// | `rank()`, `size()` | this lane's number and the number of lanes, a power of two |
/// | `index()`, `count()` | this group's number and the number of groups |
/// | `barrier()` | waits for all lanes of the group and makes their writes visible to each other |
/// | `slots<V>()` | memory shared by the group: one V for each lane; V is trivially copyable, at most 32 bytes |
///
/// On a GPU a group is a block of threads; `serial_group` is the whole machine in one lane.
namespace tensorlab::inline v0::simt_kernel {

/// The only lane of the only group: runs a body as plain serial code.
struct serial_group {
  static constexpr std::int64_t index() { return 0; }
  static constexpr std::int64_t count() { return 1; }
  static constexpr int rank() { return 0; }
  static constexpr int size() { return 1; }
  static void barrier() {}
  template <class V>
  V* slots() {
    static_assert(sizeof(V) <= sizeof(bytes_));
    return reinterpret_cast<V*>(bytes_);
  }

 private:
  alignas(16) unsigned char bytes_[32];
};

/// This lane's number among the lanes of all groups, and their number.
template <class G>
TL_HD std::int64_t global_rank(const G& g) {
  return g.index() * g.size() + g.rank();
}
template <class G>
TL_HD std::int64_t global_size(const G& g) {
  return g.count() * g.size();
}

/// Combines the values of the lanes whose ranks are equal modulo `columns` (a power of two), in a fixed order; each
/// lane gets its column's result. All lanes of the group must call it.
template <class G, class V, class C>
TL_HD V group_reduce(G& g, V value, int columns, C combine) {
  if (g.size() <= columns) return value;
  V* slot = g.template slots<V>();
  slot[g.rank()] = value;
  g.barrier();
  for (int half_size = g.size() / 2; half_size >= columns; half_size /= 2) {
    if (g.rank() < half_size) slot[g.rank()] = combine(slot[g.rank()], slot[g.rank() + half_size]);
    g.barrier();
  }
  const V result = slot[g.rank() % columns];
  g.barrier();
  return result;
}

/// The combination of the values of the lanes 0 to this one. `total` receives that of all lanes.
template <class G, class V, class C>
TL_HD V group_scan(G& g, V value, V& total, C combine) {
  if (g.size() == 1) {
    total = value;
    return value;
  }
  V* slot = g.template slots<V>();
  slot[g.rank()] = value;
  g.barrier();
  for (int distance = 1; distance < g.size(); distance *= 2) {
    const V before = g.rank() >= distance ? slot[g.rank() - distance] : value;
    g.barrier();
    if (g.rank() >= distance) slot[g.rank()] = combine(before, slot[g.rank()]);
    g.barrier();
  }
  const V result = slot[g.rank()];
  total = slot[g.size() - 1];
  g.barrier();
  return result;
}

}  // namespace tensorlab::inline v0::simt_kernel
