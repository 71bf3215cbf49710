#!/usr/bin/env bash
# PyTorch, NumPy and safetensors read the files that the tests and the training program write.
# usage: pytorch.sh BUILD_DIR
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$1
log=$build/pytorch.log
if ! python=$("$root/scripts/torch_python.sh" 2>"$log"); then
  cat "$log"
  echo "skipped: no PyTorch: $(tail -n 1 "$log")"
  exit 0
fi
for program in tests_common tests_programs; do
  TENSORLAB_TORCH_PYTHON=$python "$build/tests/$program" "[python]" | tee "$log"
  tail -n 1 "$log" | grep -q "^$program: [1-9][0-9]* passed, 0 failed, 0 skipped$"
done
