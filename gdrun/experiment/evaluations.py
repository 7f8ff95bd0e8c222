"""Losses and metrics of each run's final and best parameters: as they were recorded, or else evaluated."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from gdrun.descent.loop import Outcome
from gdrun.descent.objectives import DataObjective, Objective
from gdrun.descent.parts import Array
from gdrun.experiment.outcome import MEASURED, epoch
from gdrun.experiment.problem import Problem

History = Sequence[Mapping[str, Any]]
"""A run's rows, by step."""
Values = dict[str, float]


def evaluations(
    problem: Problem, objective: Objective, outcomes: Sequence[Outcome], histories: Sequence[History]
) -> list[dict[str, Any]]:
    """What runs.csv has of each run's final and best parameters, on every part of the data."""
    final = _evaluated(objective, [(outcome.step, outcome.parameters) for outcome in outcomes], histories)
    best = _evaluated(objective, [(outcome.best_step, outcome.best_parameters) for outcome in outcomes], histories)
    if problem.test is not None and isinstance(objective, DataObjective):
        tested = replace(objective, held_out=problem.test)
        _add_test(tested, final, [outcome.parameters for outcome in outcomes])
        _add_test(tested, best, [outcome.best_parameters for outcome in outcomes])
    return [
        {f"final_{name}": value for name, value in at_end.items()}
        | {f"best_{name}": value for name, value in at_best.items()}
        | {"best_epoch": epoch(problem, objective.examples(outcome.best_step))}
        for at_end, at_best, outcome in zip(final, best, outcomes, strict=True)
    ]


def _evaluated(objective: Objective, points: Sequence[tuple[int, Array]], histories: Sequence[History]) -> list[Values]:
    """Training and validation of each run's parameters after some step."""
    found = [_recorded(history, step) for history, (step, _) in zip(histories, points, strict=True)]
    if new := [run for run, values in enumerate(found) if not values]:
        chosen, parameters = objective.select(np.array(new)), np.array([points[run][1] for run in new])
        with np.errstate(all="ignore"):
            columns = chosen.training(parameters) | chosen.validation(parameters)
        for run, *values in zip(new, *(column.tolist() for column in columns.values()), strict=True):
            found[run] = dict(zip(columns, values, strict=True))
    return found


def _recorded(history: History, step: int) -> Values:
    """What was evaluated of a run after so many steps; nothing where that was not all."""
    place = bisect_left(history, step, key=lambda row: row["step"])
    if place == len(history) or history[place]["step"] != step or history[place]["train_loss"] is None:
        return {}
    row = history[place]
    names = [name for part in MEASURED for name in row if name.startswith(part) and row[name] is not None]
    return {name: row[name] for name in names}


def _add_test(objective: DataObjective, found: Sequence[Values], points: Sequence[Array]) -> None:
    """Add what is measured on the test set, which the objective has for its validation set."""
    with np.errstate(all="ignore"):
        columns = objective.validation(np.array(points))
    for values, *tested in zip(found, *(column.tolist() for column in columns.values()), strict=True):
        values |= {name.replace("validation", "test"): value for name, value in zip(columns, tested, strict=True)}
