#!/usr/bin/env python3
"""Each header compiles alone, without warnings. usage: headers.py BUILD_DIR [COMPILER]"""

import shutil
import sys

import compiling

compiler = sys.argv[2] if len(sys.argv) > 2 else None
if compiler is not None and shutil.which(compiler) is None:
    compiling.skip(f"{compiler} was not found")
command = compiling.compile_command(sys.argv[1], compiler)
if "-Werror" not in command:
    command.append("-Werror")

headers = compiling.headers()
cuda = compiling.has_cuda()
if cuda is None:
    left_out = [h for h in headers if compiling.needs_cuda(h)]
    headers = [h for h in headers if h not in left_out]
    if left_out:
        print(f"{len(left_out)} headers of the cuda backend left out: no CUDA toolkit")


def check(header):
    extra = ["-isystem", str(cuda), "-DTENSORLAB_HAS_CUDA=1"] if compiling.needs_cuda(header) else []
    return compiling.syntax(command, text=f"#include <{header}>\n", extra=extra)


failures = 0
for header, (worked, output) in compiling.in_parallel(check, headers):
    if not worked:
        failures += 1
        print(f"{header}:\n{compiling.shorten(output, 8)}\n")
compiling.finish(failures, len(headers), f"headers compile alone with {command[0].rsplit('/', 1)[-1]}")
