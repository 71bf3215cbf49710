#!/usr/bin/env python3
"""Every header include/tensorlab/A/B.hpp has a test tests/A/B.cpp. Headers that only the CUDA compiler reads (.cuh) are
tested through those that they serve. usage: mirror.py"""

import pathlib
import sys

root = pathlib.Path(__file__).resolve().parents[2]
include, tests = root / "include" / "tensorlab", root / "tests"
headers = sorted(path.relative_to(include) for path in include.rglob("*.hpp"))
missing = [h for h in headers if not (tests / h).with_suffix(".cpp").is_file()]
for h in missing:
    print(f"tests/{h.with_suffix('.cpp')} is missing")
print(f"{len(headers) - len(missing)} of {len(headers)} headers have a test of their own")
sys.exit(1 if missing else 0)
