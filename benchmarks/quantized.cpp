// 8-bit layers, plain and prepared, beside the float ones that they come from, in turns, so that a busy machine slows
// all: medians and least times of a call in microseconds, and how many times faster the plain 8-bit layer is by each.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include <tensorlab/quantized/gru.hpp>
#include <tensorlab/quantized/linear.hpp>
#include <tensorlab/quantized/lstm.hpp>
#include <tensorlab/train/record.hpp>

namespace {

namespace tl = tensorlab;
using tensor = tl::tensor<float>;

constexpr int rounds = 21;

/// Microseconds of a call, of several where one is short.
double time_of(const std::function<void()>& run, int calls) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) run();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / calls;
}

void compare(benchmark::State& state, const std::function<void()>& plain, const std::function<void()>& quantized,
             const std::function<void()>& prepared) {
  const tl::no_grad untracked;
  plain();
  const int calls = static_cast<int>(std::clamp(2000 / time_of(plain, 1), 1.0, 100.0));
  std::vector<double> of_plain, of_quantized, of_prepared;
  for (auto _ : state) {
    of_plain.push_back(time_of(plain, calls));
    of_quantized.push_back(time_of(quantized, calls));
    of_prepared.push_back(time_of(prepared, calls));
    state.SetIterationTime(of_quantized.back() * 1e-6);
  }
  for (auto* times : {&of_plain, &of_quantized, &of_prepared}) std::sort(times->begin(), times->end());
  const std::size_t middle = of_plain.size() / 2;
  state.counters["f32_us"] = of_plain[middle];
  state.counters["int8_us"] = of_quantized[middle];
  state.counters["int8_prepared_us"] = of_prepared[middle];
  state.counters["ratio"] = of_plain[middle] / of_quantized[middle];
  state.counters["f32_least_us"] = of_plain[0];
  state.counters["int8_least_us"] = of_quantized[0];
  state.counters["int8_prepared_least_us"] = of_prepared[0];
  state.counters["least_ratio"] = of_plain[0] / of_quantized[0];
}

/// T, N, inputs, hidden units.
template <class Layer>
void recurrent(benchmark::State& state) {
  const tl::random::stream rng(1);
  auto layer = Layer::init({.in = state.range(2), .hidden = state.range(3)}, rng);
  const auto q = tl::quantized::quantize(layer, tl::quantized::range{-1, 1});
  const auto x = tensor::uniform({state.range(1), state.range(0), state.range(2)}, rng, -1, 1);
  auto prepared = tl::train::prepare([&](const tensor& in) { return q(in).output; }, x);
  compare(
      state, [&] { layer(x); }, [&] { q(x); }, [&] { prepared(x); });
}

/// Rows, inputs, outputs.
void linear(benchmark::State& state) {
  const tl::random::stream rng(1);
  const auto layer = tl::nn::linear<float>::init({.in = state.range(1), .out = state.range(2)}, rng);
  const auto q = tl::quantized::quantize(layer, tl::quantized::range{-1, 1});
  const auto x = tensor::uniform({state.range(0), state.range(1)}, rng, -1, 1);
  auto prepared = tl::train::prepare([&](const tensor& in) { return q(in); }, x);
  compare(
      state, [&] { layer(x); }, [&] { q(x); }, [&] { prepared(x); });
}

}  // namespace

int main(int argc, char** argv) {
  for (const std::int64_t batch : {32, 1}) {
    for (const auto& [name, run] :
         {std::pair("gru", &recurrent<tl::nn::gru<float>>), {"lstm", &recurrent<tl::nn::lstm<float>>}})
      benchmark::RegisterBenchmark(name, run)->Args({30, batch, 160, 80})->Iterations(rounds)->UseManualTime();
    benchmark::RegisterBenchmark("linear", linear)->Args({batch, 1024, 1024})->Iterations(rounds)->UseManualTime();
  }
  benchmark::AddCustomContext("threads", std::to_string(tl::detail::available_threads()));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
