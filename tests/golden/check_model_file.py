"""Checks what tests/programs/train_lstm_model.cpp wrote: python3 check_model_file.py FOLDER. Needs PyTorch and NumPy.

The folder holds model.pt, which train_lstm_model saved, and the logits [N, C] that this library computes from its
weights for the windows x.npy [N, T, F].
"""

import collections
import pathlib
import sys

import numpy as np
import torch

folder = pathlib.Path(sys.argv[1])
x = torch.from_numpy(np.load(folder / "x.npy"))
wanted = torch.from_numpy(np.load(folder / "logits.npy"))
features, classes = x.shape[2], wanted.shape[1]


class network(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.pre = torch.nn.Sequential(torch.nn.Conv1d(features, features, 3, padding=1), torch.nn.ReLU())
        self.lstm = torch.nn.LSTM(features, 128, 2, batch_first=True, bidirectional=True, dropout=0.1)
        self.pool = torch.nn.Module()
        self.pool.w = torch.nn.Linear(256, 1)
        self.head = torch.nn.Linear(256, classes)

    def forward(self, x):
        states, _ = self.lstm(self.pre(x.transpose(1, 2)).transpose(1, 2))
        shares = torch.softmax(self.pool.w(states), dim=1)
        return self.head((shares * states).sum(dim=1))


file = torch.load(folder / "model.pt", weights_only=True)
assert list(file) == ["state_dict", "meta", "thresholds"], list(file)
assert type(file["state_dict"]) is collections.OrderedDict
assert file["meta"] == {"events": ["walk", "run"]}, file["meta"]
assert len(file["thresholds"]) == classes and all(type(t) is float and 0 <= t <= 1 for t in file["thresholds"])

model = network().eval()
assert list(file["state_dict"]) == list(model.state_dict()), list(file["state_dict"])
model.load_state_dict(file["state_dict"], strict=True)
with torch.no_grad():
    logits = model(x)
error = (logits - wanted).abs().max().item()
assert error < 1e-5, (error, logits, wanted)
print("loaded by PyTorch", torch.__version__, "- the logits differ by at most", error)
