#!/usr/bin/env bash
# The tests of cpu, the common floors, the programs and simt's kernel bodies under the address and undefined behaviour
# sanitizers. Left out for time: ops, layers and models on simt and reference, training on real data.
set -euo pipefail
export ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1
# The cpu allocator's free blocks are chained through memory that it poisons.
export LSAN_OPTIONS=use_poisoned=1
export UBSAN_OPTIONS=print_stacktrace=1
exec "$(dirname "${BASH_SOURCE[0]}")/preset.sh" sanitizers tests_cpu tests_common tests_kernels tests_programs
