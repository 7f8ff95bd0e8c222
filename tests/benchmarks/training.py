"""Time per step of a mini-batch MLP on digits: gdrun, scikit-learn and PyTorch side by side, one thread each.

    python -m tests.benchmarks.training [--rounds 5] [--epochs 10]

All train 64-32-10, relu, batches of 32, momentum 0.9, learning rate 0.05, float64, on 1437 examples. The peers take
turns, so that a noisy machine is noisy for all; the table shows medians over the rounds. gdrun's time is also given
with its evaluation of the training and validation sets after every epoch, which the others do not do. PyTorch is left
out where it is not installed (extra `peers`).
"""

from __future__ import annotations

import argparse
import os
import statistics
import warnings
from collections.abc import Callable
from time import perf_counter

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.loop import descend
from gdrun.descent.state import begin
from gdrun.experiment.config import load
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.stack import stack

HIDDEN, BATCH, RATE, MOMENTUM = 32, 32, 0.05, 0.9
Times = dict[str, float]


def problem(epochs: int) -> Problem:
    """The experiment that all run."""
    return pose(
        load(
            {
                "dataset": "digits",
                "model": {"kind": "mlp", "hidden": [HIDDEN]},
                "descent": {"batch_size": BATCH},
                "optimizer": {"kind": "momentum", "lr": RATE, "momentum": MOMENTUM},
                "epochs": epochs,
            }
        )
    )


def gdrun_times(posed: Problem) -> Times:
    """Seconds of the training steps, and of everything."""
    descent, parameters = stack([posed])
    start = perf_counter()
    outcome = descend(descent, begin(descent, parameters), lambda rows: None)[0]
    return {"gdrun": outcome.seconds, "gdrun, evaluated every epoch": perf_counter() - start}


def scikit_learn_times(posed: Problem) -> Times:
    """Seconds of MLPClassifier.fit."""
    from sklearn.neural_network import MLPClassifier

    X, y = examples(posed)
    model = MLPClassifier(
        (HIDDEN,),
        solver="sgd",
        alpha=0,
        batch_size=BATCH,
        learning_rate_init=RATE,
        momentum=MOMENTUM,
        nesterovs_momentum=False,
        max_iter=posed.config.epochs,
        tol=0,
        n_iter_no_change=10**6,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns that it used its budget
        start = perf_counter()
        model.fit(X, y)
        return {"scikit-learn MLPClassifier": perf_counter() - start}


def torch_times(posed: Problem) -> Times:
    """Seconds of the usual eager loop over shuffled index batches."""
    import torch

    torch.set_num_threads(1)
    X, y = (torch.from_numpy(array) for array in examples(posed))
    layers = torch.nn.Linear(X.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 10)
    model = torch.nn.Sequential(*layers).double()
    optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
    start = perf_counter()
    for _ in range(posed.config.epochs or 0):
        for chosen in torch.randperm(len(X)).split(BATCH):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(X[chosen]), y[chosen]).backward()
            optimizer.step()
    return {"PyTorch eager": perf_counter() - start}


def examples(posed: Problem) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The training set without its column of ones."""
    assert posed.train is not None
    assert posed.train.labels is not None
    return np.ascontiguousarray(posed.train.X[:, :-1]), posed.train.labels.astype(np.int64)


def has_torch() -> bool:
    """Whether PyTorch is installed."""
    from importlib.util import find_spec

    return find_spec("torch") is not None


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    posed = problem(arguments.epochs)
    peers: list[Callable[[Problem], Times]] = [gdrun_times, scikit_learn_times, *([torch_times] if has_torch() else [])]
    steps = arguments.epochs * stack([posed])[0].objective.per_epoch
    rounds: list[Times] = []
    for _ in range(arguments.rounds + 1):  # the first warms up
        times: Times = {}
        for peer in peers:
            times |= peer(posed)
        rounds.append(times)
    report(rounds[1:], steps)


def report(rounds: list[Times], steps: int) -> None:
    """Medians per step, and of the ratio to gdrun within a round."""
    print(f"{'':30} µs per step   times gdrun's")
    for name in rounds[0]:
        each = statistics.median(times[name] for times in rounds) / steps * 1e6
        ratio = statistics.median(times[name] / times["gdrun"] for times in rounds)
        print(f"{name:30} {each:11.1f}   {ratio:13.2f}")


if __name__ == "__main__":
    main()
