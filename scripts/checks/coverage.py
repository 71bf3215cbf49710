#!/usr/bin/env python3
"""Every public op, loss and layer has a case that checks its gradient and compares it with the reference backend.

- A function of include/tensorlab/ops or loss is elementwise (it applies a rule of the lists in rule/, which generate
  tests), or an entry of the tables in tests/ops/every_op.cpp and tests/loss/every_loss.cpp, or named below.
- A record with operator() in include/tensorlab/nn or models is in a test case that calls check_module.
usage: coverage.py"""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[2]
include, tests = root / "include/tensorlab", root / "tests"

# What has nothing to differentiate: integers, booleans, and functions that refuse a tracked input or read it on the host.
WITHOUT_GRADIENT = {
    "all", "any", "argmax", "argmin", "argsort", "bucketize", "count_true", "cumprod", "equal", "greater",
    "greater_equal", "less", "less_equal", "logical_and", "logical_not", "logical_or", "not_equal", "one_hot",
    "same_padding", "sequence_mask", "unique",
}
# What the tables cannot hold, with the file that tests it instead.
ELSEWHERE = {
    "cast": "tests/ops/cast.cpp",  # rounding to float is no function that central differences could follow
}
# Layers that check_module cannot take.
OTHER_LAYERS = {
    "activation": "tests/nn/activation.cpp",  # a rule of the lists
    "any": "tests/nn/any.cpp",  # keeps its element type and backend, so there is nothing to convert it to
}


def without_detail(text):
    """The text without comments and without what lies in namespaces called detail."""
    text = re.sub(r"//[^\n]*", "", text)
    while (start := re.search(r"^namespace (?:[\w: ]*::)?detail \{\n", text, re.M)) is not None:
        depth, at = 1, start.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
        text = text[:start.start()] + text[at:]
    return text


def functions(text):
    """(name, body) of every function defined at the outermost level, operators excepted."""
    head = r"^(?!using|namespace|struct|class|enum|concept|static_assert|template)[\w\[\]][^\n;{}()=]*[\s>&](\w+)\("
    for match in re.finditer(head, text, re.M):
        if "operator" in match.group(0):
            continue
        open_brace = text.find("{\n", match.end())
        end = text.find("\n}\n", match.end())
        yield match.group(1), text[open_brace:end]


def listed_rules():
    rules = set()
    for path in (include / "rule").glob("*.hpp"):
        for names in re.findall(r"type_list<([^;]*)>;", path.read_text()):
            rules |= set(re.findall(r"\w+", names))
    return rules


def cases(source):
    return set(re.findall(r'\bentry\(\s*"(\w+)', source.read_text()))


def layers():
    for folder in ("nn", "models"):
        for path in sorted((include / folder).glob("*.hpp")):
            text = without_detail(path.read_text())
            for match in re.finditer(r"^(?:struct|class) (\w+)(?: final)? \{\n(.*?)^\};\n", text, re.M | re.S):
                if "operator()(" in match.group(2):
                    yield match.group(1), path


def layers_in_cases():
    """The layers named in test cases that call check_module, and in the helpers of their files."""
    names = set()
    for path in [*(tests / "nn").glob("*.cpp"), *(tests / "models").glob("*.cpp")]:
        parts = re.split(r"^(?=TEST_CASE|TEMPLATE_TEST_CASE|namespace \{)", path.read_text(), flags=re.M)
        if not any("check_module" in part for part in parts):
            continue
        for part in parts:
            if "check_module" in part or not re.match("TEST_CASE|TEMPLATE_TEST_CASE", part):
                names |= set(re.findall(r"(?:nn|models)::(\w+)", part))
    return names


problems, count = [], {"elementwise": 0, "listed": 0, "without a gradient": 0, "elsewhere": 0, "layers": 0}
rules = listed_rules()
table = cases(tests / "ops/every_op.cpp") | cases(tests / "loss/every_loss.cpp")
public = set()
for folder in ("ops", "loss"):
    for path in sorted((include / folder).rglob("*.hpp")):
        for name, body in functions(without_detail(path.read_text())):
            public.add(name)
            applied = re.search(r"apply(?:_to<\w+>)?\(rule::(\w+)", body)
            if name in table:
                count["listed"] += 1
            elif name in WITHOUT_GRADIENT:
                count["without a gradient"] += 1
            elif name in ELSEWHERE:
                count["elsewhere"] += 1
            elif applied and applied.group(1) in rules:
                count["elementwise"] += 1
            else:
                problems.append(f"{path.relative_to(root)}: {name} has no entry in the table of its folder")
for name in sorted((table | WITHOUT_GRADIENT | set(ELSEWHERE)) - public):
    problems.append(f"{name} is in a table or in a list of this script, but no public function has that name")

for file in [*ELSEWHERE.values(), *OTHER_LAYERS.values()]:
    if not (root / file).exists():
        problems.append(f"{file} does not exist")

covered = layers_in_cases()
for name, path in layers():
    count["layers"] += 1
    if name not in covered and name not in OTHER_LAYERS:
        problems.append(f"{path.relative_to(root)}: no test case that calls check_module names {name}")

for problem in problems:
    print(problem)
print(", ".join(f"{number} {kind}" for kind, number in count.items()))
sys.exit(1 if problems else 0)
