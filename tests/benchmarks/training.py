"""Time per step of one run, a mini-batch MLP on digits: gdrun, scikit-learn and PyTorch side by side, one thread each.

    python -m tests.benchmarks.training [--rounds 5] [--epochs 10]

All train 64-32-10, relu, batches of 32, momentum 0.9, learning rate 0.05, float64, on 1437 examples. The peers take
turns; the table shows medians over the rounds. gdrun's time is also given with its evaluation of the training and
validation sets after every epoch, which the others do not do. PyTorch is left out where it is not installed (extra
`peers`).
"""

from __future__ import annotations

import argparse
import warnings
from time import perf_counter

from gdrun.descent.loop import descend
from gdrun.descent.state import begin
from gdrun.experiment.config import load
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.stack import stack
from tests.benchmarks.measuring import (
    BATCH,
    HIDDEN,
    MOMENTUM,
    Times,
    digits,
    in_turn,
    installed,
    one_core,
    report,
    training_set,
)
from tests.benchmarks.peers import torch_run

RATE = 0.05


def gdrun_times(posed: Problem) -> Times:
    """Seconds of the training steps, and of everything."""
    descent, parameters = stack([posed])
    start = perf_counter()
    outcome = descend(descent, begin(descent, parameters), lambda rows: None)[0]
    return {"gdrun": outcome.seconds, "gdrun, evaluated every epoch": perf_counter() - start}


def scikit_learn_times(posed: Problem) -> Times:
    """Seconds of MLPClassifier.fit."""
    from sklearn.neural_network import MLPClassifier

    X, y = training_set(posed)
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
    """Seconds of the usual eager loop."""
    return {"PyTorch eager": torch_run(posed, "momentum", RATE, evaluated=False)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=10)
    arguments = parser.parse_args()
    one_core()
    optimizer = {"kind": "momentum", "lr": RATE, "momentum": MOMENTUM}
    posed = pose(load(digits(optimizer, arguments.epochs)))
    peers = [gdrun_times, scikit_learn_times, *([torch_times] if installed("torch") else [])]
    rounds = in_turn([lambda peer=peer: peer(posed) for peer in peers], arguments.rounds)  # type: ignore[misc]
    report(rounds, arguments.epochs * stack([posed])[0].objective.per_epoch)


if __name__ == "__main__":
    main()
