#!/usr/bin/env bash
# Builds the behaviour LSTM's training program and runs it. Every argument goes to the program.
# usage: scripts/quickstart.sh [--data_dir DIR] [other flags of train_lstm_model, see --help]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/scripts/setup.sh" programs

configure() { cmake -S "$root" --preset "$1" -DTENSORLAB_BUILD_BENCHMARKS=OFF "${@:2}" >"$root/build/quickstart.log"; }
mkdir -p "$root/build"
preset=release
[[ :$PATH: == *:/usr/local/cuda/bin:* || ! -d /usr/local/cuda/bin ]] || PATH=$PATH:/usr/local/cuda/bin
if command -v nvcc >/dev/null && nvidia-smi -L >/dev/null 2>&1; then
  if configure release-cuda; then
    preset=release-cuda
  else
    echo "quickstart: there is a GPU, but the cuda backend cannot be built here (see above): building for the processor"
  fi
fi
if [[ $preset == release ]] && ! configure release; then
  cat "$root/build/quickstart.log"
  exit 1
fi
grep '^-- TensorLab::' "$root/build/quickstart.log" || true
cmake --build "$root/build/$preset" --target train_lstm_model -j "$(nproc)"

data=no
for argument in "$@"; do
  case $argument in
    --data_dir | --data-dir | --data_dir=* | --data-dir=* | --synthetic | --help | -h) data=yes ;;
  esac
done
arguments=("$@")
if [[ $data == no ]]; then
  echo "quickstart: no --data_dir: the program trains on windows that it synthesises"
  arguments+=(--synthetic)
fi
exec "$root/build/$preset/examples/train_lstm_model" "${arguments[@]}"
