#!/usr/bin/env bash
# Configures a preset in its own build folder, builds test programs there and runs them.
# usage: preset.sh PRESET PROGRAM...
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
preset=$1
shift
cmake -S "$root" --preset "$preset" | grep -- '-- TensorLab::'
cmake --build "$root/build/$preset" --target "$@" -j "$(nproc)" | tail -n 3
"$root/scripts/run_tests.sh" "$root/build/$preset" "$@"
