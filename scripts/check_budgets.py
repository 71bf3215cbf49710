#!/usr/bin/env python3
"""Compiles what cmake/budgets.txt lists and compares the cost with the limits. A compilation above its limit is
repeated once and the better one counts, for other programs on the machine make the numbers worse, never better.
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


failures = total = 0
print(f"{'source':44}{'seconds':>9}{'limit':>7}{'MB':>8}{'limit':>7}")
for line in (compiling.root / "cmake/budgets.txt").read_text().splitlines():
    if not line.strip() or line.startswith("#"):
        continue
    source, seconds, memory = line.split()
    seconds, memory = float(seconds), float(memory)
    if not locate(source).exists():
        print(f"{source:44} does not exist" + ("" if strict else " (yet)"))
        total += strict
        failures += strict
        continue
    if source.endswith(".cu") and cuda is None:
        print(f"{source:44} left out: no CUDA toolkit")
        continue
    total += 1
    best = None
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            cost = measure(command(source, folder))
            if cost is None:
                break
            best = cost if best is None else (min(best[0], cost[0]), min(best[1], cost[1]))
            if best[0] <= seconds and (memory == 0 or best[1] <= memory):
                break
    if best is None:
        failures += 1
        print(f"{source:44} does not compile")
        continue
    over = best[0] > seconds or (memory != 0 and best[1] > memory)
    failures += over
    print(f"{source:44}{best[0]:9.2f}{seconds:7g}{best[1]:8.0f}{f'{memory:g}' if memory else '-':>7}"
          + ("   over" if over else ""))
compiling.finish(failures, total, "within their budget")
