// How long a training loop of 1 ms steps waits for its batches: windows of poses with random changes, and the cost of
// making such a batch in the loop itself beside it.

#include <chrono>

#include <benchmark/benchmark.h>

#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/data/loader.hpp>
#include <tensorlab/ops/binary.hpp>

namespace {

namespace tl = tensorlab;
using tensor = tl::tensor<float, tl::cpu>;
using clock_type = std::chrono::steady_clock;

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

/// `range(0)` workers, batches of `range(1)` windows.
void training_loop(benchmark::State& state) {
  constexpr double step = 1e-3;  // s
  constexpr std::int64_t windows = 2048;
  const tl::random::stream rng(1);
  const tl::data::tensor_dataset samples(tensor::uniform({windows, 16, 169}, rng), tensor::uniform({windows, 8}, rng));
  const auto change = [](const auto& sample, const tl::random::stream& own) {
    const auto& [x, y] = sample;
    return std::tuple(x + tensor::uniform(x.shape(), own, -0.01f, 0.01f), y);
  };
  tl::data::loader batches{tl::data::map(samples, change),
                           tl::data::shuffled{},
                           {.batch = state.range(1), .workers = static_cast<int>(state.range(0))}};
  double waited = 0, steps = 0;
  for (auto _ : state) {
    auto before = clock_type::now();
    for (auto&& [x, y] : batches) {
      benchmark::DoNotOptimize(x.array().data());
      const auto begun = clock_type::now();
      waited += std::chrono::duration<double>(begun - before).count();
      steps += 1;
      while (seconds_since(begun) < step) {
      }
      before = clock_type::now();
    }
  }
  state.counters["wait_us"] = 1e6 * waited / steps;
  state.counters["of_step"] = waited / steps / step;
}

BENCHMARK(training_loop)->ArgsProduct({{0, 1}, {64, 256}})->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
