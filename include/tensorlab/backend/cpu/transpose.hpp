#pragma once

#include <algorithm>
#include <cstring>
#include <utility>

#include <tensorlab/backend/cpu/simd.hpp>

namespace tensorlab::inline v0::detail {

/// As many lines as a pack has lanes, of as many elements: to[t * width + l] = from[l * line + t].
template <class T>
struct square_transpose {
  static constexpr std::size_t width = pack<T>::size;
  typedef T lanes __attribute__((vector_size(width * sizeof(T))));

  static void run(T* to, const T* from, std::int64_t line) {
    lanes rows[width], mixed[width];
    for (std::size_t i = 0; i < width; ++i)
      std::memcpy(&rows[i], from + static_cast<std::int64_t>(i) * line, sizeof(lanes));
    // Each round of interleaving the halves moves one bit of the lane's number into the row's.
    for (std::size_t moved = 1; moved < width; moved *= 2) {
      for (std::size_t i = 0; i < width / 2; ++i) {
        mixed[2 * i] = interleaved<0>(rows[i], rows[i + width / 2], std::make_index_sequence<width>());
        mixed[2 * i + 1] = interleaved<width / 2>(rows[i], rows[i + width / 2], std::make_index_sequence<width>());
      }
      std::copy(mixed, mixed + width, rows);
    }
    std::memcpy(to, rows, sizeof(rows));
  }

 private:
  template <std::size_t First, std::size_t... Lane>
  static lanes interleaved(lanes a, lanes b, std::index_sequence<Lane...>) {
    return __builtin_shufflevector(a, b, (First + Lane / 2 + Lane % 2 * width)...);
  }
};

}  // namespace tensorlab::inline v0::detail
