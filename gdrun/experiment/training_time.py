"""About how long runs will take: some steps of a tile of each stack are trained, and the rest is reckoned from them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil, lcm
from statistics import fmean
from time import perf_counter

import numpy as np

from gdrun.descent.examples import Examples
from gdrun.descent.loop import Rows, descend
from gdrun.descent.state import Descent, Gauge, Recording, State, begin
from gdrun.experiment.outcome import histories
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import stack
from gdrun.experiment.tiles import structure
from gdrun.experiment.training import one_thread

PROBING = 1.0
"""Seconds that all trying out takes, about."""
MOST_TRIED = 8
"""Stacks."""
WORK = 1 << 18
"""Examples × parameters that are tried at most, or else a part of the examples stands for all."""
FEWEST = 256
"""Examples in such a part: few are slower each."""


@dataclass(frozen=True)
class Cost:
    """Seconds that a run takes as one of its tile."""

    step: float
    look: float
    """One evaluation, with its record."""
    gauges: tuple[float, ...] = ()
    """One measurement of each."""

    def run(self, descent: Descent) -> float:
        """A whole run; its final and best parameters are evaluated once more."""
        training = self.step * descent.steps + self.look * (looks(descent) + 2)
        pairs = zip(self.gauges, descent.recording.gauges, strict=True)
        return training + sum(each * measurements(descent, gauge) for each, gauge in pairs)


@dataclass(frozen=True)
class Doubling(Recording):
    """Records after 1, 2, 4, 8 … steps."""

    def due(self, step: int, per_epoch: int) -> bool:
        """Whether a power of two has been reached."""
        return step & (step - 1) == 0


@dataclass(frozen=True)
class Mark:
    """Where a trial was after so many steps."""

    step: int
    training: float
    """Seconds of all runs together, evaluation left out."""
    time: float


@dataclass
class Stack:
    """Tiles of one structure."""

    tile: Sequence[Problem]
    """The first of them."""
    runs: int = 0
    per_step: float = 0.0
    """Seconds of a run, shared out to its steps; 0 if that was not tried."""

    @cached_property
    def descent(self) -> Descent:
        """Of one run."""
        return stack(self.tile[:1])[0]

    @property
    def work(self) -> int:
        """Examples × parameters of a step, by which stacks are told to be like each other."""
        first = self.tile[0]
        if first.train is None:
            return first.variables
        how = first.settings["descent"]
        return first.variables * (first.train.m if how["variant"] == "batch" else how.get("batch_size", 1))


def forecast(tiles: Sequence[Sequence[Problem]], seconds: float = PROBING) -> float:
    """Seconds to train some tiles one after another, if no run ends before its budget.

    A few stacks are tried out, from the least work to the most; each of the others is taken to be like the nearest.
    """
    stacks: dict[str, Stack] = {}
    for tile in tiles:
        stacks.setdefault(structure(tile[0]), Stack(tile)).runs += len(tile)
    found = sorted(stacks.values(), key=lambda one: one.work)
    chosen = [found[i] for i in sorted({round(i) for i in np.linspace(0, len(found) - 1, MOST_TRIED)})]
    for one in chosen:
        one.per_step = cost(one.tile, seconds / len(chosen)).run(one.descent) / one.descent.steps
    return sum((one.per_step or like(one, chosen)) * one.runs * one.descent.steps for one in found)


def like(one: Stack, tried: Sequence[Stack]) -> float:
    """Seconds per run and step of those tried stacks that do most nearly as much work."""
    nearest = min(abs(other.work - one.work) for other in tried)
    return fmean(other.per_step for other in tried if abs(other.work - one.work) == nearest)


def cost(tile: Sequence[Problem], seconds: float) -> Cost:
    """What a run of a tile costs, by trials of about so many seconds."""
    share = part(tile[0])
    found = tried([smaller(problem, share) for problem in tile], seconds) if share < 1 else tried(tile, seconds)
    whole = tile[0].settings.get("descent", {}).get("variant") == "batch"
    return Cost(found.step / (share if whole else 1), found.look / share, tuple(each / share for each in found.gauges))


def part(problem: Problem) -> float:
    """The share of the examples that will do for a trial; all of a batch."""
    if problem.train is None:
        return 1.0
    batch: int = problem.settings["descent"].get("batch_size", 1)
    return min(1.0, max(WORK / problem.variables, FEWEST, batch) / problem.train.m)


def smaller(problem: Problem, share: float) -> Problem:
    """The problem with a share of its examples."""
    return replace(problem, train=_head(problem.train, share), held_out=_head(problem.held_out, share))


def _head(examples: Examples | None, share: float) -> Examples | None:
    if examples is None:
        return None
    n = ceil(share * examples.m)
    labels = None if examples.labels is None else examples.labels[:n]
    return replace(examples, X=examples.X[:n], Y=examples.Y[:n], labels=labels)


def tried(tile: Sequence[Problem], seconds: float) -> Cost:
    """What a run of a tile costs, when its first steps are over: it is trained for about so many seconds."""
    whole, parameters = stack(tile)
    recording = Doubling(batch_loss=whole.recording.batch_loss, parameters=whole.recording.parameters)
    descent, state = replace(whole, recording=recording), begin(whole, parameters)
    marks: list[Mark] = []
    end = perf_counter() + seconds

    def watch(rows: Rows) -> None:
        histories(tile, [rows])
        if recording.due(rows.step, 1) or rows.step == descent.steps:
            marks.append(Mark(rows.step, rows.seconds * len(tile), perf_counter()))
            if len(marks) > 2 and marks[-1].time + 2 * (marks[-1].time - marks[-2].time) > end:
                raise TimeoutError

    with one_thread(), suppress(TimeoutError):
        measuring = measured(whole, state)
        descend(descent, state, watch)
    last = marks[-1]
    first = next(mark for mark in marks if 4 * mark.step >= last.step)
    found = between(first, last, descent, len(tile)) if first.step < last.step else Cost(0.0, 0.0)
    return replace(found, gauges=measuring)


def measured(descent: Descent, state: State) -> tuple[float, ...]:
    """Seconds that each gauge takes for one run."""
    first, seconds = np.zeros(1, np.intp), []
    one, its_state = descent.select(first), state.select(first)
    for gauge in descent.recording.gauges:
        start = perf_counter()
        gauge.read(one, its_state, np.ones_like(its_state.parameters))
        seconds.append(perf_counter() - start)
    return tuple(seconds)


def measurements(descent: Descent, gauge: Gauge) -> int:
    """How often a gauge is read of a run."""
    return 1 + descent.steps // (gauge.every * descent.recording.steps(descent.objective.per_epoch))


def between(first: Mark, last: Mark, descent: Descent, runs: int) -> Cost:
    """The cost by what happened between two marks."""
    training = last.training - first.training
    watched = looks(replace(descent, steps=last.step)) - looks(replace(descent, steps=first.step))
    steps = runs * (last.step - first.step)
    return Cost(training / steps, max(0.0, last.time - first.time - training) / (runs * watched))


def looks(descent: Descent) -> int:
    """How often a run is evaluated or recorded."""
    recording, epoch, steps = descent.recording, descent.objective.per_epoch, descent.steps
    if recording.batch_loss or descent.bounds is not None:
        return steps + 1
    if isinstance(recording, Doubling):
        return sum(recording.due(step, 1) or step % epoch == 0 for step in range(steps + 1))
    every = recording.every * recording.steps(epoch)
    last = steps % every != 0 and steps % epoch != 0
    return 1 + steps // every + steps // epoch - steps // lcm(every, epoch) + last
