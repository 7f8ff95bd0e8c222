"""An experiment's folder: runs.csv, history.csv, weights/ and paths/; runs.csv decides which runs there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from numpy.typing import NDArray

from gdrun.experiment.results.arrays import write_arrays
from gdrun.experiment.results.tables import Row, columns_of, drop, put, rows_of, value
from gdrun.experiment.results.writing import check_writable, delete

if TYPE_CHECKING:
    import pandas as pd

FAILED = "failed"
MADE = ("gdrun", "python", "numpy", "blas", "cpu", "git_commit", "started", "config")
"""Columns of runs.csv that say where and from what a run was made, the last ones."""
WORDS = ("id", "status", "cause", *MADE)
"""Columns of runs.csv that are text, even where they look like numbers."""


@dataclass(frozen=True)
class Finished:
    """All that is kept of a run that ended."""

    id: str
    row: Row
    """Its line in runs.csv."""
    history: Sequence[Row]
    weights: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    path: Mapping[str, NDArray[Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    """The results of one experiment, everything ever run under its name."""

    path: Path

    @property
    def name(self) -> str:
        """The experiment."""
        return self.path.name

    @property
    def runs_file(self) -> Path:
        """One row per run that ended."""
        return self.path / "runs.csv"

    @property
    def history_file(self) -> Path:
        """One row per recorded point."""
        return self.path / "history.csv"

    def weights_file(self, run: str) -> Path:
        """A run's final and best weights, and its preprocessing."""
        return self.path / "weights" / f"{run}.npz"

    def path_file(self, run: str) -> Path:
        """A run's parameters at each record."""
        return self.path / "paths" / f"{run}.npz"

    def check_writable(self) -> None:
        """Raise WriteError before work is spent on results that could not be kept."""
        check_writable(self.path)

    def commit(self, runs: Sequence[Finished]) -> None:
        """Write what is kept of some runs, in place of what there was of them; runs.csv last. Raises WriteError."""
        for run in runs:
            if run.weights:
                write_arrays(self.weights_file(run.id), run.weights)
            if run.path:
                write_arrays(self.path_file(run.id), run.path)
        ids = {run.id for run in runs}
        put(self.history_file, [row for run in runs for row in run.history], ids)
        put(self.runs_file, [run.row for run in runs], ids)

    def rows(self) -> dict[str, dict[str, str]]:
        """The runs by id, in the order in which they ended, as text."""
        return {row["id"]: row for row in rows_of(self.runs_file)} if "id" in columns_of(self.runs_file) else {}

    def done(self) -> set[str]:
        """Ids of the runs that need no training again: all but the failed ones."""
        return {run for run, row in self.rows().items() if row.get("status") != FAILED}

    def row(self, run: str) -> Row | None:
        """A run's line with its numbers as numbers; None if there is no such run."""
        found = self.rows().get(run)
        return found and typed(found)

    def typed_rows(self) -> dict[str, Row]:
        """All lines by id, their numbers as numbers."""
        return {run: typed(row) for run, row in self.rows().items()}

    def points(self) -> list[dict[str, str]]:
        """All lines of history.csv, as text."""
        return rows_of(self.history_file)

    def recorded(self, run: str) -> list[dict[str, str]]:
        """A run's lines in history.csv, as text."""
        return [row for row in self.points() if row["run"] == run]

    def runs(self) -> pd.DataFrame:
        """runs.csv."""
        return _frame(self.runs_file)

    def history(self) -> pd.DataFrame:
        """history.csv without rows of runs that are not in runs.csv."""
        history = _frame(self.history_file)
        return history[history["run"].isin(list(self.rows()))].reset_index(drop=True) if len(history) else history

    def remove(self, run: str) -> None:
        """Delete a run, runs.csv first: a run that is not in it does not exist. Raises WriteError."""
        drop(self.runs_file, [run])
        drop(self.history_file, [run])
        delete(self.weights_file(run))
        delete(self.path_file(run))


def typed(row: Mapping[str, str]) -> Row:
    """A line of runs.csv with its numbers as numbers."""
    return {name: (text or None) if name in WORDS else value(text) for name, text in row.items()}


def _frame(path: Path) -> pd.DataFrame:
    import pandas as pd

    return frame_of(path) if path.exists() else pd.DataFrame()


def frame_of(table: Path | IO[bytes]) -> pd.DataFrame:
    """A CSV table with floats as they were written, to the bit."""
    import pandas as pd

    old = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)  # from then on floats are read to the last bit anyhow
    precision: dict[str, Any] = {"float_precision": "round_trip"} if old else {}
    frame: pd.DataFrame = pd.read_csv(table, low_memory=False, **precision)
    return frame


def experiments(results: Path) -> list[Folder]:
    """The folders below the results folder that hold runs, by name."""
    if not results.is_dir():
        return []
    return [Folder(path) for path in sorted(results.iterdir()) if (path / "runs.csv").is_file()]
