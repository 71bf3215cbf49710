#pragma once

#include <thread>
#include <vector>

#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/quantized/range.hpp>

#include "support/backend.hpp"

namespace test {

/// The root of the mean square of the differences.
inline double rms_difference(const tl::tensor<float>& a, const tl::tensor<float>& b) {
  REQUIRE(tl::to_string(a.shape()) == tl::to_string(b.shape()));
  const auto u = a.to_vector(), v = b.to_vector();
  double sum = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double d = static_cast<double>(u[i]) - static_cast<double>(v[i]);
    sum += d * d;
  }
  return std::sqrt(sum / static_cast<double>(u.size()));
}

/// What rounding the weights [rows, terms] and values in a range may do to row `row` of their product with `x`, each
/// of which lies in it: sum |x| s_w / 2 + |w| s_x / 2 + s_w s_x / 4.
inline double rounding_bound(const tl::tensor<float>& w, std::int64_t row, const float* x, double x_scale) {
  const std::int64_t terms = w.dim(1);
  const float* const values = w.span().data() + row * terms;
  double largest = 0, bound = 0;
  for (std::int64_t k = 0; k < terms; ++k) largest = std::max(largest, std::abs(static_cast<double>(values[k])));
  const double w_scale = largest / 127;
  for (std::int64_t k = 0; k < terms; ++k)
    bound += std::abs(static_cast<double>(x[k])) * w_scale / 2 +
             std::abs(static_cast<double>(values[k])) * x_scale / 2 + w_scale * x_scale / 4;
  return bound + 1e-6;
}

/// The laws that every 8-bit module keeps: deep copies, an exact state that brings the calibration into `empty`,
/// calls from several threads, no trained parameters. `run(module)` gives one tensor.
template <class M, class F>
void check_quantized(const M& original, M empty, const F& run) {
  M module = original;
  const tl::no_grad untracked;
  const auto before = run(module).to_vector();
  REQUIRE_THROWS_AS(run(empty), tl::value_error);
  const auto state = tl::nn::state_dict(module);
  M copy = module;
  tl::nn::load_state_dict(copy, tl::nn::state_dict(empty));
  REQUIRE_THROWS_AS(run(copy), tl::value_error);
  REQUIRE(tl::nn::state_dict(module) == state);
  REQUIRE(run(module).to_vector() == before);
  tl::nn::load_state_dict(empty, state);
  REQUIRE(tl::nn::state_dict(empty) == state);
  REQUIRE(run(empty).to_vector() == before);
  REQUIRE(tl::nn::parameter_count(module) == 0);

  // The first calls of a copy make its packed weights at the same time.
  const M shared = module;
  std::vector<std::vector<float>> results(4);
  std::vector<std::thread> threads;
  for (auto& r : results) threads.emplace_back([&] { r = run(shared).to_vector(); });
  for (auto& t : threads) t.join();
  for (const auto& r : results) REQUIRE(r == before);
}

}  // namespace test
