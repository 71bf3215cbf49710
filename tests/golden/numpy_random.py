"""Prints what NumPy's legacy generator and scikit-learn's StratifiedKFold give: the literals in tests/data."""

import numpy as np

r = np.random.RandomState(255)
print("words 255", [int(r.randint(0, 2**32, dtype=np.uint64)) for _ in range(3)])

r = np.random.RandomState(42)
x = np.arange(10)
r.shuffle(x)
print("shuffle 42", x.tolist())

r = np.random.RandomState(7)
print("permutation 7", r.permutation(12).tolist())
print("then choice without", r.choice(9, 4, replace=False).tolist())
print("then choice with", r.choice(9, 6, replace=True).tolist())
print("then randint", [int(r.randint(-5, 100)) for _ in range(5)])
print("then randint wide", [int(r.randint(0, 2**40)) for _ in range(3)])
print("then random_sample", [f"{v:.17g}" for v in r.random_sample(3)])
print("then randint 1, 2", int(r.randint(1)), int(r.randint(0, 2)))

r = np.random.RandomState(3)
x = np.arange(1000)
for _ in range(5):
    r.shuffle(x)
print("five shuffles of 1000", x[:6].tolist(), int((x * np.arange(1000)).sum()))

try:
    from sklearn.model_selection import StratifiedKFold

    y = np.array([(i * i + i // 3) % 4 for i in range(26)])
    for seed in (None, 0, 42):
        folds = np.zeros(len(y), int)
        k = StratifiedKFold(5, shuffle=seed is not None, random_state=seed)
        for f, (_, test) in enumerate(k.split(np.zeros(len(y)), y)):
            folds[test] = f
        print("stratified", seed, folds.tolist())
except ImportError:
    print("scikit-learn is not installed")
