#!/usr/bin/env bash
# Every benchmark builds and runs, for a moment each: no figure is looked at.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
if ! echo '#include <benchmark/benchmark.h>' | "${CXX:-c++}" -fsyntax-only -x c++ - 2>/dev/null; then
  echo "skipped: no Google Benchmark"
  exit 0
fi
"$root/scripts/checks/build.sh" release benchmark_compare benchmark_kernels benchmark_loader benchmark_quantized
programs=$root/build/release/benchmarks

"$programs/benchmark_kernels" --benchmark_min_time=0.001 --benchmark_color=false >"$programs/kernels.txt"
echo "benchmark_kernels: $(grep -c 'GB/s=\|FLOP/s=' "$programs/kernels.txt") kernels ran"

"$programs/benchmark_quantized" --benchmark_color=false >"$programs/quantized.txt"
echo "benchmark_quantized: $(grep -c 'least_ratio=' "$programs/quantized.txt") layers ran"

"$programs/benchmark_loader" --benchmark_min_time=0.01 --benchmark_color=false >"$programs/loader.txt"
echo "benchmark_loader: $(grep -c 'wait_us=' "$programs/loader.txt") loops ran"

mapfile -t names < <(echo list | "$programs/benchmark_compare" | grep .)
for name in "${names[@]}"; do printf 'losses %s 2\ntime %s 0.005\n' "$name" "$name"; done |
  "$programs/benchmark_compare" >"$programs/compare.txt"
if grep -qi 'nan\|inf' "$programs/compare.txt" || [[ $(wc -l <"$programs/compare.txt") -ne $((2 * ${#names[@]})) ]]; then
  cat "$programs/compare.txt"
  exit 1
fi
echo "benchmark_compare: ${#names[@]} workloads ran"

echo "profile mlp_step_n32 0.005 $programs/trace.json" | "$programs/benchmark_compare" >"$programs/profile.txt"
if ! grep -q '^adam ' "$programs/profile.txt" || ! grep -q '^total .* 100.00 ' "$programs/profile.txt"; then
  cat "$programs/profile.txt"
  exit 1
fi
events=$(python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1]))["traceEvents"]))' "$programs/trace.json")
echo "benchmark_compare: a profile of $(($(wc -l <"$programs/profile.txt") - 5)) parts, a trace of $events events"
