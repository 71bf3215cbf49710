"""What the checks that compile share: the flags of a real target of this build, the list of headers, a line at the end."""

import concurrent.futures
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
include = root / "include"

# g++ options that clang does not have.
gnu_only = {"-Wno-maybe-uninitialized"}


def headers():
    """The headers for the host's compiler, as they are written in an #include line."""
    return sorted(p.relative_to(include).as_posix() for p in include.rglob("*.hpp"))


def has_cuda():
    """The CUDA toolkit's include folder, or None."""
    nvcc = shutil.which("nvcc") or ("/usr/local/cuda/bin/nvcc" if os.path.exists("/usr/local/cuda/bin/nvcc") else None)
    if nvcc is None:
        return None
    folder = pathlib.Path(nvcc).resolve().parent.parent / "include"
    return folder if (folder / "cuda_runtime_api.h").exists() and (folder / "cudnn.h").exists() else None


def needs_cuda(header):
    return header.startswith("tensorlab/backend/cuda/") or header == "tensorlab/backend/cuda.hpp"


def compile_command(build, compiler=None):
    """Compiler and flags (no source, no output) of tests/compile/probe.cpp, which links TensorLab::cpu and ::io."""
    entries = json.loads((pathlib.Path(build) / "compile_commands.json").read_text())
    command = next(e for e in entries if e["file"].endswith("tests/compile/probe.cpp"))["command"]
    words = shlex.split(command)
    while os.path.basename(words[0]) == "ccache":
        words.pop(0)
    flags, skip = [], False
    for word in words[1:]:
        if skip:
            skip = False
        elif word in ("-o", "-c", "-MF", "-MT"):
            skip = True
        elif word not in ("-MD",):
            flags.append(word)
    if compiler is not None and "clang" in compiler:
        flags = [f for f in flags if f not in gnu_only]
    return [compiler or words[0], *flags]


def syntax(command, text=None, source=None, extra=()):
    """Runs the compiler without output files; returns (worked, what it printed)."""
    where = [source] if source else ["-x", "c++", "-"]
    done = subprocess.run([*command, *extra, "-fsyntax-only", *map(str, where)], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode == 0, done.stdout


def in_parallel(work, items):
    """[(item, work(item))] in order, on every processor."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(zip(items, pool.map(work, items)))


def shorten(output, lines=25):
    kept = output.rstrip().splitlines()
    return "\n".join(kept[:lines] + ([f"... {len(kept) - lines} more lines"] if len(kept) > lines else []))


def finish(failures, total, what):
    """Prints the check's last line and ends the program."""
    print(f"{total - failures} of {total} {what}")
    sys.exit(1 if failures else 0)


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(0)
