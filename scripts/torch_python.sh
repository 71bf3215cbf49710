#!/usr/bin/env bash
# Prints the path of a Python that has PyTorch, NumPy and safetensors: the one that TENSORLAB_TORCH_PYTHON names, else
# that of build/pytorch, an environment which is made on the first use. pip's own settings say where from.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${TENSORLAB_TORCH_PYTHON:-$root/build/pytorch/bin/python}
complete() { "$python" -c 'import torch, safetensors, numpy' 2>/dev/null; }

if ! complete; then
  if [[ -n ${TENSORLAB_TORCH_PYTHON:-} ]]; then
    echo "TENSORLAB_TORCH_PYTHON: $python cannot import torch, safetensors and numpy" >&2
    exit 1
  fi
  if ! python3 -m venv "$root/build/pytorch" >&2; then
    echo "python3 cannot make a virtual environment (scripts/setup.sh checks installs what it needs)" >&2
    exit 1
  fi
  if ! "$python" -m pip install --quiet --retries 2 --timeout 60 torch safetensors numpy >&2; then
    echo "pip could not install PyTorch" >&2
    exit 1
  fi
fi
echo "$python"
