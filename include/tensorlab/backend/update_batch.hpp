#pragma once

#include <cstdint>

#include <tensorlab/config.hpp>

namespace tensorlab::inline v0 {

/// A parameter, its gradient and the rule's states: dense memory of `count` elements, all in one order.
template <class R, class T>
struct update_item {
  R rule;
  std::int64_t count;
  T* p;
  const T* g;
  T* state[R::states + 1];
};

/// Updates by rules of one kind that a backend makes in one call: on a GPU in one launch, whose arguments it fits.
///
/// Items share no memory.
template <class R, class T>
struct update_batch {
  static constexpr int capacity = 32;

  int size = 0;
  update_item<R, T> items[capacity];

  bool full() const { return size == capacity; }
  /// Adds an item; there must be room.
  void add(const update_item<R, T>& item) { items[size++] = item; }

  TL_HD const update_item<R, T>* begin() const { return items; }
  TL_HD const update_item<R, T>* end() const { return items + size; }

  /// The elements of all items together.
  std::int64_t elements() const {
    std::int64_t n = 0;
    for (const update_item<R, T>& item : *this) n += item.count;
    return n;
  }
};

}  // namespace tensorlab::inline v0
