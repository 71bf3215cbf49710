#pragma once

#include <tensorlab/ops/rnn/sequence.hpp>

#include "ops/layouts.hpp"
#include "ops/parity.hpp"

/// Inputs and settings that the tests of the recurrent layers share.
namespace test {

/// A way through a sequence: direction, valid steps, and which operands are given.
struct walk_case {
  std::int64_t batch, steps, features, hidden;
  bool reverse = false, mask = false, state = true, bias = true;
};

inline std::string to_string(const walk_case& c) {
  return tl::concat("N ", c.batch, ", T ", c.steps, ", I ", c.features, ", H ", c.hidden, ", reverse ", c.reverse,
                    ", mask ", c.mask, ", state ", c.state, ", bias ", c.bias);
}

inline std::vector<walk_case> walk_cases() {
  return {{3, 4, 5, 2},
          {3, 4, 5, 2, true},
          {4, 6, 3, 7, false, true},
          {4, 6, 3, 7, true, true},
          {1, 1, 1, 1},
          {1, 5, 2, 3, true, true},
          {5, 1, 2, 3, false, true},
          {2, 3, 4, 17, false, false, false, true},
          {2, 3, 4, 17, true, true, false, false},
          {2, 3, 4, 5, false, false, true, false},
          {2, 0, 3, 4},
          {23, 3, 4, 33, true, true},
          {40, 2, 3, 16},
          {2, 3, 4, 32, false, true},
          {1, 3, 4, 32},
          {1, 3, 4, 40, true, true}};
}

/// Sequence n has 1 + (2 n mod steps) valid steps.
template <class Backend>
tl::rnn_direction<Backend> direction_of(const walk_case& c) {
  if (!c.mask) return {c.reverse, {}};
  std::vector<std::int64_t> lengths;
  for (std::int64_t n = 0; n < c.batch; ++n) lengths.push_back(1 + 2 * n % c.steps);
  return {c.reverse,
          tl::sequence_mask(tl::tensor<std::int64_t, Backend>::from(std::span<const std::int64_t>(lengths), {c.batch}),
                            c.steps)};
}

/// x, `states` initial states, w_ih, w_hh, b_ih, b_hh; undefined where the case leaves them out.
template <class T>
std::vector<tl::tensor<T, B>> walk_inputs(const walk_case& c, int states, std::int64_t gates) {
  const auto rows = gates * c.hidden;
  std::vector<tl::tensor<T, B>> in{uniform<T>({c.batch, c.steps, c.features}, 1)};
  for (int i = 0; i < states; ++i)
    in.push_back(c.state ? uniform<T>({c.batch, c.hidden}, 2 + static_cast<std::uint64_t>(i)) : tl::tensor<T, B>());
  in.push_back(uniform<T>({rows, c.features}, 5));
  in.push_back(uniform<T>({rows, c.hidden}, 6));
  for (std::uint64_t seed : {7, 8}) in.push_back(c.bias ? uniform<T>({rows}, seed) : tl::tensor<T, B>());
  return in;
}

/// All outputs in one tensor, so that one gradient goes through all of them.
template <class Result>
auto joined(const Result& r) {
  if constexpr (requires { r.c; })
    return tl::cat({tl::flatten(r.y), tl::flatten(r.h), tl::flatten(r.c)}, 0);
  else
    return tl::cat({tl::flatten(r.y), tl::flatten(r.h)}, 0);
}

}  // namespace test
