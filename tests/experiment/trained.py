"""Tiles, and all that is kept of the runs that are trained from them, here or on workers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from distributed import Client

from gdrun.experiment import training
from gdrun.experiment.comparing import plan
from gdrun.experiment.engine.dispatch import train_on
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.sources import Sources
from gdrun.experiment.stack import stack
from gdrun.experiment.tiles import tiles
from gdrun.experiment.training import train_tile
from tests.experiment.sweep_cases import sweep_of

BLOBS = """\
dataset: {kind: blobs, examples: 400}
model: softmax
optimizer: {kind: gd, lr: 0.1}
epochs: 4
compare: {candidates: [{optimizer: {kind: gd, lr: 0.1}}, {optimizer: {kind: momentum, lr: 0.1}}], seeds: 3}
"""
SURFACE = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
optimizer: {kind: gd, lr: 0.05}
steps: 20
"""
TIMES = ("seconds", "started")
Result = tuple[dict[str, Any], list[dict[str, Any]], dict[str, bytes]]


def tiles_of(text: str, *overrides: str, size: int = 64) -> list[list[Problem]]:
    problems = [cell.problem for cell in plan(sweep_of(text, *overrides), Sources()).cells]
    return [tile[at : at + size] for tile in tiles(problems, 1 << 30) for at in range(0, len(tile), size)]


def kept(runs: Sequence[Finished]) -> dict[str, Result]:
    """All that is kept of runs, times aside."""
    return {run.id: (_timeless(run.row), [_timeless(row) for row in run.history], _bytes(run)) for run in runs}


def _timeless(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in TIMES}


def _bytes(run: Finished) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in {**run.weights, **run.path}.items()}


def here(cut: Sequence[list[Problem]]) -> dict[str, Result]:
    """What the runs are in this process."""
    return kept([run for tile in cut for run in train_tile(tile)])


def in_one_stack(problems: Sequence[Problem], monkeypatch: pytest.MonkeyPatch) -> list[Finished]:
    """The runs of a tile that was not halved, as one is in which something goes wrong."""
    sizes: list[int] = []

    def stacked(tile: Sequence[Problem]) -> Any:
        sizes.append(len(tile))
        return stack(tile)

    monkeypatch.setattr(training, "stack", stacked)
    finished = train_tile(problems)
    assert sizes == [len(problems)]
    return finished


def on(client: Client, cut: Sequence[list[Problem]], between: Callable[[], object] = lambda: None) -> list[Finished]:
    """The runs that came back, each with its own tile; something may happen after the first ones."""
    found: list[Finished] = []
    for tile, finished in train_on(client, cut):
        assert [problem.id for problem in tile] == [run.id for run in finished]
        if not found:
            between()
        found += finished
    return found
