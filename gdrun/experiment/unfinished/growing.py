"""The history of a tile in training, as a CSV that grows: for `tail -f`, and for pictures of a job that runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from gdrun.descent.loop import Rows
from gdrun.experiment import outcome
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.tables import csv_text, header, named
from gdrun.experiment.results.writing import append, write_text
from gdrun.experiment.unfinished.listing import list_runs

SETTINGS = ".settings"
SECONDS = 1.0
"""Between two writings at least."""
SHARE = 20
"""A writing that took long waits for so many times as long, so that training hardly notices."""


class Growing:
    """A tile's history.csv so far; there is none before a second has passed."""

    def __init__(self, path: Path, tile: Sequence[Problem], before: Sequence[Rows]) -> None:
        self.path, self.tile = path, tile
        self.waiting = list(before)
        self.columns: list[str] = []
        self.next = perf_counter() + SECONDS

    def add(self, rows: Rows) -> None:
        """Add a record, now or a little later. Raises WriteError."""
        self.waiting.append(rows)
        start = perf_counter()
        if start >= self.next:
            self._write()
            self.next = perf_counter() + max(SECONDS, SHARE * (perf_counter() - start))

    def _write(self) -> None:
        rows = [row for record in self.waiting for row in self._rows(record)]
        self.waiting = []
        begins = not self.columns
        if begins:
            self.columns = list(rows[0])  # the first step has them all
        lines = csv_text(rows, self.columns)
        if begins:
            list_runs(self.path.parent, [problem.id for problem in self.tile])
            write_text(self.path.with_suffix(SETTINGS), self._settings())
            write_text(self.path, (header(self.columns) + lines).decode())
        else:
            append(self.path, lines)

    def _settings(self) -> str:
        """What runs.csv would have of the runs so far."""
        begun = [outcome.begun_row(problem) for problem in self.tile]
        columns = named(begun)
        return (header(columns) + csv_text(begun, columns)).decode()

    def _rows(self, record: Rows) -> list[dict[str, Any]]:
        return [row for run in outcome.histories(self.tile, [record]) for row in run]
