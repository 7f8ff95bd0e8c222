"""A run trained again from its line in runs.csv alone, and held against what was kept of it; nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gdrun.data import Arrays, DataError, Dataset, content_hash
from gdrun.descent.loop import Rows
from gdrun.experiment.again import loaded_again
from gdrun.experiment.config import RunConfig, failure, flatten
from gdrun.experiment.difference import Difference, changed_environment, difference, outcome_difference
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.results.tables import cell
from gdrun.experiment.training import train


@dataclass(frozen=True)
class Reproduced:
    """What came of it."""

    run: str
    records: int
    difference: Difference | None
    """The first one, in the history or else in the outcome."""
    changed: Mapping[str, tuple[str, str]]
    """Versions, machine, and revisions of parts that were others: before and now."""


def posed(row: Mapping[str, str]) -> Problem:
    """The problem of a run, on the data that it had. Raises ConfigError where it cannot be trained again."""
    run = row["id"]
    if row["status"] == FAILED:
        raise failure(f"{run} failed: there is nothing to reproduce")
    loaded = loaded_again(row)
    if loaded.config.dataset is not None:
        _check_data(loaded.config, json.loads(row["config"])["dataset"], run)
    return pose(loaded)


def reproduce(folder: Folder, row: Mapping[str, str], problem: Problem, watch: Callable[[Rows], object]) -> Reproduced:
    """Train a run again and compare. Raises Interrupted."""
    again = train(problem, watch)
    before = folder.recorded(row["id"])
    first = difference(before, again.history) or outcome_difference(row, again.row)
    changed = changed_environment(row, again.row) | _revisions(row["config"], problem.canonical)
    return Reproduced(row["id"], len(before), first, changed)


def _check_data(config: RunConfig, stored: Mapping[str, Any], run: str) -> None:
    """The run's files are there and hold what they held. Raises ConfigError."""
    block = config.dataset
    assert block is not None
    if block.part is Arrays:
        raise failure(f"{run} was trained on data in memory: there is no file to read again")
    dataset = block.part(**block.settings())
    assert isinstance(dataset, Dataset)
    try:
        hashes = content_hash(dataset)
    except DataError as error:
        raise failure(f"{run} cannot be trained again: {error}") from None
    for name, now in hashes.items():
        if now != stored.get(name):
            raise failure(f"{run} cannot be trained again: {getattr(dataset, name)} has changed since")


def _revisions(before: str, now: str) -> dict[str, tuple[str, str]]:
    """What of the canonical config is not as it was: revisions of parts and of the loop."""
    old, new = flatten(json.loads(before)), flatten(json.loads(now))
    return {
        name: (cell(old.get(name)) or "0", cell(new.get(name)) or "0")
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    }
