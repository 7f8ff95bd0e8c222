"""A run that has ended, posed again from its line in runs.csv; its records and saved weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.data import DataError
from gdrun.descent.parts import Array
from gdrun.experiment.again import loaded_again
from gdrun.experiment.config import ConfigError
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.arrays import ReadError, read_arrays, under
from gdrun.experiment.results.columns import Typed
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.tables import value
from gdrun.experiment.sources import Sources

COLUMNS = ("step", "epoch", "lr", "train_loss", "validation_loss", "excess_loss")
"""Of a history, what is looked at."""


@dataclass(frozen=True)
class Ended:
    """A run as it is in the files."""

    row: Mapping[str, Any]
    records: list[dict[str, Any]]
    problem: Problem | None
    """None where its data are no longer what they were, or are not there."""
    missing: str
    """Why there is none."""
    final: Array | None
    """Its last parameters (P,), where they were kept and are finite."""


def ended(
    folder: Folder,
    row: Mapping[str, str],
    recorded: Sequence[Mapping[str, str]] | None = None,
    sources: Sources | None = None,
) -> Ended:
    """A run by its line in runs.csv, as text; its history and its data are read unless they are given."""
    problem, missing = _posed(row, sources)
    lines = folder.recorded(row["id"]) if recorded is None else recorded
    final = _final(folder, row["id"], problem) if problem else None
    return Ended(Typed(dict(row)), [_numbers(line) for line in lines], problem, missing, final)


def _numbers(line: Mapping[str, str]) -> dict[str, Any]:
    return {name: value(text) for name, text in line.items() if name in COLUMNS}


def _posed(row: Mapping[str, str], sources: Sources | None) -> tuple[Problem | None, str]:
    try:
        problem = pose(loaded_again(row), sources)
    except (ConfigError, DataError, TypeError) as error:
        return None, f"its data cannot be read again: {str(error).splitlines()[0]}"
    if problem.id != row["id"]:
        return None, "its data have changed since"
    return problem, ""


def _final(folder: Folder, run: str, problem: Problem) -> Array | None:
    file, path = folder.weights_file(run), folder.path_file(run)
    try:
        if not file.is_file():
            return _finite(read_arrays(path)["parameters"][-1]) if path.is_file() else None
        named = under("final", read_arrays(file))
        return _finite(problem.network.unnamed(named) if problem.network else named["position"])
    except (ReadError, KeyError, ValueError):
        return None


def _finite(point: Array) -> Array | None:
    return point if np.isfinite(point).all() else None
