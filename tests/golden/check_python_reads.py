"""Checks files that tests/io/python.cpp wrote: python3 check_python_reads.py FOLDER. Needs PyTorch and NumPy.

The expected values are formulas over the element's row-major number i: tensor k of the list holds (i + k) mod 5.
"""

import collections
import math
import pathlib
import sys

import numpy as np
import torch

folder = pathlib.Path(sys.argv[1])
shapes = {"f4": (2, 3), "f8": (4,), "f2": (3, 1), "bf16": (2, 2), "i8": (), "i4": (0, 2), "u1": (1, 2, 3, 4), "b1": (6,)}
torch_types = dict(f4=torch.float32, f8=torch.float64, f2=torch.float16, bf16=torch.bfloat16, i8=torch.int64, i4=torch.int32,
                   u1=torch.uint8, b1=torch.bool)


def expected(k, shape):
    return ((np.arange(math.prod(shape)) + k) % 5).reshape(shape)


def check_tensors(tensors):
    assert list(tensors) == list(shapes), list(tensors)
    for k, (name, shape) in enumerate(shapes.items()):
        t = tensors[name]
        assert t.dtype == torch_types[name] and tuple(t.shape) == shape, (name, t.dtype, t.shape)
        want = torch.from_numpy(expected(k, shape)).to(t.dtype)
        assert t.is_contiguous() and torch.equal(t, want), (name, t, want)


file = torch.load(folder / "a.pt", weights_only=True)
assert list(file) == ["state_dict", "meta", "thresholds"]
assert type(file["state_dict"]) is collections.OrderedDict
check_tensors(file["state_dict"])
assert file["thresholds"] == [0.5, 0.25]
meta = dict(none=None, yes=True, no=False, small=7, negative=-3, byte=255, large=2**40, real=2.5, infinite=math.inf,
            text="é\n", empty="", list=[1, [2, "x"], []], tuple=(1, 2, 3, 4), pair=(1, 2), unit=(), bytes=b"\x00\x7f\x80\xff",
            dict={3: "three"})
assert file["meta"] == meta and list(file["meta"]) == list(meta), file["meta"]
assert [type(v) for v in file["meta"].values()] == [type(v) for v in meta.values()]

try:
    import safetensors
except ImportError:
    print("safetensors is not installed")
else:
    with safetensors.safe_open(folder / "a.safetensors", "pt") as f:
        assert f.metadata() == {"format": "pt", "note": "é"}
        assert sorted(f.keys()) == sorted(shapes)
        check_tensors({name: f.get_tensor(name) for name in shapes})

for name in ("a.npz", "deflated.npz"):
    arrays = np.load(folder / name)
    assert arrays.files == [n for n in shapes if n != "bf16"]
    for k, (n, shape) in enumerate(shapes.items()):
        if n != "bf16":
            a = arrays[n]
            assert a.shape == shape and np.array_equal(a, expected(k, shape).astype(a.dtype)), (n, a)
            assert a.dtype == np.dtype(n), (n, a.dtype)
assert np.array_equal(np.load(folder / "f4.npy"), expected(0, (2, 3)).astype("f4"))
print("read by NumPy", np.__version__, "and PyTorch", torch.__version__)
