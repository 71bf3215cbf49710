#pragma once

#include <thread>
#include <vector>

#include <tensorlab/nn/module.hpp>
#include <tensorlab/nn/state_dict.hpp>
#include <tensorlab/ops/arrange.hpp>
#include <tensorlab/quantized/range.hpp>
#include <tensorlab/train/record.hpp>

#include "support/backend.hpp"
#include "support/heap.hpp"

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

/// A recorded and a prepared call of an 8-bit module give the bytes of the plain one; the former sees that `other`'s
/// state is loaded, the latter asks nobody for memory. `run(module, inputs..)` gives one tensor.
template <class M, class F, class... Inputs>
void require_same_recorded(M module, M other, const F& run, const Inputs&... examples) {
  const tl::no_grad untracked;
  const auto call = [&](const auto&... x) { return run(module, x...); };
  auto recorded = tl::train::record(call, examples...);
  auto made = tl::train::prepare([module, &run](const auto&... x) { return run(module, x...); }, examples...);
  auto prepared = std::move(made);  // and the copy of the module with it
  const auto turned = [](const auto& x) { return tl::flip(x, {0}); };
  for (int i = 0; i < 3; ++i) {
    REQUIRE(recorded(turned(examples)...).to_vector() == call(turned(examples)...).to_vector());
    REQUIRE(recorded(examples...).to_vector() == call(examples...).to_vector());
    REQUIRE(prepared(turned(examples)...).to_vector() == call(turned(examples)...).to_vector());
  }
  REQUIRE(recorded.recorded());

  const auto before = prepared(examples...).to_vector();
  const auto heap = heap_requests();
  const auto memory = tl::cpu::memory();
  for (int i = 0; i < 5; ++i) prepared(examples...);
  REQUIRE(heap_requests() == heap);
  REQUIRE(tl::cpu::memory().system_allocations == memory.system_allocations);

  tl::nn::load_state_dict(module, tl::nn::state_dict(other));
  REQUIRE(call(examples...).to_vector() != before);
  REQUIRE(recorded(examples...).to_vector() == call(examples...).to_vector());
  REQUIRE(prepared(examples...).to_vector() == before);
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
