#!/usr/bin/env python3
"""Writes two headers into a folder: everything.hpp includes every header of the library, others.hpp every header of
other libraries that those include. usage: everything.py FOLDER"""

import pathlib
import re
import sys

import compiling

folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
cuda = compiling.has_cuda()
# precompiled.hpp and its parts promise instances that only programs with TensorLab::precompiled have.
ours = [h for h in compiling.headers()
        if (cuda is not None or not compiling.needs_cuda(h)) and not h.startswith("tensorlab/precompiled")]
others = sorted({name for h in ours
                 for name in re.findall(r"^\s*#\s*include\s*<([^>]+)>", (compiling.include / h).read_text(), re.M)
                 if not name.startswith("tensorlab/")})


def write(name, lines):
    text = "#pragma once\n" + "".join(lines)
    path = folder / name
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


write("everything.hpp", [f"#include <{h}>\n" for h in ours])
write("others.hpp", [f"#if __has_include(<{h}>)\n#include <{h}>\n#endif\n" for h in others])
