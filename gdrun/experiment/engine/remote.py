"""What happens on a worker: it says what it is made of, holds data, trains tiles and tells how far it is."""

from __future__ import annotations

import pickle
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from time import perf_counter
from typing import Any

import numpy as np

import gdrun
from gdrun.data import Data
from gdrun.descent.examples import Examples
from gdrun.descent.loop import Rows
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.signals import Interrupted, asked
from gdrun.experiment.training import train_tile
from gdrun.experiment.unfinished.keeper import Saving

BETWEEN_NEWS = 1.0
"""Seconds between two messages about a tile at least; the first says that it has begun."""
_TRAINING = Lock()
"""BLAS has one number of threads for a whole process, so a worker of many threads trains one tile at a time."""


@dataclass(frozen=True)
class Shared:
    """What the runs of a tile, and of other tiles, have in common: the data, which go to each worker once."""

    data: Data
    train: Examples | None
    held_out: Examples | None
    test: Examples | None


class NotWanted(BaseException):
    """Nobody waits for this tile any more: it was taken back when it had begun, or who sent it has gone."""


def versions() -> dict[str, str]:
    """What a worker must have in common with the client, for the same bits and to understand each other."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"gdrun": gdrun.__version__, "numpy": np.__version__, "python": python}


def packed_data(problem: Problem) -> bytes:
    """The data of a problem, less the examples that its network's own say already."""
    assert problem.data is not None
    train = problem.data.train
    none = replace(train, features=train.features[:0], targets=train.targets[:0])
    bare = replace(problem.data, train=none, validation=None, test=None)
    return pickle.dumps(Shared(bare, problem.train, problem.held_out, problem.test), pickle.HIGHEST_PROTOCOL)


def packed_tile(tile: Sequence[Problem], topic: str, number: int, saving: Saving | None) -> bytes:
    """The training of a tile, a function of its data, which it comes without."""
    bare = [replace(problem, data=None, train=None, held_out=None, test=None) for problem in tile]
    return pickle.dumps(partial(train_sent, bare, topic, number, saving and saving.only(tile)), pickle.HIGHEST_PROTOCOL)


def unpacked() -> Callable[[bytes, Shared | None], list[Finished]]:
    """A function that trains what was packed. It is sent whole: a scheduler need not have gdrun to pass it on."""

    def train(packed: bytes, shared: Shared | None) -> list[Finished]:
        import pickle

        return pickle.loads(packed)(shared)  # type: ignore[no-any-return]

    return train


def train_sent(
    problems: Sequence[Problem], topic: str, number: int, saving: Saving | None, shared: Shared | None
) -> list[Finished]:
    """Train a tile, its problems complete again; nothing comes back of one that was to stop, or is not wanted."""
    if shared is not None:
        data, train, held_out, test = shared.data, shared.train, shared.held_out, shared.test
        problems = [replace(one, data=data, train=train, held_out=held_out, test=test) for one in problems]
    with _TRAINING:
        try:
            return train_tile(problems, _teller(topic, number), saving)
        except (Interrupted, NotWanted):
            return []


def heed(stop: int | None, saves: int) -> None:
    """Be asked what the client was asked by signals."""
    asked.stop, asked.saves = stop, saves


def _teller(topic: str, number: int) -> Callable[[Rows], None]:
    from distributed import get_worker

    worker, last = get_worker(), float("-inf")
    task = worker.get_current_task()

    def tell(rows: Rows) -> None:
        nonlocal last
        if perf_counter() - last >= BETWEEN_NEWS:
            last = perf_counter()
            if worker.state.tasks[task].state == "cancelled":
                raise NotWanted
            worker.log_event(topic, news(number, rows))

    return tell


def news(number: int, rows: Rows) -> dict[str, Any]:
    """How far a tile is, as a message."""
    where = {"step": rows.step, "examples": rows.examples, "seconds": rows.seconds}
    return {"tile": number, "runs": rows.runs.tolist(), **where}


def rows_of(message: dict[str, Any]) -> Rows:
    """A message as a record that has no values."""
    runs = np.array(message["runs"], np.intp)
    return Rows(runs, message["step"], message["examples"], message["seconds"], {}, None)
