"""A run that is kept, posed again from its line in runs.csv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gdrun.experiment.config import ConfigError, Loaded, from_canonical
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.sources import Sources
from gdrun.experiment.training import train

FILES = ("dataset.path", "dataset.validation_path", "dataset.test_path")


class AgainError(Exception):
    """A run that cannot be posed as it was, said in one line."""


def posed_again(line: Mapping[str, Any], sources: Sources | None = None) -> Problem:
    """The problem of a line of runs.csv, on the data that it was posed on. Raises AgainError."""
    files = {name: str(line[name]) for name in FILES if line.get(name)}
    run = line["id"]
    if line.get("dataset.kind") == "arrays" and (sources is None or sources.data is None):
        raise AgainError(f"run {run}: its data were in memory and are not here")
    try:
        problem = pose(Loaded(from_canonical(str(line["config"]), files), None, from_python({})), sources)
    except ConfigError as error:
        raise AgainError(f"run {run}: cannot be posed again: {error.problems[0]}") from None
    if problem.id != run:
        raise AgainError(f"run {run}: cannot be posed again: its data or this gdrun are others now")
    return problem


def trained_again(problem: Problem) -> Finished:
    """A run trained once more to the same bits, its path recorded; nothing is written."""
    settings = {**problem.settings, "record": {**problem.settings["record"], "paths": True}}
    return train(replace(problem, settings=settings))
