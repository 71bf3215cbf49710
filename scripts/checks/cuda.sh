#!/usr/bin/env bash
# With nvcc, everything compiles and links with the cuda backend for two architectures, and each .cuh compiles alone.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
[[ :$PATH: == *:/usr/local/cuda/bin:* || ! -d /usr/local/cuda/bin ]] || PATH=$PATH:/usr/local/cuda/bin
if ! command -v nvcc >/dev/null; then
  echo "skipped: no CUDA toolkit"
  exit 0
fi
if ! log=$(cmake -S "$root" --preset cuda 2>&1); then
  if reason=$(grep -o -m 1 'the CUDA toolkit (.*) was not found\|cuDNN (.*) was not found' <<<"$log"); then
    echo "skipped: $reason"
    exit 0
  fi
  echo "$log"
  exit 1
fi
"$root/scripts/checks/build.sh" cuda tests_cuda examples

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export folder root
alone() {
  name=${1//\//_}
  echo "#include <$1>" >"$folder/$name.cu"
  nvcc -std=c++20 -arch=sm_90 --expt-relaxed-constexpr -DTENSORLAB_HAS_CUDA=1 -I "$root/include" \
    -c "$folder/$name.cu" -o "$folder/$name.o" || { echo "$1 does not compile alone"; return 1; }
}
export -f alone
failed=0
(cd "$root/include" && find tensorlab -name '*.cuh' | sort) | xargs -P "$(nproc)" -I{} bash -c 'alone {}' || failed=1
"$root/scripts/run_tests.sh" "$root/build/cuda" tests_cuda
[[ $failed -eq 0 ]]
