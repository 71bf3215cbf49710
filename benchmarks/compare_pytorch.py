#!/usr/bin/env python3
"""Runs benchmark_compare and PyTorch in turns on the same operands and prints ratios of medians.

usage: compare_pytorch.py PROGRAM [--only PATTERN] [--rounds N] [--seconds S] [--write FILE.md]
       compare_pytorch.py --peak NAME OPERANDS FORM   the peer's side of a row of memory"""

import argparse
import datetime
import fnmatch
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OMP_NUM_THREADS", "2")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.utils.fusion import fuse_conv_bn_eval  # noqa: E402

GOALS = {
    "behaviour_step": 1.8, "behaviour_inference": 5, "lstm_step_n32": 1.5, "gru_step_n32": 5, "gru_step_n1": 20,
    "lstm_inference_n1": 4, "gru_inference_n1": 12, "mlp_inference_n1": 20, "mlp_step_n32": 15, "adamw_200": 1.5,
    "bottlenecks_step": 1.5,
}
# Multiply-adds of the products and convolutions of one run, for the share of the machine's sgemm rate.
MACS = {
    "behaviour_step": 3 * 64 * 16 * (169 * 169 * 3 + 2 * 512 * (169 + 128) + 2 * 512 * (256 + 128)),
    "lstm_step_n32": 3 * 30 * 32 * 320 * (160 + 80),
    "gru_step_n32": 3 * 30 * 32 * 240 * (160 + 80),
    "bottlenecks_step": 3 * 8 * 56 * 56 * (64 * 64 + 2 * 256 * 64 + 3 * 9 * 64 * 64 + 3 * 64 * 256 + 64 * 256),
}


class Behaviour(nn.Module):
    def __init__(self, features=169, classes=8, hidden=128):
        super().__init__()
        self.pre = nn.Sequential(nn.Conv1d(features, features, 3, padding=1), nn.ReLU())
        self.lstm = nn.LSTM(features, hidden, 2, batch_first=True, bidirectional=True)
        self.pool = nn.ModuleDict({"w": nn.Linear(2 * hidden, 1)})
        self.head = nn.Linear(2 * hidden, classes)

    def forward(self, x):
        y, _ = self.lstm(self.pre(x.transpose(1, 2)).transpose(1, 2))
        share = torch.softmax(self.pool["w"](y), 1)
        return self.head((share * y).sum(1))


class Bottleneck(nn.Module):
    def __init__(self, inside, width):
        super().__init__()
        out = 4 * width
        self.conv1 = nn.Conv2d(inside, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        if inside != out:
            self.shortcut = nn.Conv2d(inside, out, 1, bias=False)
            self.shortcut_bn = nn.BatchNorm2d(out)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn3(self.conv3(F.relu(self.bn2(self.conv2(y)))))
        return F.relu(y + (self.shortcut_bn(self.shortcut(x)) if hasattr(self, "shortcut") else x))


def with_state(module, operands):
    state = {k.removeprefix("state."): v for k, v in operands.items() if k.startswith("state.")}
    module.load_state_dict(state)
    return module


def trained(module, optimiser, objective):
    def step():
        optimiser.zero_grad(set_to_none=True)
        loss = objective(module)
        loss.backward()
        optimiser.step()
        return loss.item()
    return step


def recurrent(kind, operands, hidden=80):
    layer = with_state(kind(160, hidden, batch_first=True), operands)
    x = operands["x"]
    if "inference" in operands["name"]:
        def run():
            with torch.no_grad():
                layer(x)
        return run, None
    x.requires_grad_(True)

    def run():
        x.grad = None
        layer.zero_grad(set_to_none=True)
        layer(x)[0].backward(operands["dy"])
    return run, None


def behaviour(operands):
    net = with_state(Behaviour(), operands)
    if "inference" in operands["name"]:
        net.eval()

        def run():
            with torch.no_grad():
                net(operands["x"])
        return run, None
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3)
    step = trained(net, optimiser, lambda m: F.binary_cross_entropy_with_logits(m(operands["x"]), operands["y"]))
    return step, step


def in_bf16(run):
    def cast():
        with torch.autocast("cpu", dtype=torch.bfloat16):
            run()
    return cast


def mlp(operands):
    net = nn.Sequential(nn.Linear(34, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 8))
    net = with_state(net, operands)
    if "inference" in operands["name"]:
        def run():
            with torch.no_grad():
                net(operands["x"])
        return run, None
    step = trained(net, torch.optim.Adam(net.parameters(), lr=1e-3),
                   lambda m: F.cross_entropy(m(operands["x"]), operands["y"]))
    return step, step


def adamw(operands):
    parameters = [nn.Parameter(operands[f"p{i}"]) for i in range(200)]
    for i, p in enumerate(parameters):
        p.grad = operands[f"g{i}"]
    optimiser = torch.optim.AdamW(parameters, lr=1e-3)  # foreach and fused are for other devices
    return optimiser.step, None


def folded(net):
    """Each normalisation in the convolution before it."""
    for block in net:
        for conv, norm in (("conv1", "bn1"), ("conv2", "bn2"), ("conv3", "bn3"), ("shortcut", "shortcut_bn")):
            if hasattr(block, conv):
                setattr(block, conv, fuse_conv_bn_eval(getattr(block, conv), getattr(block, norm)))
                setattr(block, norm, nn.Identity())
    return net


def bottlenecks(operands, memory_format, fold=False):
    net = with_state(nn.Sequential(*[Bottleneck(n, 64) for n in (64, 256, 256)]), operands)
    if "inference" in operands["name"]:
        net = (folded(net.eval()) if fold else net.eval()).to(memory_format=memory_format)
        x = operands["x"].contiguous(memory_format=memory_format)

        def predict():
            with torch.no_grad():
                net(x)
        return predict, None
    net = net.to(memory_format=memory_format)
    x = operands["x"].contiguous(memory_format=memory_format).requires_grad_(True)
    optimiser = torch.optim.SGD(net.parameters(), lr=1e-3)

    def objective(m):
        x.grad = None
        return m(x).square().mean()
    step = trained(net, optimiser, objective)
    return step, step


OPS = {
    "add": lambda a, b: a + b, "mul": lambda a, b: a * b, "relu": lambda a, b: torch.relu(a),
    "sigmoid": lambda a, b: torch.sigmoid(a), "tanh": lambda a, b: torch.tanh(a), "exp": lambda a, b: torch.exp(a),
    "gelu": lambda a, b: F.gelu(a), "silu": lambda a, b: F.silu(a), "dropout": lambda a, b: F.dropout(a, 0.5),
    "sum": lambda a, b: a.sum(),
    "sum_rows": lambda a, b: a.sum(1), "sum_columns": lambda a, b: a.sum(0), "amax_rows": lambda a, b: a.amax(1),
    "softmax": lambda a, b: torch.softmax(a, 1),
}


def pointwise(operands):
    name = operands["name"].removeprefix("op_").rsplit("_", 1)[0]
    a, b = operands["a"], operands["b"]
    gamma, beta = torch.ones(256), torch.zeros(256)
    f = OPS.get(name) or (lambda a, b: F.layer_norm(a, (256,), gamma, beta))

    def run():
        with torch.no_grad():
            f(a, b)
    return run, None


def peers(operands):
    """The forms of PyTorch that a workload is compared with: {label: (run, train)}."""
    name = operands["name"]
    if name.startswith("op_"):
        return {"": pointwise(operands)}
    if name == "behaviour_step_bf16":
        run, train = behaviour(operands)
        # The losses are compared with those in float: the peer rounds activations as well.
        return {"float": (run, train), "autocast": (in_bf16(behaviour(operands)[0]), None)}
    if name.startswith("behaviour"):
        return {"": behaviour(operands)}
    if name.startswith(("lstm", "gru")):
        return {"": recurrent(nn.LSTM if name.startswith("lstm") else nn.GRU, operands)}
    if name.startswith("mlp"):
        return {"": mlp(operands)}
    if name.startswith("adamw"):
        return {"": adamw(operands)}
    copy = {k: v.clone() if torch.is_tensor(v) else v for k, v in operands.items()}
    forms = {"default": bottlenecks(operands, torch.contiguous_format),
             "channels last": bottlenecks(copy, torch.channels_last)}
    if "inference" in name:
        forms["folded"] = bottlenecks(operands, torch.contiguous_format, fold=True)
        forms["channels last, folded"] = bottlenecks(copy, torch.channels_last, fold=True)
    return forms


def time_of(run, budget):
    """The median of the runs that fit into `budget` seconds, at least five; short runs are timed several at a time."""
    def once(times):
        start = time.perf_counter()
        for _ in range(times):
            run()
        return (time.perf_counter() - start) / times
    once(3)
    batch = int(min(max(20e-6 / once(1), 1), 1000))
    all_runs, spent = [], 0.0
    while len(all_runs) < 5 or spent < budget:
        all_runs.append(once(batch))
        spent += all_runs[-1] * batch
    return statistics.median(all_runs) * 1e6


class Program:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"compare_pytorch: the program ended at `{line}`")
        return answer.strip()

    def names(self):
        found = [self.ask("list")]
        while line := self.process.stdout.readline().strip():
            found.append(line)
        return found


def sgemm_rate():
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    return 2 * 1024 ** 3 / time_of(lambda: a @ b, 0.5) * 1e-3


def agree(name, ours, theirs):
    for i, (a, b) in enumerate(zip(ours, theirs)):
        if abs(a - b) > 2e-3 * max(abs(b), 1e-3):
            sys.exit(f"compare_pytorch: {name}: losses differ at step {i}: {a} and {b}: not the same arithmetic")


def compare(program, name, rounds, seconds):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "operands.safetensors")
        program.ask(f"save {name} {path}")
        operands = load_file(path)
    operands["name"] = name
    forms = peers(operands)
    ours_losses = [float(v) for v in program.ask(f"losses {name} 21").split()]
    for run, train in forms.values():
        if train is not None:
            agree(name, ours_losses, [train() for _ in range(21)])
    ratios, mine, theirs = [], [], []
    for _ in range(rounds):
        ours = float(program.ask(f"time {name} {seconds}").split()[0])
        # The peer's best form counts.
        other = min(time_of(run, seconds) for run, _ in forms.values())
        ratios.append(other / ours)
        mine.append(ours)
        theirs.append(other)
    return statistics.median(mine), statistics.median(theirs), ratios


def memory_line(key):
    """A line of what the system says of this program's memory, in KiB."""
    with open("/proc/self/status", encoding="utf-8") as f:
        return next(int(line.split()[1]) for line in f if line.startswith(key))


def peer_peak(name, path, form):
    """How much more memory than before is in use at worst during five runs, in KiB; in a process of its own."""
    operands = load_file(path)
    operands["name"] = name
    run, _ = peers(operands)[form]
    before = memory_line("VmRSS:")
    with open("/proc/self/clear_refs", "w", encoding="utf-8") as f:
        f.write("5")
    for _ in range(5):
        run()
    return memory_line("VmHWM:") - before


def compare_memory(path, name):
    """Both sides' peaks in MiB, each of a process that does nothing else; of the peer's forms the least."""
    program = Program(path)
    with tempfile.TemporaryDirectory() as folder:
        operands = os.path.join(folder, "operands.safetensors")
        program.ask(f"save {name} {operands}")
        tensors = load_file(operands)
        tensors["name"] = name
        theirs = [int(subprocess.run([sys.executable, __file__, "--peak", name, operands, form], check=True,
                                     capture_output=True, text=True).stdout) for form in peers(tensors)]
    return int(Program(path).ask(f"peak {name}")) / 1024, min(theirs) / 1024


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        return next(line.split(":")[1].strip() for line in f if line.startswith("model name"))


def main():
    if sys.argv[1:2] == ["--peak"]:
        print(peer_peak(*sys.argv[2:5]))
        return
    options = argparse.ArgumentParser()
    options.add_argument("program")
    options.add_argument("--only", default="*")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=0.3)
    options.add_argument("--write")
    options = options.parse_args()
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
    program = Program(options.program)
    lines = []

    def say(line=""):
        print(line, flush=True)
        lines.append(line)

    say("# Against PyTorch")
    say()
    blas = "MKL" if torch.backends.mkl.is_available() else "no MKL"
    say(f"{datetime.date.today()}; {processor()}, {torch.get_num_threads()} threads; "
        f"tensorlab: g++ {program.ask('information')}; PyTorch {torch.__version__} ({blas}), eager; "
        f"Python {platform.python_version()}. Medians of {options.rounds} rounds in turns.")
    own, peer = float(program.ask("sgemm")), sgemm_rate()
    say(f"sgemm 1024^3: tensorlab's library {own:.0f} GFLOP/s, PyTorch's {peer:.0f}. `share of sgemm` is the time that the "
        "products alone would take at the former rate, over the time taken.")
    say()
    say("| workload | tensorlab us | PyTorch us | ratio | spread | goal | share of sgemm |")
    say("|---|---|---|---|---|---|---|")
    groups, medians = {}, {}
    for name in program.names():
        if not fnmatch.fnmatch(name, options.only):
            continue
        ours, theirs, ratios = compare(program, name, options.rounds, options.seconds)
        ratio = statistics.median(ratios)
        plain = name.removesuffix("_recorded").removesuffix("_prepared")
        medians[name] = ours
        share = f"{2 * MACS[plain] / own * 1e-3 / ours:.2f}" if plain in MACS else ""
        say(f"| {name} | {ours:.1f} | {theirs:.1f} | {ratio:.2f} | {min(ratios):.2f} to {max(ratios):.2f} | "
            f"{GOALS.get(plain, '')} | {share} |")
        if name.startswith("op_"):
            groups.setdefault("1 KB" if name.endswith("_1kb") else "1 MB and more", []).append(ratio)
    say()
    for label, goal in (("1 KB", 5), ("1 MB and more", 1.3)):
        if label in groups:
            mean = math.exp(statistics.fmean(math.log(r) for r in groups[label]))
            say(f"Pointwise and reductions, {label}: geometric mean {mean:.2f} (goal {goal}).")
    for name, ours in medians.items():
        plain, _, how = name.rpartition("_")
        if how in ("recorded", "prepared") and (eager := medians.get(plain)):
            goal = " (goal 3)" if name.startswith("mlp_step") else ""
            say(f"{how.capitalize()} over eager, {plain}: {eager / ours:.2f}{goal}.")
    say()
    say("Memory that five training steps take beyond their operands at worst, as the system counts it; no more than "
        "PyTorch's is the goal.")
    say()
    say("| workload | tensorlab MiB | PyTorch MiB | ratio |")
    say("|---|---|---|---|")
    for name in MACS:
        if name in medians:
            ours, theirs = compare_memory(options.program, name)
            say(f"| {name} | {ours:.1f} | {theirs:.1f} | {theirs / ours:.2f} |")
    if options.write:
        with open(options.write, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")


main()
