#pragma once

#include "backend/cpu/same_bits.hpp"

namespace test {

/// Random operands of a recurrent layer's kernels: odd extents, and rows enough for several threads.
struct recurrent_operands {
  static constexpr std::int64_t steps = 4, batch = 37, hidden = 70;

  std::int64_t rows;  // of the weights: the gates' hidden units
  tl::shape states{steps + 1, batch, hidden}, outputs{steps, batch, hidden}, activations{steps, batch, rows};
  tl::array<float, B> gates = random_both<float>(activations, layout::dense, 1).got;
  tl::array<float, B> w = random_both<float>({rows, hidden}, layout::dense, 2).got;
  tl::array<float, B> dy = random_both<float>(outputs, layout::reversed, 3).got;

  explicit recurrent_operands(std::int64_t gate_count) : rows(gate_count * hidden) {}
};

}  // namespace test
