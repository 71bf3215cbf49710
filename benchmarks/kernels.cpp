// The cpu backend's kernels beside what this machine can do at best: its copy bandwidth, its multiply-adds, its matrix
// product, all measured before the first of them.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <string>

#include <tensorlab/autograd/grad.hpp>
#include <tensorlab/backend/cpu.hpp>
#include <tensorlab/nn/gru.hpp>
#include <tensorlab/nn/lstm.hpp>
#include <tensorlab/ops/activation.hpp>
#include <tensorlab/ops/binary.hpp>
#include <tensorlab/ops/conv.hpp>
#include <tensorlab/ops/dropout.hpp>
#include <tensorlab/ops/index.hpp>
#include <tensorlab/ops/linalg.hpp>
#include <tensorlab/ops/norm.hpp>
#include <tensorlab/ops/reduce.hpp>
#include <tensorlab/ops/softmax.hpp>
#include <tensorlab/ops/sort.hpp>

namespace {

namespace tl = tensorlab;
using tensor = tl::tensor<float, tl::cpu>;

/// The least time of several runs, in seconds.
double least_time(const std::function<void()>& run) {
  double least = 1e9;
  for (int i = 0; i < 7; ++i) {
    const auto start = std::chrono::steady_clock::now();
    run();
    least = std::min(least, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return least;
}

struct peaks {
  double copy;  // GB/s read and written
  double fma;   // GFLOP/s of f32 in registers
  double gemm;  // GFLOP/s
};

double fma_rate() {
  using pack = tl::detail::pack<float>;
  constexpr int chains = 16;
  constexpr std::int64_t steps = 1 << 20;
  const int threads = tl::detail::available_threads();
  const double seconds = least_time([&] {
    tl::detail::parallel_for(threads, steps, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t t = begin; t < end; ++t) {
        pack sum[chains];
        // Values that the compiler cannot know, or it computes one chain, or none.
        float start = 1, factor = 0.999f;
        benchmark::DoNotOptimize(start);
        benchmark::DoNotOptimize(factor);
        for (int c = 0; c < chains; ++c) sum[c] = pack(start + static_cast<float>(c));
        const pack a(factor), b(1e-3f);
        for (std::int64_t i = 0; i < steps; ++i)
          for (auto& s : sum) s = fma(s, a, b);
        pack all(0);
        for (const auto& s : sum) all += s;
        float lanes[pack::size];
        all.store(lanes);
        benchmark::DoNotOptimize(lanes[0]);
      }
    });
  });
  return 2.0 * chains * pack::size * static_cast<double>(steps) * threads / seconds * 1e-9;
}

const peaks& machine() {
  static const peaks measured = [] {
    const tl::no_grad untracked;
    const tl::random::stream rng(1);
    constexpr std::int64_t many = 16 << 20, n = 1024;
    const auto from = tl::array<float, tl::cpu>::full({many}, 1.0f), to = tl::array<float, tl::cpu>::empty({many});
    const auto a = tensor::uniform({n, n}, rng);
    return peaks{2.0 * many * sizeof(float) /
                     least_time([&] { tl::cpu::map(tl::rule::copy{}, to.view(), from.cview()); }) * 1e-9,
                 fma_rate(), 2.0 * n * n * n / least_time([&] { tl::matmul(a, a); }) * 1e-9};
  }();
  return measured;
}

void report_bytes(benchmark::State& state, double bytes) {
  const double rate = bytes * static_cast<double>(state.iterations()) * 1e-9;
  state.counters["GB/s"] = benchmark::Counter(rate, benchmark::Counter::kIsRate);
  state.counters["of_copy"] = benchmark::Counter(rate / machine().copy, benchmark::Counter::kIsRate);
}
void report_flops(benchmark::State& state, double flops) {
  const double rate = flops * static_cast<double>(state.iterations()) * 1e-9;
  state.counters["GFLOP/s"] = benchmark::Counter(rate, benchmark::Counter::kIsRate);
  state.counters["of_fma"] = benchmark::Counter(rate / machine().fma, benchmark::Counter::kIsRate);
  state.counters["of_gemm"] = benchmark::Counter(rate / machine().gemm, benchmark::Counter::kIsRate);
}

/// f(x, y) on [rows, 64] for 16 elements to 64 MB; `passes` counts arrays read and written.
template <class F>
void over_sizes(const std::string& name, double passes, F f) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [=](benchmark::State& state) {
                                 const tl::no_grad untracked;
                                 const std::int64_t count = state.range(0), row = std::min<std::int64_t>(count, 64);
                                 const tl::random::stream rng(1);
                                 const auto x = tensor::uniform({count / row, row}, rng, -2, 2);
                                 const auto y = tensor::uniform({count / row, row}, rng, -2, 2);
                                 for (auto _ : state) f(x, y);
                                 report_bytes(state, passes * static_cast<double>(count) * sizeof(float));
                               })
      ->Arg(16)
      ->Arg(1 << 10)
      ->Arg(1 << 16)
      ->Arg(1 << 20)
      ->Arg(1 << 24)
      ->UseRealTime();
}

void product(benchmark::State& state) {
  const tl::no_grad untracked;
  const tl::random::stream rng(1);
  const std::int64_t m = state.range(0), n = state.range(1), k = state.range(2);
  const auto a = tensor::uniform({m, k}, rng), b = tensor::uniform({k, n}, rng);
  for (auto _ : state) tl::matmul(a, b);
  report_flops(state, 2.0 * static_cast<double>(m * n * k));
}

/// Images of 8, `range(1)` channels in and out, `range(0)` square.
void convolution(benchmark::State& state, std::int64_t kernel) {
  const tl::no_grad untracked;
  const tl::random::stream rng(1);
  const std::int64_t side = state.range(0), channels = state.range(1);
  const auto x = tensor::uniform({8, channels, side, side}, rng);
  const auto w = tensor::uniform({channels, channels, kernel, kernel}, rng);
  for (auto _ : state) tl::conv2d(x, w, {}, {.padding = kernel / 2});
  report_flops(state, 2.0 * 8 * static_cast<double>(side * side * channels * channels * kernel * kernel));
}

/// Forward and backward: T, N, inputs, hidden units.
template <class Layer>
void recurrent(benchmark::State& state, double gates) {
  const tl::random::stream rng(1);
  const std::int64_t steps = state.range(0), batch = state.range(1), in = state.range(2), hidden = state.range(3);
  auto net = Layer::init({.in = in, .hidden = hidden}, rng);
  auto x = tensor::uniform({batch, steps, in}, rng).requires_grad(true);
  const auto dy = tensor::uniform({batch, steps, hidden}, rng);
  for (auto _ : state) net(x).output.backward(dy);
  report_flops(state, 6.0 * gates * static_cast<double>(steps * batch * hidden * (in + hidden)));
}

/// Forward and backward of relu and dropout on `range(0)` elements; counts what one pass each way reads and writes.
void relu_dropout(benchmark::State& state) {
  const tl::random::stream rng(1);
  const auto x = tensor::uniform({state.range(0) / 64, 64}, rng, -2, 2).requires_grad(true);
  const auto dy = tensor::uniform(x.shape(), rng);
  for (auto _ : state) benchmark::DoNotOptimize(tl::grad(tl::dropout(tl::rule::relu{}, x, 0.1, rng), {x}, {}, dy));
  report_bytes(state, 5.0 * static_cast<double>(state.range(0)) * sizeof(float));
}

void register_all() {
  over_sizes("copy", 2, [](const tensor& x, const tensor&) { return x.array().clone_row_major(); });
  over_sizes("add", 3, [](const tensor& x, const tensor& y) { return x + y; });
  over_sizes("relu", 2, [](const tensor& x, const tensor&) { return tl::relu(x); });
  over_sizes("tanh", 2, [](const tensor& x, const tensor&) { return tl::tanh(x); });
  over_sizes("gelu", 2, [](const tensor& x, const tensor&) { return tl::gelu(x); });
  over_sizes("sum", 1, [](const tensor& x, const tensor&) { return tl::sum(x); });
  over_sizes("sum_rows", 1, [](const tensor& x, const tensor&) { return tl::sum(x, {1}); });
  over_sizes("sum_columns", 1, [](const tensor& x, const tensor&) { return tl::sum(x, {0}); });
  over_sizes("softmax", 2, [](const tensor& x, const tensor&) { return tl::softmax(x, 1); });
  over_sizes("softmax_columns", 2, [](const tensor& x, const tensor&) { return tl::softmax(x, 0); });
  over_sizes("cumsum", 2, [](const tensor& x, const tensor&) { return tl::cumsum(x, 1); });
  benchmark::RegisterBenchmark("relu_dropout", relu_dropout)->Arg(1 << 16)->Arg(1 << 22)->UseRealTime();
  for (const auto& [m, n, k] :
       {std::array{1, 64, 64}, {32, 64, 64}, {64, 512, 169}, {1024, 512, 169}, {1024, 1024, 1024}})
    benchmark::RegisterBenchmark("matmul", product)->Args({m, n, k})->UseRealTime();
  for (const auto& [side, channels] : {std::array{56, 64}, {28, 128}, {14, 256}}) {
    benchmark::RegisterBenchmark("conv_1x1", convolution, 1)->Args({side, channels})->UseRealTime();
    benchmark::RegisterBenchmark("conv_3x3", convolution, 3)->Args({side, channels})->UseRealTime();
  }
  for (const auto& [steps, batch, in, hidden] : {std::array{16, 64, 99, 128}, {30, 32, 160, 80}, {30, 1, 160, 80}}) {
    benchmark::RegisterBenchmark("lstm", recurrent<tl::nn::lstm<float, tl::cpu>>, 4.0)
        ->Args({steps, batch, in, hidden})
        ->UseRealTime();
    benchmark::RegisterBenchmark("gru", recurrent<tl::nn::gru<float, tl::cpu>>, 3.0)
        ->Args({steps, batch, in, hidden})
        ->UseRealTime();
  }
}

std::string rounded(double v) { return std::to_string(static_cast<long>(v + 0.5)); }

}  // namespace

int main(int argc, char** argv) {
  benchmark::AddCustomContext("copy_GB/s", rounded(machine().copy));
  benchmark::AddCustomContext("fma_GFLOP/s", rounded(machine().fma));
  benchmark::AddCustomContext("gemm_GFLOP/s", rounded(machine().gemm));
  benchmark::AddCustomContext("threads", std::to_string(tl::detail::available_threads()));
  register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
}
