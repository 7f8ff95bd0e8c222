"""Which runs train together: runs of one structure form a stack, cut into tiles that stay in the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np

from gdrun.descent.examples import chunks
from gdrun.descent.losses import Loss
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Part, settings_of, stacked, stacks
from gdrun.experiment.problem import Problem

CACHE_BYTES = 1 << 22
"""A tile takes about so much, parameters and batch buffers: more falls out of the cache, less costs in calls."""
MOST_RUNS = 64
KEPT = 3
"""Arrays of the parameters' shape that are kept besides: the best, the final and those that leave the stack."""
FREE = {"model": ("start", "bounds", "initial_scale")}
"""Settings that do not stack but that runs of a stack may differ in: they only say where a run begins or ends."""


def structure(problem: Problem) -> str:
    """What runs of one stack have in common: everything but seeds and the settings that stack."""
    return next(structures([problem]))


def structures(problems: Sequence[Problem]) -> Iterator[str]:
    """The structure of each; sections that many runs share are looked at once."""
    known: dict[tuple[str, int], str] = {}
    for problem in problems:
        texts = []
        for key, section in problem.settings.items():
            if key == "seed":
                continue
            if (key, id(section)) not in known:
                known[key, id(section)] = f"{key}: {_common(problem, key)}"
            texts.append(known[key, id(section)])
        if problem.config.on_surface:
            texts.append(f"variables: {problem.variables}")
        yield ", ".join(texts)


def _common(problem: Problem, key: str) -> str:
    values = problem.settings[key]
    if key not in ("model", "loss", "optimizer", "schedule"):
        return repr(values)
    part: Any = Loss.kinds[values["kind"]] if key == "loss" else getattr(problem.config, key).part
    return repr([_seen(part, key, name)(value) for name, value in values.items()])


@cache
def _seen(part: type[Part], section: str, name: str) -> Callable[[Any], Any]:
    """A setting as the structure knows it: whether it is there, or on, where its number may differ."""
    limits = settings_of(part).get(name)
    if name in FREE.get(section, ()):
        return lambda value: "free"
    if name == "initial":
        return lambda value: "given" if isinstance(value, tuple) else value
    if limits is None or not stacks(part, name):
        return lambda value: value
    return bool if limits.switch else lambda value: value is None


def tiles(problems: Sequence[Problem], memory: int, most: int | None = None) -> list[list[Problem]]:
    """Runs grouped by structure, runs of one seed beside each other, cut to the cache and to a bound in bytes.

    `most` runs are in a tile, as many as pay if that is not said.
    """
    groups: dict[str, list[Problem]] = {}
    for name, problem in zip(structures(problems), problems, strict=True):
        groups.setdefault(name, []).append(problem)
    return [tile for group in groups.values() for tile in _cut(group, *runs_in_a_tile(group[0], memory, most))]


def _cut(group: Sequence[Problem], size: int, most: int) -> Iterator[list[Problem]]:
    """Tiles of whole seeds, or of a part of one: runs of a seed share their batches, where seeds have equally many."""
    of_seed: dict[int, list[Problem]] = {}
    for problem in group:
        of_seed.setdefault(problem.config.seed, []).append(problem)
    tile: list[Problem] = []
    for seed in sorted(of_seed):
        runs = of_seed[seed]
        for part in chunks(len(runs), min(most, -(-len(runs) // max(1, round(len(runs) / size))))):
            if tile and len(tile) + part.stop - part.start > size:
                yield tile
                tile = []
            tile = [*tile, *runs[part]]
    yield tile


def runs_in_a_tile(problem: Problem, memory: int, wanted: int | None = None) -> tuple[int, int]:
    """How many runs of such a problem are best trained at once, and how many there may be."""
    most = max(1, memory // held(problem))
    if wanted is not None:
        most = min(most, wanted)
    return max(1, min(MOST_RUNS, CACHE_BYTES // bytes_of(problem), most)), most


def held(problem: Problem) -> int:
    """About how many bytes a run holds while it trains."""
    return bytes_of(problem) + _itemsize(problem) * KEPT * problem.variables


def bytes_of(problem: Problem) -> int:
    """About what a run's steps go through: parameters, gradient, scratch, optimizer state, buffers of a batch."""
    rows, width = _batch(problem)
    return _itemsize(problem) * ((3 + _moments(problem)) * problem.variables + rows * width)


def _itemsize(problem: Problem) -> int:
    return 8 if problem.config.dtype == "float64" else 4


def _moments(problem: Problem) -> int:
    """How many arrays of the parameters' shape the optimizer remembers."""
    config = problem.config
    optimizer: Optimizer = stacked(config.optimizer.part, [config.optimizer.settings()], np.dtype("float64"))
    parameters = np.zeros((1, 2))
    return sum(array.shape == parameters.shape for array in optimizer.state(parameters).values())


def _batch(problem: Problem) -> tuple[int, int]:
    """Examples that are in the buffers at once, and numbers held for each."""
    from gdrun.experiment.stack import data_objective

    if problem.network is None or problem.train is None:
        return 1, problem.variables
    objective = data_objective([problem])
    size = objective.batches.batch_size or problem.train.m
    return min(size, objective.chunk), problem.network.width
