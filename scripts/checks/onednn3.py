#!/usr/bin/env python3
"""The cpu backend compiles against the headers of oneDNN 3, whichever version it links here. They are looked for in the
folder that TENSORLAB_ONEDNN3_INCLUDE names, among the system's, and in the PyTorch of check_pytorch, which brings them.
usage: onednn3.py BUILD_DIR"""

import os
import pathlib
import re
import sys
import tempfile

import compiling

named = os.environ.get("TENSORLAB_ONEDNN3_INCLUDE")
folders = [pathlib.Path(named)] if named else [
    pathlib.Path("/usr/include"), pathlib.Path("/usr/local/include"),
    *(compiling.root / "build/pytorch").glob("lib/python3*/site-packages/torch/include")]


def version(folder):
    """(major, minor, patch) of the oneDNN in an include folder, or None."""
    header = folder / "oneapi/dnnl/dnnl_version.h"
    numbers = re.findall(r"#define DNNL_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header.read_text()) if header.exists() else []
    return tuple(map(int, numbers)) if len(numbers) == 3 else None


found = next((f for f in folders if (version(f) or (0,))[0] == 3), None)
if found is None:
    compiling.skip("no headers of oneDNN 3")
headers = [f"tensorlab/backend/cpu/{name}.hpp" for name in ("onednn", "gemm", "conv")] + ["tensorlab/backend/cpu.hpp"]
command = [f for f in compiling.compile_command(sys.argv[1]) if not f.startswith("-DTENSORLAB_HAS_ONEDNN")]
failures = 0
with tempfile.TemporaryDirectory() as only:
    # Nothing else of that folder may be seen.
    for entry in [*found.glob("dnnl*.h"), found / "oneapi"]:
        (pathlib.Path(only) / entry.name).symlink_to(entry)
    for header in headers:
        worked, output = compiling.syntax(
            command, text=f"#include <{header}>\nstatic_assert(DNNL_VERSION_MAJOR == 3);\n",
            extra=["-isystem", only, "-DTENSORLAB_HAS_ONEDNN=1", "-Werror"])
        if not worked:
            failures += 1
            print(f"{header}:\n{compiling.shorten(output, 8)}\n")
compiling.finish(failures, len(headers), f"headers compile against oneDNN {'.'.join(map(str, version(found)))}")
