"""Time per run and step of 64 runs, a mini-batch MLP on digits: gdrun, PyTorch and JAX side by side, one core.

    python -m tests.benchmarks.stacks [--rounds 5] [--epochs 10] [--optimizer momentum]

16 learning rates × 4 seeds of 64-32-10, relu, batches of 32, float64, on 1437 examples. gdrun trains them as `compare`
does: posed, cut into tiles, each tile trained. PyTorch's eager loop trains a few runs, one after the other. JAX trains
all of them in one compiled function, `vmap` over the runs and `scan` over the steps, compiled before it is measured:
each run with batches of its own, and, by a `vmap` over the rates within one over the seeds, with those of its seed, as
gdrun does. Each is given twice: the training steps alone, and with loss and accuracy on the training and validation
sets at each epoch. Besides, gdrun watches for divergence, keeps the best parameters and records; that is in its time,
and the peers do not do it. Times are the processor's, so that other processes count little. PyTorch and JAX are left
out where they are not installed (extra `peers`).
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from time import perf_counter, process_time

import numpy as np

from gdrun.experiment.config import load
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.sources import Sources
from gdrun.experiment.tiles import tiles
from gdrun.experiment.training import train_tile
from tests.benchmarks.measuring import Times, digits, in_turn, installed, one_core, report
from tests.benchmarks.peers import jax_runs, torch_run

RATES = {"momentum": np.geomspace(1e-3, 0.1, 16).tolist(), "adam": np.geomspace(1e-4, 0.01, 16).tolist()}
SEEDS = range(4)
ALONE, EVALUATED = "", ", evaluated every epoch"
ROOM = 1 << 30
FEW = 2
"""Runs that PyTorch trains: one after the other, each takes as long."""


def problems(optimizer: str, epochs: int) -> list[Problem]:
    """The 64 runs."""
    sources = Sources()
    blocks = [{"kind": optimizer, "lr": rate} for rate in RATES[optimizer]]
    return [pose(load(digits(block, epochs, seed)), sources) for block in blocks for seed in SEEDS]


def gdrun_times(optimizer: str, epochs: int) -> Times:
    """Seconds of the training steps, and of everything that `compare` does up to the results."""
    clock, start = perf_counter(), process_time()
    finished = [run for tile in tiles(problems(optimizer, epochs), ROOM) for run in train_tile(tile)]
    took, waited = process_time() - start, perf_counter() - clock
    assert all(run.row["status"] == "finished" for run in finished)
    training = sum(run.row["seconds"] for run in finished)  # by the clock
    return {f"gdrun{ALONE}": training * took / waited, f"gdrun{EVALUATED}": took}


def torch_times(posed: Sequence[Problem], optimizer: str) -> Times:
    """Seconds of all runs, reckoned from a few."""
    share = len(posed) / FEW
    return {
        f"PyTorch eager{name}": share
        * sum(torch_run(posed[0], optimizer, rate, evaluated) for rate in RATES[optimizer][:FEW])
        for name, evaluated in ((ALONE, False), (EVALUATED, True))
    }


def jax_times(posed: Sequence[Problem], optimizer: str) -> Callable[[], Times]:
    """What measures the seconds of all runs."""
    how = {"JAX vmap": False, "JAX vmap in vmap": True}
    runs = {
        f"{name}{suffix}": jax_runs(posed[0], optimizer, RATES[optimizer], SEEDS, evaluated, nested)
        for suffix, evaluated in ((ALONE, False), (EVALUATED, True))
        for name, nested in how.items()
    }
    return lambda: {name: run() for name, run in runs.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--optimizer", choices=list(RATES), default="momentum")
    arguments = parser.parse_args()
    one_core()
    optimizer, epochs = arguments.optimizer, arguments.epochs
    posed = problems(optimizer, epochs)
    peers: list[Callable[[], Times]] = [lambda: gdrun_times(optimizer, epochs)]
    if installed("torch"):
        peers.append(lambda: torch_times(posed, optimizer))
    if installed("jax"):
        peers.append(jax_times(posed, optimizer))
    rounds = in_turn(peers, arguments.rounds)
    steps = len(posed) * epochs * 45
    for name in (ALONE, EVALUATED):
        chosen = [
            {peer: took for peer, took in times.items() if peer.endswith(EVALUATED) == bool(name)} for times in rounds
        ]
        report(chosen, steps, f"gdrun{name}")


if __name__ == "__main__":
    main()
