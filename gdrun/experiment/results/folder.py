"""An experiment's folder: runs.csv, history.csv, weights/ and paths/, and the parts that shards have written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from gdrun.experiment.results.arrays import write_all
from gdrun.experiment.results.columns import Typed
from gdrun.experiment.results.part import Part, frame
from gdrun.experiment.results.reading import FAILED, lenient, read_runs
from gdrun.experiment.results.records import Records
from gdrun.experiment.results.tables import Row
from gdrun.experiment.results.writing import delete, delete_folder, locked

if TYPE_CHECKING:
    import pandas as pd

PARTS = "parts"


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
    """The results of one experiment, everything ever run under its name.

    Where a run's rows come from is known here alone: from the folder's own runs.csv and from those of its parts.
    """

    path: Path
    shard: str | None = None
    """The part that commits go to; the folder's own files without one."""

    @property
    def name(self) -> str:
        """The experiment."""
        return self.path.name

    @property
    def unfinished(self) -> Path:
        """Where tiles in progress are kept."""
        return self.path / "unfinished"

    @property
    def own(self) -> Part:
        """Where commits go."""
        return Part(self.path if self.shard is None else self.path / PARTS / self.shard)

    @property
    def runs_file(self) -> Path:
        """One row per run that ended."""
        return self.own.runs_file

    @property
    def history_file(self) -> Path:
        """One row per recorded point."""
        return self.own.history_file

    def weights_file(self, run: str) -> Path:
        """A run's final and best weights, and its preprocessing."""
        return self.path / "weights" / f"{run}.npz"

    def path_file(self, run: str) -> Path:
        """A run's parameters at each record."""
        return self.path / "paths" / f"{run}.npz"

    def parts(self) -> list[Part]:
        """All files with runs: the folder's own, and those of shards."""
        return [Part(self.path), *(Part(path) for path in sorted(self.path.glob(f"{PARTS}/*/")))]

    def part_of(self, run: str) -> Part:
        """Where a run's rows are; where they would go, if there is no such run."""
        return self._found().get(run, (self.own, {}))[0]

    def prepare(self) -> None:
        """Make the folder, or raise WriteError before work is spent on results that could not be kept."""
        self.own.prepare()

    def commit(self, runs: Sequence[Finished]) -> None:
        """Write what is kept of some runs, in place of what there was of them; runs.csv last. Raises WriteError.

        A run that failed does not take the place of a result.
        """
        with self.own.open() as part:
            kept = [run for run in runs if run.row["status"] != FAILED or run.id not in part.results]
            weights = {self.weights_file(run.id): run.weights for run in kept if run.weights}
            paths = {self.path_file(run.id): run.path for run in kept if run.path}
            write_all(weights | paths)
            part.put([run.row for run in kept], [row for run in kept for row in run.history])

    def rows(self) -> dict[str, dict[str, str]]:
        """The runs by id, in the order in which they were committed, parts by their start, as text."""
        return {run: row for run, (_, row) in self._found().items()}

    def _found(self) -> dict[str, tuple[Part, dict[str, str]]]:
        """Of each run the part that has it, and its line there: a result before a failure, then the latest."""
        parts = self.parts()
        found: dict[str, tuple[Part, dict[str, str]]] = {}
        for part in parts:
            for row in part.rows():
                run = row["id"]
                if run not in found or _precedence(row) > _precedence(found[run][1]):
                    found[run] = part, row
        if len(parts) == 1:
            return found
        return dict(sorted(found.items(), key=lambda item: item[1][1].get("started", "")))

    def done(self) -> set[str]:
        """Ids of the runs that need no training again: all but the failed ones."""
        return {run for run, row in self.rows().items() if row["status"] != FAILED}

    def row(self, run: str) -> Row | None:
        """A run's line with its numbers as numbers; None if there is no such run."""
        found = self.rows().get(run)
        return found and dict(Typed(found))

    def typed_rows(self) -> dict[str, Row]:
        """All lines by id, their numbers as numbers."""
        return {run: Typed(row) for run, row in self.rows().items()}

    def recorded(self, run: str) -> list[dict[str, str]]:
        """A run's history, as text."""
        return self.part_of(run).recorded([run])[run]

    def all_recorded(self, runs: Collection[str]) -> dict[str, list[dict[str, str]]]:
        """The history of each of some runs, as text: every file is read once."""
        found = {run: each for run, each in self._found().items() if run in runs}
        parts = [part.recorded(own) for part in self.parts() if (own := _owned(found, part))]
        return {run: lines for part in parts for run, lines in part.items()}

    def runs(self) -> pd.DataFrame:
        """The lines of all runs."""
        found = self._found()
        tables = {part: frame(lenient(read_runs, part.runs_file)) for part in self.parts()}
        return _joined([_of(table, "id", _owned(found, part)) for part, table in tables.items()])

    def history(self) -> pd.DataFrame:
        """The history of all runs, without rows of runs that are not in runs.csv."""
        found = self._found()
        return _joined([part.history(_owned(found, part)) for part in self.parts()])

    def records(self, runs: Collection[str]) -> dict[str, Records]:
        """What was recorded of some runs, as arrays: cheaper than the history where they are few of many."""
        found = {run: each for run, each in self._found().items() if run in runs}
        parts = [part.records(_owned(found, part)) for part in self.parts()]
        return {run: records for part in parts for run, records in part.items()}

    def remove(self, run: str) -> None:
        """Delete a run. Raises WriteError."""
        for part in self.parts():
            with part.open() as opened:
                opened.drop(run)
        delete(self.weights_file(run))
        delete(self.path_file(run))

    def remove_all(self) -> None:
        """Delete the folder, its runs first: who waits to write here meets a folder without runs. Raises WriteError."""
        for part in self.parts():
            with locked(part.path):
                delete(part.runs_file)
        delete_folder(self.path)


def _precedence(row: Mapping[str, str]) -> tuple[bool, str]:
    return row["status"] != FAILED, row.get("started", "")


def _owned(found: Mapping[str, tuple[Part, dict[str, str]]], part: Part) -> dict[str, dict[str, str]]:
    return {run: row for run, (owner, row) in found.items() if owner == part}


def _of(table: pd.DataFrame, key: str, runs: Mapping[str, object]) -> pd.DataFrame:
    return table[table[key].isin(list(runs))].reset_index(drop=True) if len(table) else table


def _joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if len(filled) > 1 else (filled or frames)[0]
