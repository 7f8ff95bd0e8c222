"""Results that are kept nowhere but in memory; they read as those of a folder do."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gdrun.experiment.results.columns import Typed
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.results.part import frame
from gdrun.experiment.results.reading import Table
from gdrun.experiment.results.records import Records, of_rows
from gdrun.experiment.results.tables import Row, cell, csv_text, named

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Memory:
    """The results of one experiment, gone with it."""

    ended: dict[str, Finished] = field(default_factory=dict)

    def prepare(self) -> None:
        """There is always room."""

    def commit(self, runs: Sequence[Finished]) -> None:
        """Keep some runs, in place of what there was of them."""
        self.ended.update({run.id: run for run in runs})

    def done(self) -> set[str]:
        """Ids of the runs that need no training again: none is there before it is asked for."""
        return set()

    def rows(self) -> dict[str, dict[str, str]]:
        """The lines of runs.csv that there would be, by id, as text."""
        return {run: _as_text(ended.row) for run, ended in self.ended.items()}

    def typed_rows(self) -> dict[str, Row]:
        """The lines of runs.csv that there would be, by id."""
        return {run: Typed(row) for run, row in self.rows().items()}

    def runs(self) -> pd.DataFrame:
        """What runs.csv would be."""
        return _frame([ended.row for ended in self.ended.values()])

    def history(self) -> pd.DataFrame:
        """What history.csv would be."""
        return _frame([row for ended in self.ended.values() for row in ended.history])

    def records(self, runs: Collection[str]) -> dict[str, Records]:
        """What was recorded of some runs, as arrays."""
        return {run: of_rows(ended.history) for run, ended in self.ended.items() if run in runs and ended.history}


def _as_text(row: Row) -> dict[str, str]:
    return {name: cell(value) for name, value in row.items()}


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    import pandas as pd

    if not rows:
        return pd.DataFrame()
    # through the same text, so that it is the same table to the type of its columns
    columns = named(rows)
    return frame(Table(Path(), tuple(columns), csv_text(rows, columns)))
