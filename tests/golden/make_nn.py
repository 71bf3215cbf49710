"""Writes tests/nn/torch_modules.hpp, tests/nn/torch_names.hpp and tests/loss/torch_losses.hpp: PyTorch's modules with the names
of their state, and its losses, forward and backward.

Usage: python tests/golden/make_nn.py   (needs torch; run from the repository's root)
"""

import torch
import torch.nn.functional as F
from torch import nn

from fill import fill, write_table

VALUES, NAMES, LOSSES = {}, {}, {}


def first(y):
    return y[0] if isinstance(y, tuple) else y


def module_case(name, module, *shapes, call=None, inputs=None):
    """Parameters are fills with keys 20, 21, ..., inputs with keys 1, 2, ...; the gradient starts from the fill with key 10."""
    module = module.double()
    for key, p in enumerate(module.parameters()):
        p.data = fill(p.shape, 20 + key)
    x = inputs or [fill(s, 1 + i).requires_grad_() for i, s in enumerate(shapes)]
    y = call(module, *x) if call else first(module(*x))
    (y * fill(y.shape, 10)).sum().backward()
    NAMES[name] = list(module.state_dict())
    VALUES[f"{name} y"] = y
    for i, v in enumerate(x):
        if v.grad is not None:
            VALUES[f"{name} dx{i}"] = v.grad
    for key, p in module.named_parameters():
        VALUES[f"{name} d{key}"] = p.grad
    for key, b in module.named_buffers():
        VALUES[f"{name} {key}"] = b.double()


def modules():
    module_case("linear", nn.Linear(3, 2), (2, 3))
    module_case("linear without bias", nn.Linear(3, 2, bias=False), (2, 3))
    module_case("conv1d", nn.Conv1d(4, 6, 3, stride=2, padding=1, dilation=2, groups=2), (2, 4, 7))
    module_case("conv2d", nn.Conv2d(2, 3, (3, 2), stride=(2, 1), padding=(1, 0)), (2, 2, 5, 4))
    module_case("conv2d without bias", nn.Conv2d(4, 4, 3, groups=4, bias=False), (1, 4, 4, 3))
    module_case("batch_norm1d", nn.BatchNorm1d(3, eps=1e-3, momentum=0.3), (4, 3))
    module_case("batch_norm2d", nn.BatchNorm2d(2), (2, 2, 2, 3))
    module_case("batch_norm2d eval", nn.BatchNorm2d(2).eval(), (2, 2, 2, 3))
    module_case("batch_norm average", nn.BatchNorm1d(2, momentum=None), (3, 2), call=lambda m, x: m(m(x) * 2 + 1))
    module_case("layer_norm", nn.LayerNorm((2, 3), eps=1e-3), (2, 2, 3))
    ids = torch.tensor([[1, 0, 3], [3, 2, 1]])
    module_case("embedding", nn.Embedding(5, 2, padding_idx=3), inputs=[ids])
    module_case("sequential", nn.Sequential(nn.Conv1d(2, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(9, 2)), (2, 2, 4))
    module_case("lstm", nn.LSTM(3, 2, batch_first=True), (2, 3, 3))
    module_case("lstm stack", nn.LSTM(2, 2, 2, batch_first=True, bidirectional=True), (2, 3, 2))
    module_case("lstm without bias", nn.LSTM(2, 2, batch_first=True, bias=False), (1, 3, 2))
    module_case("lstm state", nn.LSTM(3, 2, batch_first=True), (2, 3, 3), (1, 2, 2), (1, 2, 2),
                call=lambda m, x, h, c: (lambda y, s: y.sum() + s[0] * 2 + s[1])(*m(x, (h, c))))
    module_case("gru", nn.GRU(3, 2, batch_first=True), (2, 3, 3))
    module_case("gru stack", nn.GRU(2, 2, 2, batch_first=True, bidirectional=True), (2, 3, 2))
    module_case("gru state", nn.GRU(3, 2, batch_first=True), (2, 3, 3), (1, 2, 2),
                call=lambda m, x, h: (lambda y, s: y.sum() + s)(*m(x, h)))
    module_case("attention", nn.MultiheadAttention(4, 2, batch_first=True), (2, 3, 4), call=lambda m, x: m(x, x, x)[0])
    module_case("attention cross", nn.MultiheadAttention(4, 2, batch_first=True), (2, 3, 4), (2, 2, 4), (2, 2, 4))
    # PyTorch's mask is true where a key may not be seen.
    unseen = torch.tensor([[0, 1, 1], [0, 0, 1], [0, 0, 0]], dtype=torch.bool)
    module_case("attention causal", nn.MultiheadAttention(4, 2, batch_first=True, bias=False), (2, 3, 4),
                call=lambda m, x: m(x, x, x, attn_mask=unseen)[0])


def loss_case(name, shape, loss, scale=3.0):
    """The input is `scale` times the fill with key 1; the gradient of reduction "none" starts from the fill with key 10."""
    x = (scale * fill(shape, 1)).requires_grad_()
    y = loss(x)
    y.backward(fill(y.shape, 10) if y.dim() else torch.ones_like(y))
    LOSSES[f"{name} y"] = y
    LOSSES[f"{name} dx"] = x.grad


def for_each_reduction(name, shape, loss, scale=3.0):
    for reduction in ["mean", "sum", "none"]:
        loss_case(f"{name} {reduction}", shape, lambda x: loss(x, reduction=reduction), scale)


def losses():
    soft = (fill((3, 4), 2) + 1) / 2
    hard = (soft > 0.6).double()
    pos_weight, weight = 3 * (fill((4,), 3) + 1), fill((3, 4), 4) + 1
    bce = F.binary_cross_entropy_with_logits
    for_each_reduction("bce", (3, 4), lambda x, **o: bce(x, soft, **o))
    for_each_reduction("bce pos_weight", (3, 4), lambda x, **o: bce(x, hard, pos_weight=pos_weight, **o))
    for_each_reduction("bce weight", (3, 4), lambda x, **o: bce(x, soft, weight=weight, pos_weight=pos_weight, **o))
    loss_case("bce large", (3, 4), lambda x: bce(x, soft, pos_weight=pos_weight), scale=200.0)

    target = torch.tensor([2, 0, 3, 3, 1])
    ignoring = torch.tensor([2, -100, 3, 1, -100])
    class_weight = fill((4,), 3) + 1.5
    ce = F.cross_entropy
    for_each_reduction("ce", (5, 4), lambda x, **o: ce(x, target, **o))
    for_each_reduction("ce weight", (5, 4), lambda x, **o: ce(x, target, weight=class_weight, **o))
    for_each_reduction("ce smoothing", (5, 4), lambda x, **o: ce(x, target, label_smoothing=0.1, **o))
    for_each_reduction("ce ignore", (5, 4), lambda x, **o: ce(x, ignoring, **o))
    for_each_reduction("ce ignore 3", (5, 4), lambda x, **o: ce(x, target, ignore_index=3, **o))
    for_each_reduction("ce all", (5, 4), lambda x, **o: ce(x, ignoring, weight=class_weight, label_smoothing=0.3, **o))
    places = torch.tensor([[[0, 2, -100], [1, 1, 2]], [[2, 0, 1], [-100, 0, 2]]])
    for_each_reduction("ce places", (2, 3, 2, 3),
                       lambda x, **o: ce(x, places, weight=class_weight[:3], label_smoothing=0.2, **o))
    shares = F.softmax(2 * fill((5, 4), 5), 1)
    for_each_reduction("ce soft", (5, 4), lambda x, **o: ce(x, shares, **o))
    for_each_reduction("ce soft all", (5, 4), lambda x, **o: ce(x, shares, weight=class_weight, label_smoothing=0.3, **o))
    for_each_reduction("nll", (5, 4), lambda x, **o: F.nll_loss(x, ignoring, weight=class_weight, **o))
    for_each_reduction("nll places", (2, 3, 2, 3), lambda x, **o: F.nll_loss(x, places, **o))

    goal = fill((3, 4), 6)
    for_each_reduction("mse", (3, 4), lambda x, **o: F.mse_loss(x, goal, **o))
    for_each_reduction("l1", (3, 4), lambda x, **o: F.l1_loss(x, goal, **o))
    for_each_reduction("smooth_l1", (3, 4), lambda x, **o: F.smooth_l1_loss(x, goal, beta=0.7, **o))
    for_each_reduction("huber", (3, 4), lambda x, **o: F.huber_loss(x, goal, delta=1.3, **o))


def write_names(path):
    with open(path, "w") as f:
        f.write("#pragma once\n\n#include <map>\n#include <string>\n#include <vector>\n\n")
        f.write(f"// Written by tests/golden/make_nn.py with PyTorch {torch.__version__.split('+')[0]}. Do not edit.\n\n")
        f.write("inline const std::map<std::string, std::vector<std::string>>& torch_names() {\n")
        f.write("  static const std::map<std::string, std::vector<std::string>> table{\n")
        for name, keys in NAMES.items():
            f.write(f'      {{"{name}", {{' + ", ".join(f'"{k}"' for k in keys) + "}},\n")
        f.write("  };\n  return table;\n}\n")


if __name__ == "__main__":
    modules()
    losses()
    write_table("tests/nn/torch_modules.hpp", "torch_modules", "make_nn.py", VALUES)
    write_names("tests/nn/torch_names.hpp")
    write_table("tests/loss/torch_losses.hpp", "torch_losses", "make_nn.py", LOSSES)
