#!/usr/bin/env bash
# Configures a preset in its own build folder and builds targets there, showing only what went wrong.
# usage: build.sh PRESET TARGET...
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
preset=$1
shift
cmake -S "$root" --preset "$preset" | grep -- '-- TensorLab::'
log=$root/build/$preset/build.log
if ! cmake --build "$root/build/$preset" --target "$@" -j "$(nproc)" >"$log" 2>&1; then
  grep -A 4 -E 'error|FAILED:|undefined reference' "$log" | cut -c 1-400 | head -n 60
  exit 1
fi
