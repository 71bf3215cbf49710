#!/usr/bin/env bash
# Every C++ and CUDA file is formatted as .clang-format says. Versions of clang-format differ, so one is fixed.
# usage: format.sh [--fix]
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
program=
for candidate in clang-format-14 clang-format; do
  if command -v "$candidate" >/dev/null && [[ $("$candidate" --version) == *"version 14."* ]]; then
    program=$candidate
    break
  fi
done
if [[ -z $program ]]; then
  echo "skipped: clang-format 14 was not found"
  exit 0
fi
mapfile -t files < <(find include tests examples benchmarks cmake -type f \
  \( -name '*.hpp' -o -name '*.cpp' -o -name '*.cuh' -o -name '*.cu' \) | sort)
if [[ ${1:-} == --fix ]]; then
  "$program" -i "${files[@]}"
  exit 0
fi
bad=0
for file in "${files[@]}"; do
  # Not --dry-run: version 14 complains of closing comments of inline namespaces that it would leave as they are.
  if ! "$program" "$file" | cmp -s - "$file"; then
    echo "$file"
    bad=$((bad + 1))
  fi
done
echo "$((${#files[@]} - bad)) of ${#files[@]} files are formatted (scripts/checks/format.sh --fix mends)"
[[ $bad -eq 0 ]]
