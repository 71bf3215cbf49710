"""Writes the .npy and .npz files that tests/io reads. Needs NumPy: python3 make_npy_files.py [folder]"""

import pathlib
import sys

import numpy as np

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
folder = folder if folder.is_dir() else folder.parent


def write(name, array, version=(1, 0)):
    with open(folder / name, "wb") as f:
        np.lib.format.write_array(f, array, version=version)


ramp = np.arange(24).reshape(2, 3, 4)  # element [i, j, k] is 12 i + 4 j + k
write("ramp_f4.npy", ramp.astype("<f4"))
write("ramp_f8_big_endian.npy", ramp.astype(">f8"))
write("ramp_i4_fortran.npy", np.asfortranarray(ramp.astype("<i4")))
write("ramp_i8_big_endian_fortran.npy", np.asfortranarray(ramp.astype(">i8")))
write("ramp_f2_v2.npy", ramp.astype("<f2"), (2, 0))
write("ramp_u1_v3.npy", ramp.astype("u1"), (3, 0))
write("even_b1.npy", ramp % 2 == 0)
write("scalar_f8.npy", np.array(2.5))
write("empty_f4.npy", np.zeros((0, 3), "<f4"))
write("short_i2.npy", np.arange(3, dtype="<i2"))
np.save(folder / "object.npy", np.array([1, "two", None], dtype=object), allow_pickle=True)
write("structured.npy", np.zeros(2, dtype=[("x", "<f4"), ("n", "<i4")]))
np.savez(folder / "stored.npz", x=ramp.astype("<f4"), y=np.arange(3))
np.savez_compressed(folder / "deflated.npz", x=ramp.astype("<f4"), y=np.arange(3))
