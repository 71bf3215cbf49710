#!/usr/bin/env bash
# Runs the test programs of a build folder, one on each processor at a time, and ends with the sum of their closing lines.
# usage: scripts/run_tests.sh BUILD_DIR [PROGRAM...]   default: all of BUILD_DIR/test_programs.txt
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$1
shift
if [[ -z ${TENSORLAB_DATA:-} && -d $root/../shared/data ]]; then
  TENSORLAB_DATA=$(cd "$root/../shared/data" && pwd)
  export TENSORLAB_DATA
fi
# Programs that run beside each other have more threads than there are processors: waiting ones must not spin.
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-passive}

programs=()
if [[ $# -gt 0 ]]; then
  for name in "$@"; do programs+=("$build/tests/$name"); done
else
  mapfile -t programs <"$build/test_programs.txt"
fi

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
for program in "${programs[@]}"; do
  while [[ $(jobs -rp | wc -l) -ge $(nproc) ]]; do wait -n; done
  log=$logs/$(basename "$program")
  {
    "$program" >"$log" 2>&1
    echo $? >"$log.status"
  } &
done
wait

passed=0 failed=0 skipped=0
for program in "${programs[@]}"; do
  name=$(basename "$program")
  status=$(<"$logs/$name.status")
  if [[ ! -x $program ]]; then
    echo "$name: was not built"
    failed=$((failed + 1))
    continue
  fi
  cat "$logs/$name"
  if [[ $(tail -n 1 "$logs/$name") =~ ^$name:\ ([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]]; then
    passed=$((passed + BASH_REMATCH[1]))
    failed=$((failed + BASH_REMATCH[2]))
    skipped=$((skipped + BASH_REMATCH[3]))
    if [[ $status -ne 0 && ${BASH_REMATCH[2]} -eq 0 ]]; then
      echo "$name: every case passed, but it ended with status $status"
      failed=$((failed + 1))
    fi
  else
    echo "$name: ended without its closing line, status $status"
    failed=$((failed + 1))
  fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[[ $failed -eq 0 ]]
