#!/usr/bin/env python3
"""Each tests/compile/must_not_compile/*.cpp fails with what its first line expects, and compiles with -DTL_VALID,
so that it fails for that reason alone. usage: must_not_compile.py BUILD_DIR"""

import re
import sys

import compiling

command = compiling.compile_command(sys.argv[1])
sources = sorted((compiling.root / "tests/compile/must_not_compile").glob("*.cpp"))


def check(source):
    first = source.read_text().splitlines()[0]
    if not first.startswith("// expect: "):
        return "its first line is not `// expect: <regex>`"
    expected = first.removeprefix("// expect: ")
    worked, output = compiling.syntax(command, source=source)
    if worked:
        return "it compiles"
    if not re.search(expected, output):
        return f"it fails, but without `{expected}`:\n{compiling.shorten(output)}"
    worked, output = compiling.syntax(command, source=source, extra=["-DTL_VALID"])
    if not worked:
        return f"its valid form does not compile:\n{compiling.shorten(output)}"
    return None


failures = 0
for source, problem in compiling.in_parallel(check, sources):
    if problem:
        failures += 1
        print(f"{source.name}: {problem}\n")
compiling.finish(failures, len(sources), "cases fail to compile as they should")
