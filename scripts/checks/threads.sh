#!/usr/bin/env bash
# The loader's, allocator's and caches' tests under the thread sanitizer. One OpenMP thread, for oneDNN brings an OpenMP
# run-time library that the sanitizer cannot see into.
set -euo pipefail
export OMP_NUM_THREADS=1 TSAN_OPTIONS=halt_on_error=1
run=()
# The run-time library of g++ 12 cannot place its memory beside that of kernels that randomise more address bits.
if setarch "$(uname -m)" -R true 2>/dev/null; then
  run=(setarch "$(uname -m)" -R)
fi
exec "${run[@]}" "$(dirname "${BASH_SOURCE[0]}")/preset.sh" threads tests_threads
