#!/usr/bin/env bash
# The tests of cpu, the common floors, the programs and simt's kernel bodies under the address and undefined behaviour
# sanitizers, by clang, which takes a third of g++'s time for them. Left out for time: ops, layers and models on simt
# and reference, training on real data; and clang's checks of offsets to null pointers (an empty array has no memory) and
# of conversions out of an integer's range (which some tests make on purpose).
set -euo pipefail
export ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1:check_initialization_order=1
# The program's OpenMP is clang's, the library's g++'s: threads of the one must not spin while the other's work.
export OMP_WAIT_POLICY=passive
# The cpu allocator's free blocks are chained through memory that it poisons.
export LSAN_OPTIONS=use_poisoned=1
export UBSAN_OPTIONS=print_stacktrace=1
exec "$(dirname "${BASH_SOURCE[0]}")/preset.sh" sanitizers tests_cpu tests_common tests_kernels tests_programs
