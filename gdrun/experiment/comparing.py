"""`gdrun compare`: a sweep posed, what is missing of it trained tile by tile, and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING, Any

from gdrun.analysis.ranking import Choice
from gdrun.descent.loop import Rows
from gdrun.experiment.config import ConfigError, Loaded, flatten
from gdrun.experiment.config import Problem as ConfigProblem
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Finished, Folder
from gdrun.experiment.results.memory import Memory
from gdrun.experiment.sources import Sources
from gdrun.experiment.sweep import Entry, Sweep
from gdrun.experiment.unfinished.desk import Desk

if TYPE_CHECKING:
    from gdrun.experiment.engine.engine import Engine
    from gdrun.experiment.engine.news import Watch

SEEDS = ("seed", "dataset.seed")
BUDGETS = ("epochs", "steps", "examples")
SELDOM = 5.0
"""Seconds between two commits at least."""
SHARE = 40
"""A commit that took long waits for so many times as long."""


@dataclass(frozen=True)
class Cell:
    """A run of a sweep: what was asked for, and what it poses."""

    entry: Entry
    problem: Problem


@dataclass(frozen=True)
class Plan:
    """A sweep with its runs posed, in order; a run may be in several candidates."""

    sweep: Sweep
    cells: tuple[Cell, ...]


def plan(sweep: Sweep, sources: Sources) -> Plan:
    """Pose every run. Raises ConfigError with all that does not fit the data."""
    cells: list[Cell] = []
    wrong: dict[str, ConfigProblem] = {}
    for entry in sweep.entries:
        try:
            cells.append(Cell(entry, pose(entry.loaded, sources)))
        except ConfigError as error:
            wrong |= {str(problem): problem for problem in error.problems}
    if wrong:
        raise ConfigError(wrong.values())
    return Plan(sweep, tuple(cells))


def on_fresh_seeds(found: Plan, choices: Sequence[Choice], sources: Sources, count: int) -> list[Cell]:
    """The chosen settings, each on so many seeds that none of the runs had, on every split that it had."""
    names = varying(found.cells)
    wanted = [(choice.candidate, choice.settings) for choice in choices]
    chosen: dict[str, Cell] = {}
    for cell in found.cells:
        place = (cell.entry.candidate, settings_of(cell, names))
        if place in wanted:
            chosen.setdefault(repr((place, split_of(cell))), cell)
    last = max(cell.problem.config.seed for cell in found.cells)
    seeds = range(last + 1, last + 1 + count)
    fresh = [(cell.entry, reseeded(cell.entry.loaded, seed)) for cell in chosen.values() for seed in seeds]
    return [Cell(replace(entry, loaded=loaded), pose(loaded, sources)) for entry, loaded in fresh]


def settings_of(cell: Cell, names: Sequence[str]) -> dict[str, Any]:
    """A run's values of those settings that it has."""
    sections = {name.partition(".")[0] for name in names}
    flat = flatten({key: value for key, value in cell.problem.settings.items() if key in sections})
    return {name: flat[name] for name in names if name in flat}


def split_of(cell: Cell) -> int:
    """The seed of a run's split; 0 on a surface."""
    return int(cell.problem.settings.get("dataset", {}).get("seed", 0))


def reseeded(loaded: Loaded, seed: int) -> Loaded:
    """The same config on another seed."""
    return replace(loaded, config=loaded.config.model_copy(update={"seed": seed}))


@dataclass
class Commits:
    """Results on their way to where they are kept, written at most every so often."""

    kept: Folder | Memory
    desk: Desk
    save: str
    waiting: list[Finished]
    last: float
    took: float = 0.0

    def add(self, finished: Sequence[Finished]) -> None:
        """Keep some runs, now or a little later. Raises WriteError."""
        self.waiting += [run if self.save == "weights" else replace(run, weights={}) for run in finished]
        self.keep_up()

    def keep_up(self) -> None:
        """Write what waits if it has waited long enough. Raises WriteError."""
        if self.waiting and perf_counter() - self.last > max(SELDOM, SHARE * self.took):
            self.flush()

    def flush(self) -> None:
        """Write what waits. Raises WriteError."""
        start = perf_counter()
        if self.waiting:
            self.kept.commit(self.waiting)
            self.desk.release([run.id for run in self.waiting])
            self.waiting = []
        self.last = perf_counter()
        self.took = self.last - start


def train_all(
    tiles: Sequence[list[Problem]], commits: Commits, watch: Watch, engine: Engine
) -> Iterator[tuple[list[Problem], list[Finished]]]:
    """Train tiles; what is finished is kept, also when interrupted. Raises ClusterError, Interrupted, WriteError."""

    def looked_at(tile: Sequence[Problem], rows: Rows) -> None:
        watch(tile, rows)
        commits.keep_up()  # a long tile may be the last one

    try:
        for tile, finished in engine.train(tiles, looked_at, commits.desk):
            commits.add(finished)
            yield tile, finished
    finally:
        commits.flush()


def varying(cells: Sequence[Cell]) -> tuple[str, ...]:
    """Dotted settings in which those runs differ that have them, the seeds left out; and budgets of several kinds."""
    found = values(cells)
    budgets = [name for name in found if name in BUDGETS]
    differing = budgets if len(budgets) > 1 else []
    return tuple(name for name, taken in found.items() if name in differing or len(taken) > 1)


def values(cells: Sequence[Cell]) -> dict[str, dict[Any, None]]:
    """Every value of every setting of some runs, in their order, by dotted key, the seeds left out."""
    sections = {(key, id(value)): value for cell in cells for key, value in cell.problem.settings.items()}
    found: dict[str, dict[Any, None]] = {}
    for (key, _), value in sections.items():
        for name, inner in flatten({key: value}).items():
            if name not in SEEDS:
                found.setdefault(name, {})[inner] = None
    return found
