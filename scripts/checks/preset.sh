#!/usr/bin/env bash
# Configures a preset in its own build folder, builds test programs there and runs them.
# usage: preset.sh PRESET PROGRAM...
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
preset=$1
shift
"$root/scripts/checks/build.sh" "$preset" "$@"
"$root/scripts/run_tests.sh" "$root/build/$preset" "$@"
