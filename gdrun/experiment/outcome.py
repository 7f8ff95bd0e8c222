"""From what the loop saw to what is kept of a run: its history, its line in runs.csv, its weights and path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.loop import Outcome, Rows
from gdrun.descent.objectives import Objective
from gdrun.descent.parts import Array
from gdrun.experiment.config import flatten
from gdrun.experiment.model import description
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.arrays import prefixed

HISTORY = ("lr", "train_loss", "batch_loss", "validation_loss")
MEASURED = ("train_", "validation_")
"""How losses and metrics begin."""


def histories(problems: Sequence[Problem], records: Sequence[Rows]) -> list[list[dict[str, Any]]]:
    """The history of each run of a stack, a row per record."""
    rows: list[list[dict[str, Any]]] = [[] for _ in problems]
    for record in records:
        runs = record.runs.tolist()
        shared = {"epoch": epoch(problems[0], record.examples), "step": record.step, "examples": record.examples}
        columns = {
            "run": [problems[run].id for run in runs],
            **{name: [value] * len(runs) for name, value in shared.items()},
            **_columns(record),
        }
        for run, values in zip(runs, zip(*columns.values(), strict=True), strict=True):
            rows[run].append(dict(zip(columns, values, strict=True)))
    return rows


def _columns(record: Rows) -> dict[str, list[Any]]:
    """What differs between the runs of a record, in the order of the file."""
    values = {name: column.tolist() for name, column in record.values.items()}
    nothing = [None] * len(record.runs)
    others = [name for name in values if name not in (*HISTORY, "gradient_norm")]
    metrics = sorted(name for name in others if name.startswith(MEASURED))  # train before validation
    gauged = [name for name in others if not name.startswith(MEASURED)]
    return {
        **{name: values.get(name, nothing) for name in HISTORY},
        **{name: values[name] for name in (*metrics, "gradient_norm", *gauged)},
        "seconds": [record.seconds] * len(record.runs),
        **({name: nothing for name in ("lr", "stability_limit") if name in values} if record.step == 0 else {}),
    }


def epoch(problem: Problem, examples: int) -> int | float:
    """Passes over the training set that so many examples make; on a surface every step is one."""
    m = problem.train.m if problem.train else 1
    return examples // m if examples % m == 0 else examples / m


def run_row(
    problem: Problem, objective: Objective, outcome: Outcome, measured: dict[str, Any], made: Mapping[str, Any]
) -> dict[str, Any]:
    """A run's line in runs.csv."""
    examples = objective.examples(outcome.step)
    return {
        **_first_columns(problem, outcome.status, outcome.cause or None),
        "end_epoch": epoch(problem, examples),
        "end_step": outcome.step,
        "end_examples": examples,
        **measured,
        "seconds": outcome.seconds,
        **made,
        "config": problem.canonical,
    }


def failed_row(problem: Problem, cause: str, made: Mapping[str, Any]) -> dict[str, Any]:
    """The line of a run that an error ended: no outcome."""
    return {**_first_columns(problem, "failed", cause), **made, "config": problem.canonical}


def begun_row(problem: Problem) -> dict[str, Any]:
    """The line of a run that is being trained: no outcome yet."""
    return {
        **_first_columns(problem, "running", None),
        "end_epoch": None,
        "end_step": None,
        "config": problem.canonical,
    }


def _first_columns(problem: Problem, status: str, cause: str | None) -> dict[str, Any]:
    return {"id": problem.id, "status": status, "cause": cause, **flatten(problem.settings)}


def weights(problem: Problem, outcomes: Sequence[Outcome]) -> list[dict[str, NDArray[Any]]]:
    """Final and best parameters by layer, and what predict needs, of runs of one structure."""
    shared: dict[str, NDArray[Any]] = {}
    if problem.network is not None and problem.data is not None:
        shared = description(problem.network, problem.settings["loss"]["kind"], problem.data.preprocessing)
    return [
        prefixed("final", _named(problem, outcome.parameters))
        | prefixed("best", _named(problem, outcome.best_parameters))
        | shared
        for outcome in outcomes
    ]


def _named(problem: Problem, parameters: Array) -> dict[str, NDArray[Any]]:
    return problem.network.named(parameters) if problem.network else {"position": parameters}


def paths(runs: int, records: Sequence[Rows]) -> list[dict[str, NDArray[Any]]]:
    """The parameters (n, P) of each run at its records; nothing where they were not kept."""
    found: list[list[tuple[int, Array]]] = [[] for _ in range(runs)]
    for record in records:
        if record.parameters is not None:
            for run, position in zip(record.runs.tolist(), record.parameters, strict=True):
                found[run].append((record.step, position))
    return [
        {"step": np.array([step for step, _ in path]), "parameters": np.array([position for _, position in path])}
        if path
        else {}
        for path in found
    ]
