#!/usr/bin/env python3
"""Reads the #include lines of include/tensorlab: no upward arrow between floors, no cycle, each foreign library in its
one place, no heavy standard header below floor 6, no header above 500 lines. usage: check_floors.py [REPOSITORY]"""

import pathlib
import re
import statistics
import sys

floors = [["core"], ["rule"], ["backend"], ["autograd"], ["ops"], ["nn", "loss"], ["optim", "data", "io"],
          ["models", "metrics", "behaviour", "quantized", "vision", "skeleton", "reid"], ["train"], ["distributed"]]
floor_of = {name: level for level, names in enumerate(floors) for name in names}
ground = {"fwd.hpp", "config.hpp", "version.hpp"}
umbrella = "tensorlab.hpp"
precompiled = "precompiled.hpp"  # stands on the umbrella, for TensorLab::precompiled

# (what is included, where it may be)
foreign = [
    (r"(oneapi/dnnl/|dnnl)", r"backend/cpu(/|\.hpp$)"),
    (r"xsimd/", r"backend/cpu(/|\.hpp$)"),
    (r"omp\.h$", r"backend/cpu(/|\.hpp$)"),
    (r"(Eigen|unsupported/Eigen)/", r"io/eigen\.hpp$"),
    (r"xtensor/", r"io/xtensor\.hpp$"),
    (r"(cuda|cudnn|cublas|cub/|thrust/|cooperative_groups)", r"backend/cuda(/|\.hpp$)"),
    (r"nlohmann/", r"io/"),
    (r"zip\.h$", r"io/"),
    (r"opencv2/", r"vision/"),
    (r"(mpi|nccl)\.h$", r"distributed/"),
]
heavy = {"iostream", "regex", "filesystem", "functional"}
longest = 500

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[1])
library = root / "include/tensorlab"
files = {p.relative_to(library).as_posix(): p.read_text() for p in sorted(library.rglob("*"))
         if p.suffix in (".hpp", ".cuh", ".cu")}
problems = []


def level(name):
    if name in ground:
        return -1
    if name == umbrella or name.startswith("precompiled/"):
        return len(floors)
    if name == precompiled:
        return len(floors) + 1
    return floor_of.get(name.split("/")[0])


arrows = {}
for name, text in files.items():
    if level(name) is None:
        problems.append(f"{name}: belongs to no floor")
        continue
    arrows[name] = []
    for number, line in enumerate(text.splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*(<([^>]+)>|"([^"]+)")', line)
        if not found:
            continue
        where, target = f"{name}:{number}", found[2] or found[3]
        if found[3]:
            beside = (library / name).parent / target
            target = beside.resolve().relative_to(root / "include").as_posix() if beside.exists() else target
        if target.startswith("tensorlab/"):
            target = target.removeprefix("tensorlab/")
            if target not in files:
                problems.append(f"{where}: includes {target}, which does not exist")
                continue
            arrows[name].append(target)
            if level(target) is not None and level(target) > level(name):
                problems.append(f"{where}: includes {target} from a floor above")
            elif target == umbrella and name != precompiled:
                problems.append(f"{where}: includes the umbrella header, which is for programs")
            continue
        if target in heavy and level(name) < 6:
            problems.append(f"{where}: <{target}> is too heavy below floor 6")
        for library_pattern, place in foreign:
            if re.match(library_pattern, target) and not re.match(place, name):
                problems.append(f"{where}: <{target}> has its place elsewhere ({place})")

state = {}


def walk(name, path):
    state[name] = "open"
    for target in arrows.get(name, []):
        if state.get(target) == "open":
            cycle = path[path.index(target):] + [target]
            problems.append("cycle: " + " -> ".join(cycle))
        elif target not in state:
            walk(target, path + [target])
    state[name] = "done"


sys.setrecursionlimit(10000)
for name in files:
    if name not in state:
        walk(name, [name])

lengths = {name: len(text.splitlines()) for name, text in files.items() if name.endswith(".hpp")}
for name, text in files.items():
    lines = len(text.splitlines())
    if lines > longest:
        problems.append(f"{name}: {lines} lines, more than {longest}")

for problem in problems:
    print(problem)
if lengths:
    name = max(lengths, key=lengths.get)
    print(f"{len(lengths)} headers, {sum(lengths.values())} lines, median {statistics.median(lengths.values()):g}, "
          f"longest {lengths[name]} ({name})")
print(f"{len(problems)} problems")
sys.exit(1 if problems else 0)
