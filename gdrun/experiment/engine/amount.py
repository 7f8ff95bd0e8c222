"""How much there is to compute in a tile, how long that takes, and how tiles are cut for several workers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import budget, data_objective, surface_objective
from gdrun.experiment.tiles import structure

STEP = 1e5
"""Multiplications that take as long as what a step of a tile costs by itself."""
PARTS = 3
"""Tiles that a worker should have at least, so that all are done at about the same time."""
FEWEST = 8
"""Runs of a tile below which a step of it costs much by itself."""


def amount(tile: Sequence[Problem]) -> float:
    """Multiplications, about, if every run uses its budget."""
    first, objective = tile[0], objective_of(tile[0])
    if isinstance(objective, DataObjective):
        examples = objective.batches.batch_size or objective.train.m
        each = examples * objective.network.size
    else:
        each = first.variables
    return budget(first, objective) * (STEP + len(tile) * each)


def steps_of(problem: Problem) -> int:
    """The budget in steps."""
    return budget(problem, objective_of(problem))


def objective_of(problem: Problem) -> DataObjective | SurfaceObjective:
    """What one run descends on."""
    return data_objective([problem]) if problem.network else surface_objective([problem])


def spread(tiles: Iterable[list[Problem]], jobs: int) -> list[list[Problem]]:
    """Tiles halved until each worker has several, the largest first: the last ones to end are then small."""
    waiting = list(tiles)
    most = sum(amount(tile) for tile in waiting) / (jobs * PARTS)
    found: list[tuple[float, list[Problem]]] = []
    while waiting:
        tile = waiting.pop(0)
        size = amount(tile)
        if size > most and len(tile) >= 2 * FEWEST:
            waiting += halves(tile)
        else:
            found.append((size, tile))
    return [tile for _, tile in sorted(found, key=lambda each: -each[0])]


def halves(tile: list[Problem]) -> tuple[list[Problem], list[Problem]]:
    """The two halves of a tile."""
    return tile[: len(tile) // 2], tile[len(tile) // 2 :]


@dataclass
class Pace:
    """How fast tiles are trained here: by structure where that is known, else as all together."""

    seconds: float = 0.0
    trained: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Seconds and amount, by structure."""

    def note(self, tile: Sequence[Problem], seconds: float, share: float = 1.0) -> None:
        """Take note of how long a tile took, or a share of it."""
        name = structure(tile[0])
        before = self.trained.get(name, (0.0, 0.0))
        self.trained[name] = before[0] + seconds, before[1] + share * amount(tile)
        self.seconds += seconds

    def including(self, tile: Sequence[Problem], seconds: float, share: float) -> Pace:
        """The pace with a share of a tile that is under way."""
        pace = Pace(self.seconds, dict(self.trained))
        pace.note(tile, seconds, share)
        return pace

    def seconds_for(self, tiles: Iterable[Sequence[Problem]]) -> float:
        """How long other tiles will take. Something must have been trained before."""
        overall = self.seconds, sum(amount for _, amount in self.trained.values())
        total = 0.0
        for tile in tiles:
            seconds, done = self.trained.get(structure(tile[0]), overall)
            total += amount(tile) * seconds / done
        return total
