"""A runs.csv and its history.csv, under one lock: an experiment has one such part, and one more for each shard."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.reading import FAILED, Table, lenient, read_history, read_runs, warn
from gdrun.experiment.results.records import Records, of_table
from gdrun.experiment.results.tables import Row, drop, put
from gdrun.experiment.results.writing import WriteError, locked, make_folder, sweep

if TYPE_CHECKING:
    import pandas as pd


MOST_NAMED = 3
Run: TypeAlias = Mapping[str, str]
"""A run's line, as text."""


@dataclass(frozen=True)
class Opened:
    """A part's files as they are while its lock is held."""

    runs: Table
    history: Table

    @property
    def results(self) -> set[str]:
        """The runs that ended otherwise than by an error."""
        return {row["id"] for row in self.runs.rows if row["status"] != FAILED}

    def put(self, rows: Sequence[Row], records: Sequence[Row]) -> None:
        """Write some runs and their records in place of what there was of them, runs.csv last. Raises WriteError."""
        ids = {row["id"] for row in rows}
        put(self.history, records, ids)
        put(self.runs, rows, ids)

    def drop(self, run: str) -> None:
        """Delete a run, from runs.csv first: a run that is not in it does not exist. Raises WriteError."""
        if any(row["id"] == run for row in self.runs.rows):
            drop(self.runs, [run])
            drop(self.history, [run])


@dataclass(frozen=True)
class Part:
    """A folder with runs.csv and history.csv; runs.csv decides which runs there are."""

    path: Path

    @property
    def runs_file(self) -> Path:
        """One row per run that ended."""
        return self.path / "runs.csv"

    @property
    def history_file(self) -> Path:
        """One row per recorded point."""
        return self.path / "history.csv"

    def prepare(self) -> None:
        """Make the folder, or raise WriteError before work is spent on results that could not be kept there."""
        make_folder(self.path)
        with self.open():
            pass

    @contextmanager
    def open(self) -> Iterator[Opened]:
        """Hold the lock and read the files as they now are. Raises WriteError where they are not gdrun's."""
        with locked(self.path):
            sweep(self.path, [self.runs_file.name, self.history_file.name])
            try:
                opened = Opened(read_runs(self.runs_file), read_history(self.history_file))
            except ReadError as error:
                raise WriteError(f"{error}; nothing is written beside it: move it away") from None
            yield opened

    def rows(self) -> Sequence[dict[str, str]]:
        """The runs in the order in which they were committed, as text."""
        return lenient(_runs, self.runs_file).rows

    def recorded(self, runs: Collection[str]) -> dict[str, list[dict[str, str]]]:
        """The lines of some runs in history.csv, as text."""
        table = lenient(read_history, self.history_file)
        wanted = {run.encode() for run in runs}
        lines = [line.decode() for line in table.body.split(b"\n") if line.partition(b",")[0] in wanted]
        found: dict[str, list[dict[str, str]]] = {run: [] for run in runs}
        for cells in csv.reader(lines):
            found[cells[0]].append(dict(zip(table.columns, cells, strict=True)))
        return found

    def records(self, runs: Mapping[str, Run]) -> dict[str, Records]:
        """What history.csv has of some runs, as arrays."""
        found = of_table(lenient(read_history, self.history_file), runs)
        self._check_ends(runs, {run: int(own["step"].max()) for run, own in found.items() if "step" in own})
        return found

    def history(self, runs: Mapping[str, Run]) -> pd.DataFrame:
        """The lines of some runs in history.csv; the numbers are numbers."""
        table = lenient(read_history, self.history_file)
        history = frame(table)
        if len(history):
            history = _numbers(table.path, history[history["run"].isin(list(runs))]).reset_index(drop=True)
        self._check_ends(runs, history.groupby("run")["step"].max().to_dict() if "step" in history else {})
        return history

    def _check_ends(self, runs: Mapping[str, Run], last: Mapping[Any, int]) -> None:
        """Warn of results whose last step is not in the history: lines are missing there."""
        ends = {run: row.get("end_step") for run, row in runs.items() if row["status"] != FAILED}
        short = [run for run, end in ends.items() if end and str(last.get(run)) != end]
        if short:
            names = ", ".join(short[:MOST_NAMED]) + (", …" if len(short) > MOST_NAMED else "")
            warn(f"{self.history_file}: lacks records of {len(short)} runs, --rerun makes them again: {names}")


def _runs(path: Path) -> Table:
    """runs.csv, read once as long as it stays the same file. Raises ReadError."""
    try:
        there = path.stat()
    except OSError:
        return read_runs(path)
    return _read(path, (there.st_dev, there.st_ino, there.st_mtime_ns, there.st_size))


@lru_cache(maxsize=8)
def _read(path: Path, state: tuple[int, ...]) -> Table:
    return read_runs(path)


def frame(table: Table) -> pd.DataFrame:
    """A table with its floats to the last bit."""
    import pandas as pd

    if not table.columns:
        return pd.DataFrame()
    old = tuple(map(int, pd.__version__.split(".")[:2])) < (3, 1)  # from then on floats are read to the last bit anyhow
    precision: dict[str, Any] = {"float_precision": "round_trip"} if old else {}
    text = io.BytesIO(table.body)
    found: pd.DataFrame = pd.read_csv(text, names=list(table.columns), low_memory=False, **precision)
    return found


def _numbers(path: Path, history: pd.DataFrame) -> pd.DataFrame:
    """The rows that are numbers where they should be."""
    import pandas as pd

    for name in history.columns[1:]:
        if not pd.api.types.is_numeric_dtype(history[name]):
            numbers = pd.to_numeric(history[name], errors="coerce")
            wrong = numbers.isna() & history[name].notna()
            for text in history[name][wrong][:1]:
                warn(f"{path}: left out: {wrong.sum()} lines whose {name} is no number, such as {str(text)[:20]!r}")
            history = history.assign(**{name: numbers})[~wrong]
    return history
