#!/usr/bin/env bash
# Builds the tests of the cuda backend alone (no oneDNN, no Eigen) and runs them on this machine's GPU. Needs nvcc,
# cuDNN, CMake, Ninja and Catch2; CMAKE_PREFIX_PATH says where they are if not in the usual places.
# usage: scripts/gpu_check.sh [-D... for cmake]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[[ :$PATH: == *:/usr/local/cuda/bin:* || ! -d /usr/local/cuda/bin ]] || PATH=$PATH:/usr/local/cuda/bin
if ! command -v nvcc >/dev/null; then
  echo "gpu_check: no CUDA toolkit: nvcc is not on the PATH" >&2
  exit 2
fi
if ! command -v nvidia-smi >/dev/null || ! nvidia-smi -L; then
  echo "gpu_check: no usable GPU: nvidia-smi lists none" >&2
  exit 2
fi
cmake -S "$root" --preset gpu "$@"
cmake --build "$root/build/gpu" --target tests_cuda -j "$(nproc)"
"$root/scripts/run_tests.sh" "$root/build/gpu" tests_cuda
