"""Writes tests/ops/torch_layers.hpp: PyTorch's convolution, pooling, normalisation and attention, forward and backward.

Usage: python tests/golden/make_layers.py   (needs torch; run from the repository's root)
"""

import torch
import torch.nn.functional as F

from fill import fill, write_table

TABLE = {}


def case(name, shapes, function):
    """Result and gradients: inputs are fills with keys 1, 2, ...; the gradient starts from the fill with key 10."""
    inputs = {k: fill(s, 1 + i).requires_grad_() for i, (k, s) in enumerate(shapes.items())}
    y = function(**inputs)
    (y * fill(y.shape, 10)).sum().backward()
    TABLE[f"{name} y"] = y
    for k, v in inputs.items():
        TABLE[f"{name} d{k}"] = v.grad


def norm_case(name, shape):
    mean, var = fill((shape[1],), 7), fill((shape[1],), 8) + 2
    affine = {"x": shape, "gamma": (shape[1],), "beta": (shape[1],)}

    def train(x, gamma, beta):
        return F.batch_norm(x, mean, var, gamma, beta, training=True, momentum=0.3, eps=1e-3)

    case(f"{name} train", affine, train)
    TABLE[f"{name} running_mean"], TABLE[f"{name} running_var"] = mean.clone(), var.clone()
    case(f"{name} eval", affine, lambda x, gamma, beta: F.batch_norm(x, mean, var, gamma, beta, eps=1e-3))


if __name__ == "__main__":
    conv = {"x": (1, 4, 6, 4), "w": (6, 2, 3, 2), "b": (6,)}
    case("conv2d", conv, lambda x, w, b: F.conv2d(x, w, b, stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2))
    case("conv2d asymmetric", {"x": (1, 2, 5, 4), "w": (3, 2, 2, 3)},
         lambda x, w: F.conv2d(F.pad(x, (2, 0, 0, 1)), w, stride=2))
    case("conv1d", {"x": (2, 3, 7), "w": (4, 3, 3), "b": (4,)}, lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1, dilation=2))
    case("max_pool2d", {"x": (1, 2, 5, 6)}, lambda x: F.max_pool2d(x, (3, 2), (2, 2), (1, 1)))
    case("avg_pool2d", {"x": (1, 2, 5, 6)}, lambda x: F.avg_pool2d(x, (3, 2), (2, 2), (1, 1)))
    case("avg_pool2d inside", {"x": (1, 2, 5, 6)}, lambda x: F.avg_pool2d(x, (3, 2), (2, 2), (1, 1), count_include_pad=False))
    norm_case("batch_norm2d", (3, 2, 2, 3))
    norm_case("batch_norm1d", (5, 3))
    case("layer_norm", {"x": (3, 2, 4), "gamma": (2, 4), "beta": (2, 4)}, lambda x, gamma, beta: F.layer_norm(x, (2, 4), gamma, beta))
    case("softmax", {"x": (2, 3, 4)}, lambda x: F.softmax(4 * x, 1))
    case("log_softmax", {"x": (2, 3, 4)}, lambda x: F.log_softmax(4 * x, 2))
    heads = {"q": (2, 1, 3, 4), "k": (2, 1, 5, 4), "v": (2, 1, 5, 2)}
    mask = torch.tensor([[1, 1, 0, 0, 1], [1, 0, 1, 1, 1], [0, 0, 0, 1, 0]], dtype=torch.bool)
    case("attention", heads, lambda q, k, v: F.scaled_dot_product_attention(q, k, v))
    case("attention mask", heads, lambda q, k, v: F.scaled_dot_product_attention(q, k, v, attn_mask=mask))
    case("attention bias", {**heads, "bias": (1, 3, 5)}, lambda q, k, v, bias: F.scaled_dot_product_attention(q, k, v, attn_mask=bias, scale=0.7))
    case("graph_aggregate", {"x": (2, 2, 2, 3, 3), "a": (2, 3, 4)}, lambda x, a: torch.einsum("nkctv,kvw->nctw", x, a))
    write_table("tests/ops/torch_layers.hpp", "torch_layers", "make_layers.py", TABLE)
