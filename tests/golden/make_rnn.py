"""Writes tests/ops/torch_rnn.hpp: what PyTorch's LSTM and GRU do, forward and backward.

Usage: python tests/golden/make_rnn.py   (needs torch; run from the repository's root)
"""

import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from fill import fill, write_table

N, T, I, H, LAYERS = 3, 4, 3, 2, 2
LENGTHS = [4, 1, 3]


def run(kind, lengths):
    """Outputs and gradients of a bidirectional stack of two layers with given initial states."""
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind](I, H, LAYERS, batch_first=True, bidirectional=True).double()
    for key, (_, p) in enumerate(layer.named_parameters()):
        p.data = fill(p.shape, 20 + key)
    x = fill((N, T, I), 1).requires_grad_()
    states = [fill((LAYERS * 2, N, H), 2 + k).requires_grad_() for k in range(2 if kind == "lstm" else 1)]
    given = tuple(states) if kind == "lstm" else states[0]
    if lengths is None:
        y, last = layer(x, given)
    else:
        packed, last = layer(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False), given)
        y, _ = pad_packed_sequence(packed, batch_first=True, total_length=T)
    outputs = [y, *(last if kind == "lstm" else [last])]
    sum((v * fill(v.shape, 10 + k)).sum() for k, v in enumerate(outputs)).backward()
    table = dict(zip(["y", "h", "c"], outputs))
    table["dx"] = x.grad
    for name, s in zip(["dh0", "dc0"], states):
        table[name] = s.grad
    for name, p in layer.named_parameters():
        table["d" + name] = p.grad
    return table


def reset_before():
    """One direction of a GRU whose reset gate acts before the product, written out."""
    x = fill((N, T, I), 1).requires_grad_()
    h0 = fill((N, H), 2).requires_grad_()
    w_ih, w_hh, b_ih, b_hh = (fill(s, 20 + k).requires_grad_() for k, s in enumerate([(3 * H, I), (3 * H, H), (3 * H,), (3 * H,)]))
    h, ys = h0, []
    for t in range(T):
        a = x[:, t] @ w_ih.T + b_ih
        rz = torch.sigmoid(a[:, : 2 * H] + h @ w_hh[: 2 * H].T + b_hh[: 2 * H])
        r, z = rz[:, :H], rz[:, H:]
        n = torch.tanh(a[:, 2 * H :] + (r * h) @ w_hh[2 * H :].T + b_hh[2 * H :])
        h = (1 - z) * n + z * h
        ys.append(h)
    y = torch.stack(ys, 1)
    ((y * fill(y.shape, 10)).sum() + (h * fill(h.shape, 11)).sum()).backward()
    return {"y": y, "h": h, "dx": x.grad, "dh0": h0.grad, "dw_ih": w_ih.grad, "dw_hh": w_hh.grad, "db_ih": b_ih.grad, "db_hh": b_hh.grad}


if __name__ == "__main__":
    table = {}
    for kind in ["lstm", "gru"]:
        for case, lengths in {"": None, " lengths": LENGTHS}.items():
            for name, value in run(kind, lengths).items():
                table[f"{kind}{case} {name}"] = value
    for name, value in reset_before().items():
        table[f"gru reset_before {name}"] = value
    write_table("tests/ops/rnn/torch_rnn.hpp", "torch_rnn", "make_rnn.py", table)
