"""The columns of runs.csv that are text, and a line of it with its numbers as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gdrun.experiment.results.tables import value

MADE = ("gdrun", "python", "numpy", "blas", "cpu", "git_commit", "started", "config")
"""Columns of runs.csv that say where and from what a run was made, the last ones."""
WORDS = ("id", "status", "cause", *MADE)
"""Columns of runs.csv that are text, even where they look like numbers."""


class Typed(Mapping[str, Any]):
    """A line of runs.csv with its numbers as numbers; only what is asked for is converted."""

    def __init__(self, row: Mapping[str, str]) -> None:
        self.row = row

    def __getitem__(self, name: str) -> Any:
        return (self.row[name] or None) if name in WORDS else value(self.row[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self.row)

    def __len__(self) -> int:
        return len(self.row)
