"""Deterministic values shared by golden scripts and tests (golden_fill in tests/ops/golden.hpp), and the header writer."""

import torch


def fill(shape, key):
    """Element i: h = (i + 1) 2654435761 + key 974711; h ^= h >> 15; h *= 2246822519; h ^= h >> 13; h / 2^31 - 1."""
    values = []
    for i in range(torch.Size(shape).numel()):
        h = ((i + 1) * 2654435761 + key * 974711) % 2**32
        h ^= h >> 15
        h = h * 2246822519 % 2**32
        h ^= h >> 13
        values.append(h / 2**31 - 1)
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def write_table(path, function, script, table):
    """A header with `function()`: a map of names to values in row-major order."""
    lines = [
        "#pragma once",
        "",
        "#include <map>",
        "#include <string>",
        "#include <vector>",
        "",
        f"// Written by tests/golden/{script} with PyTorch {torch.__version__.split('+')[0]} in float64. Do not edit.",
        "",
        f"inline const std::map<std::string, std::vector<double>>& {function}() {{",
        "  static const std::map<std::string, std::vector<double>> table{",
    ]
    for name, tensor in table.items():
        text = ", ".join(f"{v:.13g}" for v in tensor.detach().flatten().tolist())
        row = f'      {{"{name}", {{'
        for number in text.split(", "):
            if len(row) + len(number) + 2 > 118:
                lines.append(row.rstrip())
                row = "        "
            row += number + ", "
        lines.append(row[:-2] + "}},")
    lines += ["  };", "  return table;", "}", ""]
    with open(path, "w") as file:
        file.write("\n".join(lines))
