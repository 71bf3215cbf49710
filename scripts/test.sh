#!/usr/bin/env bash
# Builds and runs every test; the last line says how many passed, failed and were skipped.
# usage: scripts/test.sh [-D... for cmake]
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
"$root/scripts/setup.sh" tests
cmake -S "$root" --preset test "$@"
# A program that does not build counts as a failure below; the others still run.
cmake --build "$root/build/test" --target tests -j "$(nproc)" -- -k 0 || true
exec "$root/scripts/run_tests.sh" "$root/build/test"
