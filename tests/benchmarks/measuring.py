"""What the benchmarks share: one core, the experiment on digits, rounds in turn, medians."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.data import Examples
from gdrun.experiment.problem import Problem

HIDDEN, BATCH, MOMENTUM = 32, 32, 0.9
Times = dict[str, float]


def one_core() -> None:
    """Keep this process on one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def digits(optimizer: Mapping[str, Any], epochs: int, seed: int = 0) -> dict[str, Any]:
    """The config that all train: an MLP 64-32-10 in batches of 32 on 1437 examples, 360 held out."""
    return {
        "dataset": "digits",
        "model": {"kind": "mlp", "hidden": [HIDDEN]},
        "descent": {"batch_size": BATCH},
        "optimizer": optimizer,
        "epochs": epochs,
        "seed": seed,
    }


def training_set(posed: Problem) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features and class numbers."""
    assert posed.data is not None
    return _plain(posed.data.train)


def validation_set(posed: Problem) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Features and class numbers."""
    assert posed.data is not None
    assert posed.data.validation is not None
    return _plain(posed.data.validation)


def _plain(examples: Examples) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return np.ascontiguousarray(examples.features), examples.targets.astype(np.int64)


def installed(package: str) -> bool:
    """Whether a peer is there to be measured."""
    return find_spec(package) is not None


def in_turn(peers: Sequence[Callable[[], Times]], rounds: int) -> list[Times]:
    """Each round's times: the peers take turns, so that a noisy machine is noisy for all. A first round warms up."""
    measured: list[Times] = []
    for _ in range(rounds + 1):
        times: Times = {}
        for peer in peers:
            times |= peer()
        measured.append(times)
    return measured[1:]


def report(rounds: Sequence[Times], steps: int, against: str = "gdrun") -> None:
    """Medians per step, and of the ratio to gdrun within a round."""
    print(f"{'':44} µs per step   times gdrun's")
    for name in rounds[0]:
        each = statistics.median(times[name] for times in rounds) / steps * 1e6
        ratio = statistics.median(times[name] / times[against] for times in rounds)
        print(f"{name:44} {each:11.1f}   {ratio:13.2f}")
