"""Writes torch_file.pt and torch_legacy.pt, which tests/io/torch_*.cpp read. Needs PyTorch: python3 make_torch_file.py [folder]"""

import collections
import fractions
import pathlib
import sys

import torch

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
folder = folder if folder.is_dir() else folder.parent

ramp = torch.arange(24.0).reshape(2, 3, 4)
net = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
with torch.no_grad():
    for i, p in enumerate(net.parameters()):
        p.fill_(i + 0.5)

torch.save(
    {
        "tensors": collections.OrderedDict(
            f4=ramp,
            f8=ramp.double(),
            f2=ramp.half(),
            bf16=ramp.bfloat16(),
            i8=ramp.long(),
            i4=ramp.int(),
            u1=ramp.byte(),
            b1=ramp % 2 == 0,
            transposed=ramp.permute(2, 0, 1),
            part=ramp[1, 1:, ::2],
            expanded=torch.tensor([7.0]).expand(2, 3),
            scalar=torch.tensor(2.5),
            empty=torch.zeros(0, 3),
            parameter=torch.nn.Parameter(torch.ones(2)),
        ),
        "state_dict": net.state_dict(),
        "values": [None, True, False, 0, 255, 256, -1, 65536, 2**40, -(2**62), 2.5, float("inf"), "text é", b"\x00\xff"],
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), torch.Size([5, 6])],
        3: {"nested": {}},
        "opaque": fractions.Fraction(1, 3),
        "int16": torch.arange(3, dtype=torch.int16),
        "large": 2**70,
    },
    folder / "torch_file.pt",
)

shared = torch.arange(6.0)
torch.save(
    {"a": shared[2:5], "b": shared.reshape(2, 3).t(), "i8": torch.tensor([1, 2]), "int16": torch.arange(3, dtype=torch.int16), "n": 3},
    folder / "torch_legacy.pt",
    _use_new_zipfile_serialization=False,
)
