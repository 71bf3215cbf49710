#!/usr/bin/env python3
"""Compiles what cmake/budgets.txt lists and compares the cost with the limits. A compilation above its limit is
repeated and the best one counts, for other programs on the machine make the numbers worse, never better; and limits
grow with the time that the yardstick, a source of the standard library alone, takes here. It is compiled at the start
and again beside what is above its limit, for the machine's speed may have changed since.
usage: check_budgets.py BUILD_DIR [--strict]   --strict: a listed file that does not exist is a failure"""

import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "checks"))
import compiling  # noqa: E402

build = sys.argv[1]
strict = "--strict" in sys.argv[2:]
host = [f for f in compiling.compile_command(build) if not f.startswith(("-O", "-g", "-W"))] + ["-O2"]
cuda = compiling.has_cuda()


def locate(source):
    return compiling.include / source if source.startswith("tensorlab/") else compiling.root / source


def command(source, folder):
    out = ["-o", f"{folder}/out.o", "-c"]
    if source.endswith(".cu"):
        return [str(cuda.parent / "bin/nvcc"), "-std=c++20", "-arch=sm_90", "--expt-relaxed-constexpr",
                f"-I{compiling.include}", "-DTENSORLAB_HAS_CUDA=1", *out, str(locate(source))]
    if source.startswith("tensorlab/"):
        unit = pathlib.Path(folder) / "unit.cpp"
        unit.write_text(f"#include <{source}>\n")
        return [*host, *out, str(unit)]
    return [*host, *out, str(locate(source))]


def measure(words):
    """(processor seconds, MB) of one run; None if it fails."""
    with tempfile.TemporaryFile("w+") as log:
        child = subprocess.Popen(words, stdout=log, stderr=log)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            log.seek(0)
            print(compiling.shorten(log.read()))
            return None
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def best_of(repeats, source, enough):
    """The least cost of some runs; ends with the first one that is `enough`. None if it does not compile."""
    best = None
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(repeats):
            cost = measure(command(source, folder))
            if cost is None:
                return None
            best = cost if best is None else (min(best[0], cost[0]), min(best[1], cost[1]))
            if enough(best):
                break
    return best


def slowness_by(source, seconds):
    """How much longer than `seconds` a source takes here."""
    return max(1.0, best_of(3, source, lambda best: False)[0] / float(seconds))


failures = total = 0
print(f"{'source':54}{'seconds':>9}{'limit':>7}{'goal':>6}{'MB':>8}{'limit':>7}")
for line in (compiling.root / "cmake/budgets.txt").read_text().splitlines():
    if not line.strip() or line.startswith("#"):
        continue
    if line.startswith("yardstick"):
        _, *yardstick = line.split()
        source = yardstick[0]
        slowness = slowness_by(*yardstick)
        print(f"limits in seconds times {slowness:.2f}: what {source} takes here")
        continue
    source, goal, limit, memory = line.split()
    seconds, memory = float(limit) * slowness, float(memory)
    if not locate(source).exists():
        print(f"{source:54} does not exist" + ("" if strict else " (yet)"))
        total += strict
        failures += strict
        continue
    if source.endswith(".cu") and cuda is None:
        print(f"{source:54} left out: no CUDA toolkit")
        continue
    total += 1

    def within(cost):
        return cost[0] <= seconds and (memory == 0 or cost[1] <= memory)

    best = best_of(3, source, within)
    if best is None:
        failures += 1
        print(f"{source:54} does not compile")
        continue
    if not within(best):
        seconds = float(limit) * max(slowness, slowness_by(*yardstick))
    over = not within(best)
    failures += over
    print(f"{source:54}{best[0]:9.2f}{seconds:7.2f}{goal:>6}{best[1]:8.0f}{f'{memory:g}' if memory else '-':>7}"
          + ("   over" if over else ""))
compiling.finish(failures, total, "within their budget")
