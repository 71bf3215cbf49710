#pragma once

#include <array>
#include <cstdint>

#include <tensorlab/config.hpp>

namespace tensorlab::inline v0 {

/// What the factors of products of float are rounded to, to nearest even, before they are multiplied: nothing, or bf16.
/// Sums are kept in float, and double is never rounded.
enum class compute : std::uint8_t { full, bf16 };

/// How a convolution or a pooling window moves over height and width. Index 0 is height, 1 is width; 1-D work has
/// height 1.
struct window_geometry {
  std::array<std::int64_t, 2> kernel{1, 1};
  std::array<std::int64_t, 2> stride{1, 1};
  std::array<std::int64_t, 2> dilation{1, 1};
  std::array<std::int64_t, 2> pad_begin{0, 0};
  std::array<std::int64_t, 2> pad_end{0, 0};
  std::int64_t groups = 1;
  compute factors = compute::full;

  /// floor((in + pad_begin + pad_end - dilation (kernel - 1) - 1) / stride) + 1, not below 0.
  constexpr std::int64_t out(int axis, std::int64_t in) const {
    const auto i = static_cast<std::size_t>(axis);
    const std::int64_t span = in + pad_begin[i] + pad_end[i] - dilation[i] * (kernel[i] - 1) - 1;
    return span < 0 ? 0 : span / stride[i] + 1;
  }
};

enum class pool_kind : std::uint8_t { max, average, average_without_padding };

/// What a matrix product does with its factors before it multiplies them, and with its result before storing it.
template <class T>
struct gemm_epilogue {
  const T* bias = nullptr;  // length n, added to every row
  bool accumulate = false;  // y += a b instead of y = a b
  compute factors = compute::full;
};

namespace detail {

/// The number of the `count` ascending edges that are below v, or at most v if `right`; all of them for NaN.
template <class T>
TL_HD std::int64_t bin_of(const T& v, const T* edges, std::int64_t step, std::int64_t count, bool right) {
  std::int64_t low = 0, high = count;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    const T& edge = edges[middle * step];
    if (right ? edge > v : edge >= v)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/// Where a recurrent layer's walk over `steps` time steps reads and writes its history of states [steps + 1, ..], in
/// which the initial state comes first in the direction of the walk.
struct sequence_walk {
  std::int64_t steps;
  bool reverse;
  compute factors = compute::full;
  TL_HD std::int64_t step(std::int64_t k) const { return reverse ? steps - 1 - k : k; }  // the k-th step of the walk
  TL_HD std::int64_t before(std::int64_t t) const { return reverse ? t + 1 : t; }  // the state that step t starts from
  TL_HD std::int64_t after(std::int64_t t) const { return reverse ? t : t + 1; }   // the state that step t ends with
  TL_HD std::int64_t last() const { return reverse ? 0 : steps; }                  // the final state
  TL_HD std::int64_t first_before() const { return reverse ? 1 : 0; }  // start of the block before(0..steps)
  TL_HD std::int64_t first_after() const { return reverse ? 0 : 1; }   // start of the block after(0..steps)
};

}  // namespace detail

}  // namespace tensorlab::inline v0
