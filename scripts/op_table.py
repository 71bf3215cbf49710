#!/usr/bin/env python3
"""Writes docs/ops.md from the headers: the functions of include/tensorlab/ops/ by their first sentence, and the rules of
the lists in include/tensorlab/rule/. usage: op_table.py [--check]   --check: fails if the file is not up to date"""

import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parents[1]
include = root / "include/tensorlab"
table = root / "docs/ops.md"


def without_templates(text):
    """A declaration without its leading template<...> and requires clauses."""
    text = re.sub(r"^\s*template\s*", "", text)
    while text.startswith("<"):
        depth = 0
        for at, c in enumerate(text):
            depth += (c == "<") - (c == ">")
            if depth == 0:
                text = re.sub(r"^\s*template\s*", "", text[at + 1:].lstrip())
                break
    return text


def sentence(comment):
    """The first sentence of a comment, fit for a cell of a table."""
    text = re.split(r"\*\*|\n\n", comment)[0].replace("\n", " ")
    end = re.search(r"(?<=[^\s.])(?<!i\.e)(?<!e\.g)(?<!et al)\.(\s+(?=[^a-z+])|$)", text)
    return (text[:end.start()] if end else text).strip().rstrip(".").replace("|", "\\|")


def functions(header):
    """(name, first sentence) of the documented functions outside namespace detail."""
    found, comment, declaration, hidden = {}, [], None, False
    for line in header.read_text().splitlines():
        if re.fullmatch(r"namespace (.*::)?detail \{", line):
            hidden = True
        elif re.fullmatch(r"\}  // namespace (.*::)?detail", line):
            hidden = False
        if hidden or line.startswith((" ", "}", "#")) and declaration is None:
            continue
        if declaration is None and line.startswith("///"):
            comment.append(line[3:].strip())
        elif comment:
            declaration = (declaration or "") + line + " "
            if not re.search(r"[{;]\s*$", line) and line:
                continue
            text = without_templates(declaration)
            if not re.match(r"(inline )?(struct|class|enum|namespace|using|concept)\b", text):
                name = re.search(r"(operator\S+?|\w+)\(", text)
                if name and name[1] not in found:
                    found[name[1]] = sentence("\n".join(comment))
            comment, declaration = [], None
    return found


def rules():
    """list name -> [(rule, text of its struct)], from the lists of rule/."""
    lists, structs = {}, {}
    for header in sorted((include / "rule").glob("*.hpp")):
        text = header.read_text()
        for name, body in re.findall(r"^struct (\w+)[^\n]*\{(.*?)^\};", text, re.M | re.S):
            structs[name] = body
        for name, items in re.findall(r"^using (\w+_ops) =\s*type_list<([^;]*)>;", text, re.M):
            lists[header.stem, name] = [r.strip() for r in items.split(",")]
    return lists, structs


def derivative(body):
    if "saves" not in body:
        return ""
    kept = re.search(r"save::(\w+)", body)[1]
    return ("written out" if re.search(r"\bdf\(", body) else "dual numbers") + (f", keeps its {kept}" if kept != "none" else "")


def contents():
    lines = ["# Ops", "", "Written by `scripts/op_table.py` from the headers; `check_op_table` says whether it is up to date.", "",
             "## Functions of tensors", ""]
    count = 0
    for header in sorted((include / "ops").rglob("*.hpp")):
        found = functions(header)
        if not found:
            continue
        count += len(found)
        lines += [f"`tensorlab/{header.relative_to(include).as_posix()}`", "", "| op | what it is |", "|---|---|"]
        lines += [f"| `{name}` | {what} |" for name, what in found.items()] + [""]
    lines += ["## Rules", "", "What happens to one element. The lists instantiate the kernels of every backend; those of "
              "differentiable rules also generate", "the tests. A derivative is written out or taken by dual numbers.", ""]
    lists, structs = rules()
    for (header, name), items in lists.items():
        lines += [f"`{name}` in `tensorlab/rule/{header}.hpp`", ""]
        said = [(item, derivative(structs.get(item, ""))) for item in items]
        if any(how for _, how in said):
            lines += ["| rule | derivative |", "|---|---|"] + [f"| `{item}` | {how} |" for item, how in said] + [""]
        else:
            lines += [", ".join(f"`{item}`" for item, _ in said) + ".", ""]
    return "\n".join(lines), count, sum(map(len, lists.values()))


text, ops, rule_count = contents()
if "--check" in sys.argv[1:]:
    if not table.exists() or table.read_text() != text:
        print("docs/ops.md is not what the headers say: scripts/op_table.py writes it")
        sys.exit(1)
else:
    table.write_text(text)
print(f"{ops} functions, {rule_count} rules")
