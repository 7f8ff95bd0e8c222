"""A run that is kept: its config again from its line in runs.csv, its problem posed, and trained once more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gdrun.data import Dataset
from gdrun.experiment.config import ConfigError, Loaded, from_canonical
from gdrun.experiment.config.mappings import from_python
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.sources import Sources
from gdrun.experiment.training import train


class AgainError(Exception):
    """A run that cannot be posed as it was, said in one line."""


def loaded_again(line: Mapping[str, Any]) -> Loaded:
    """The config of a line of runs.csv, its files where they were. Raises ConfigError."""
    return Loaded(from_canonical(str(line["config"]), files_of(line)), None, from_python({}))


def files_of(line: Mapping[str, Any]) -> dict[str, str]:
    """Where a run's data were, by dotted setting."""
    part = Dataset.kinds.get(str(line.get("dataset.kind") or ""))
    names = [f"dataset.{name}" for name in part.file_settings] if part else []
    return {name: str(line[name]) for name in names if line.get(name)}


def posed_again(line: Mapping[str, Any], sources: Sources | None = None) -> Problem:
    """The problem of a line of runs.csv, on the data that it was posed on. Raises AgainError."""
    run = line["id"]
    if line.get("dataset.kind") == "arrays" and (sources is None or sources.data is None):
        raise AgainError(f"run {run}: its data were in memory and are not here")
    try:
        problem = pose(loaded_again(line), sources)
    except ConfigError as error:
        raise AgainError(f"run {run}: cannot be posed again: {error.problems[0]}") from None
    if problem.id != run:
        raise AgainError(f"run {run}: cannot be posed again: its data or this gdrun are others now")
    return problem


def trained_again(problem: Problem) -> Finished:
    """A run trained once more to the same bits, its path recorded; nothing is written."""
    settings = {**problem.settings, "record": {**problem.settings["record"], "paths": True}}
    return train(replace(problem, settings=settings))
