"""What is predicted of a plan: its runs by the loss that they descend on, those that differ in lr alone together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from gdrun.analysis.prediction import Prediction
from gdrun.analysis.prediction.suggested_rates import Range
from gdrun.experiment.comparing import SEEDS, Cell, Plan, settings_of, varying
from gdrun.experiment.config import flatten
from gdrun.experiment.foresight.run import Foresight, Ground, affordable, foresee, ground
from gdrun.experiment.problem import Problem

SECONDS = 2.0
"""What the curvatures may take to compute together, the optima too, and the predictions."""
MOST_GROUNDS = 3
LR = "optimizer.lr"


@dataclass(frozen=True)
class Branch:
    """Runs that differ in learning rate and seed alone."""

    candidate: str | None
    """Its label."""
    settings: Mapping[str, Any]
    """What tells it from other branches, the optimizer's kind always."""
    predictions: tuple[tuple[float, Prediction | None], ...]
    """By learning rate, ascending; of the first seed; None where time was up."""
    budget: int
    """Steps."""
    rates: Range
    """Worth sweeping."""


@dataclass(frozen=True)
class Outlook:
    """What is known of one loss, and predicted of the runs that descend on it."""

    first: Problem
    """The run at whose start the curvature was looked at."""
    ground: Ground
    branches: tuple[Branch, ...]


def outlooks(plan: Plan) -> tuple[list[Outlook], int]:
    """What is predicted of a plan's first losses, in about SECONDS; how many more there are."""
    by_loss: dict[str, list[Cell]] = {}
    for cell in plan.cells:
        by_loss.setdefault(_loss(cell.problem), []).append(cell)
    names = [name for name in varying(plan.cells) if name != LR]
    chosen = list(by_loss.values())[:MOST_GROUNDS]
    share = SECONDS / len(chosen)
    return [_outlook(plan, cells, names, share) for cells in chosen], len(by_loss) - len(chosen)


def _loss(problem: Problem) -> str:
    """What runs have in common that descend on the same function."""
    settings = problem.settings
    return repr((id(problem.train), settings["model"], settings.get("loss"), problem.config.dtype))


def _outlook(plan: Plan, cells: Sequence[Cell], names: Sequence[str], seconds: float) -> Outlook:
    first = cells[0].problem
    on = ground(first, affordable(first, seconds))
    branches: dict[str, list[Cell]] = {}
    known: dict[tuple[str, int], str] = {}
    for cell in cells:
        branches.setdefault(_branch_key(cell, known), []).append(cell)
    until = perf_counter() + seconds
    return Outlook(first, on, tuple(_branch(plan, part, names, on, until) for part in branches.values()))


def _branch_key(cell: Cell, known: dict[tuple[str, int], str]) -> str:
    """What tells a branch from others; sections that many runs share are looked at once."""
    texts = [str(cell.entry.candidate)]
    for key, section in cell.problem.settings.items():
        if (key, id(section)) not in known:
            flat = flatten({key: section})
            known[key, id(section)] = repr([item for item in flat.items() if item[0] not in (LR, *SEEDS)])
        texts.append(known[key, id(section)])
    return " ".join(texts)


def _branch(plan: Plan, cells: Sequence[Cell], names: Sequence[str], on: Ground, until: float) -> Branch:
    by_rate: dict[float, Problem] = {}
    for cell in cells:
        by_rate.setdefault(cell.problem.settings["optimizer"]["lr"], cell.problem)
    seen = dict(_seen(by_rate, on, until))
    known = next(iter(seen.values()))
    return Branch(
        candidate=plan.sweep.candidates[cells[0].entry.candidate].label,
        settings={"optimizer.kind": cells[0].problem.config.optimizer.chosen, **settings_of(cells[0], names)},
        predictions=tuple((rate, seen[rate].prediction if rate in seen else None) for rate in sorted(by_rate)),
        budget=known.steps,
        rates=known.rates,
    )


def _seen(by_rate: Mapping[float, Problem], on: Ground, until: float) -> Iterator[tuple[float, Foresight]]:
    """What is foreseen at each rate, of one at least, as long as there is time."""
    for count, (rate, problem) in enumerate(by_rate.items()):
        if count == 0 or perf_counter() < until:
            yield rate, foresee(problem, on=on)
