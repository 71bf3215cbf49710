"""Writes what PyTorch's and Keras's optimisers and schedules do, in float64, to tests/optim/{torch_trajectories,torch_schedules,
keras}.hpp and tests/train/keras_early_stopping.hpp.

Usage: python tests/golden/make_optim.py   (needs torch and keras; run from the repository's root)
"""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import torch

keras.config.set_floatx("float64")

SHAPES = [(3, 4), (7,), (2, 3, 2), (1,), (5, 1)]
STEPS = 20

OPTIMISERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "sgd weight_decay": lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.1),
    "sgd momentum": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9),
    "sgd dampening": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, dampening=0.3, weight_decay=0.02),
    "sgd nesterov": lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.02),
    "adam": lambda p: torch.optim.Adam(p, lr=0.02),
    "adam weight_decay": lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.8, 0.95), eps=1e-3, weight_decay=0.1),
    "adam amsgrad": lambda p: torch.optim.Adam(p, lr=0.02, betas=(0.9, 0.7), amsgrad=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.02),
    "adamw amsgrad": lambda p: torch.optim.AdamW(p, lr=0.02, betas=(0.9, 0.7), weight_decay=0.2, amsgrad=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
    "rmsprop momentum": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.7, weight_decay=0.1),
    "rmsprop centered": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, eps=1e-3, centered=True),
    "rmsprop centered momentum": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.7, centered=True),
}


def fill(shape, key):
    """Element i is ((2654435761 i + 2654445711 key + 12345) mod 2^32) / 2^31 - 1."""
    count = torch.Size(shape).numel()
    values = [((2654435761 * i + 2654445711 * key + 12345) % 2**32) / 2**31 - 1 for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def trajectory(make):
    """All parameters after STEPS steps; the gradient is a fill by step and parameter plus 0.3 p."""
    parameters = [torch.nn.Parameter(fill(s, k + 1)) for k, s in enumerate(SHAPES)]
    optimiser = make(parameters)
    for step in range(STEPS):
        for k, p in enumerate(parameters):
            p.grad = fill(p.shape, 10 * step + k + 100) + 0.3 * p.detach()
        optimiser.step()
    return [v for p in parameters for v in p.detach().flatten().tolist()]


def keras_adam(**options):
    """As trajectory(), by Keras."""
    variables = [keras.Variable(fill(s, k + 1), dtype="float64") for k, s in enumerate(SHAPES)]
    optimiser = keras.optimizers.Adam(**options)
    for step in range(STEPS):
        gradients = [fill(s, 10 * step + k + 100) + 0.3 * v.value.detach()
                     for k, (s, v) in enumerate(zip(SHAPES, variables))]
        optimiser.apply(gradients, variables)
    return [v for x in variables for v in x.value.detach().flatten().tolist()]


METRICS = [1.0, 0.8, 0.8, 0.7999, 0.81, 0.7, 0.7, 0.75, 0.72, 0.69995, 0.699, 0.9, float("nan"), 0.9, 0.9, 0.6, 0.9, 0.9,
           0.9, 0.9]


class FakeModel:
    """What the callbacks ask of a model."""

    def __init__(self):
        self.optimizer = keras.optimizers.SGD(0.5)
        self.stop_training = False

    def get_weights(self):
        return []

    def set_weights(self, weights):
        pass


def keras_plateau(values, **options):
    """The rate after each value."""
    callback = keras.callbacks.ReduceLROnPlateau(monitor="m", **options)
    callback.set_model(FakeModel())
    callback.on_train_begin()
    out = []
    for epoch, v in enumerate(values):
        callback.on_epoch_end(epoch, {"m": v})
        out.append(float(callback.model.optimizer.learning_rate.value))
    return out


def keras_stop(values, **options):
    """How many values were seen when training was stopped, or 0, and the best epoch counted from 0."""
    callback = keras.callbacks.EarlyStopping(monitor="m", **options)
    callback.set_model(FakeModel())
    callback.on_train_begin()
    for epoch, v in enumerate(values):
        callback.on_epoch_end(epoch, {"m": v})
        if callback.model.stop_training:
            return [epoch + 1, callback.best_epoch]
    return [0, callback.best_epoch]


NEGATIVE = [-v for v in METRICS]
KERAS_PLATEAU = {
    "patience 2": keras_plateau(METRICS, mode="min", factor=0.5, patience=2),
    "patience 3 cooldown 2": keras_plateau(METRICS, mode="min", factor=0.5, patience=3, cooldown=2),
    "patience 1 min_lr": keras_plateau(METRICS, mode="min", factor=0.1, patience=1, min_delta=0, min_lr=0.02),
    "greater": keras_plateau(NEGATIVE, mode="max", factor=0.5, patience=2, min_delta=0.05),
}
KERAS_STOP = {
    "patience 2": keras_stop(METRICS, mode="min", patience=2),
    "patience 3": keras_stop(METRICS, mode="min", patience=3),
    "patience 4 min_delta": keras_stop(METRICS, mode="min", patience=4, min_delta=0.05),
    "patience 0": keras_stop(METRICS, mode="min", patience=0),
    "patience 15": keras_stop(METRICS, mode="min", patience=15),
    "greater patience 3": keras_stop(NEGATIVE, mode="max", patience=3),
}


def rates(make, base, steps):
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=base)
    schedule = make(optimiser)
    out = []
    for _ in range(steps):
        out.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        schedule.step()
    return out


S = torch.optim.lr_scheduler
SCHEDULES = {
    "constant": lambda o: S.ConstantLR(o, factor=0.25, total_iters=4),
    "linear": lambda o: S.LinearLR(o, start_factor=0.1, end_factor=0.8, total_iters=6),
    "step": lambda o: S.StepLR(o, step_size=4, gamma=0.3),
    "multi_step": lambda o: S.MultiStepLR(o, milestones=[3, 7, 7, 12], gamma=0.5),
    "exponential": lambda o: S.ExponentialLR(o, gamma=0.9),
    "polynomial": lambda o: S.PolynomialLR(o, total_iters=10, power=2.0),
    "cosine": lambda o: S.CosineAnnealingLR(o, T_max=8, eta_min=0.01),
    "one_cycle": lambda o: S.OneCycleLR(o, max_lr=0.5, total_steps=20, pct_start=0.3, cycle_momentum=False),
    "one_cycle linear": lambda o: S.OneCycleLR(
        o, max_lr=0.5, total_steps=20, pct_start=0.4, div_factor=10, final_div_factor=100,
        anneal_strategy="linear", cycle_momentum=False),
    "chained": lambda o: S.ChainedScheduler([
        S.LinearLR(o, start_factor=0.1, total_iters=5), S.MultiStepLR(o, milestones=[8, 14], gamma=0.1)]),
}
SCHEDULE_BASE = 0.5
SCHEDULE_STEPS = 20


def header(path, function, table):
    with open(path, "w") as f:
        f.write("#pragma once\n\n#include <map>\n#include <string>\n#include <vector>\n\n")
        f.write("// Written by tests/golden/make_optim.py with PyTorch %s and Keras %s. Do not edit.\n\n"
                % (torch.__version__.split("+")[0], keras.__version__))
        f.write("inline const std::map<std::string, std::vector<double>>& %s() {\n" % function)
        f.write("  static const std::map<std::string, std::vector<double>> table{\n")
        for name, values in table.items():
            f.write('      {"%s",\n       {' % name)
            line = ""
            for i, v in enumerate(values):
                text = repr(v) + (", " if i + 1 < len(values) else "")
                if len(line) + len(text) > 110:
                    f.write(line.rstrip() + "\n        ")
                    line = ""
                line += text
            f.write(line + "}},\n")
        f.write("  };\n  return table;\n}\n")


if __name__ == "__main__":
    header("tests/optim/torch_trajectories.hpp", "torch_trajectories", {n: trajectory(m) for n, m in OPTIMISERS.items()})
    header("tests/optim/torch_schedules.hpp", "torch_schedules",
           {n: rates(m, SCHEDULE_BASE, SCHEDULE_STEPS) for n, m in SCHEDULES.items()})
    header("tests/optim/keras.hpp", "keras_goldens", {
        "adam": keras_adam(learning_rate=0.02), "adam eps": keras_adam(learning_rate=0.02, beta_1=0.8, epsilon=0.05),
        **KERAS_PLATEAU})
    header("tests/train/keras_early_stopping.hpp", "keras_early_stopping", KERAS_STOP)
