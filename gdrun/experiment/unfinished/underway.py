"""An experiment while it is being trained: the runs that have not ended, as far as they are, beside those that have."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.records import Records, of_rows
from gdrun.experiment.unfinished.growing import SETTINGS

if TYPE_CHECKING:
    import pandas as pd

MEASURED = ("train_", "validation_")


UNDERWAY = "running"
"""The status of a run that has not ended."""


@dataclass(frozen=True)
class Underway(Folder):
    """A folder in which runs that are being trained have the status running, and their last record for an outcome."""

    def rows(self) -> dict[str, dict[str, str]]:
        """The runs by id, as text: those that have ended, then those that have not."""
        return {**super().rows(), **{run: row for run, (row, _) in self.going.items()}}

    def history(self) -> pd.DataFrame:
        """The history of all runs."""
        import pandas as pd

        records = [record for _, own in self.going.values() for record in own]
        going = pd.read_csv(io.StringIO(_as_csv(records))) if records else pd.DataFrame()
        return pd.concat([frame for frame in (super().history(), going) if len(frame)] or [going], ignore_index=True)

    def all_recorded(self, runs: Collection[str]) -> dict[str, list[dict[str, str]]]:
        """The history of each of some runs, as text."""
        return {**super().all_recorded(runs), **{run: own for run, (_, own) in self.going.items() if run in runs}}

    def records(self, runs: Collection[str]) -> dict[str, Records]:
        """What was recorded of some runs, as arrays."""
        return super().records(runs) | {run: of_rows(own) for run, (_, own) in self.going.items() if run in runs}

    @cached_property
    def going(self) -> dict[str, tuple[dict[str, str], list[dict[str, str]]]]:
        """Of each run that has not ended, its line and its records."""
        files = sorted(self.unfinished.glob(f"t*{SETTINGS}"))
        ended = super().rows().keys() if files else ()
        found = {}
        for file in files:
            records: dict[str, list[dict[str, str]]] = {}
            for record in _read(file.with_suffix(".csv")):
                records.setdefault(record["run"], []).append(record)
            for row in _read(file):
                own = records.get(row["id"])
                if own and row["id"] not in ended:
                    found[row["id"]] = row | _outcome(own[-1]), own
        return found


def with_unfinished(folder: Folder) -> Folder:
    """The folder with its runs in training, if it has any."""
    found = Underway(folder.path, folder.shard)
    return found if found.going else folder


def _outcome(last: dict[str, str]) -> dict[str, str]:
    """A run's outcome so far."""
    measured = {f"final_{name}": value for name, value in last.items() if name.startswith(MEASURED)}
    return {"end_epoch": last["epoch"], "end_step": last["step"], **measured}


def _read(file: Path) -> Iterator[dict[str, str]]:
    """Whole lines of a file that may be growing; none where it is gone by now."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    rows = csv.reader(io.StringIO(text[: text.rfind("\n") + 1]))
    columns = next(rows, [])
    yield from (dict(zip(columns, row, strict=True)) for row in rows if len(row) == len(columns))


def _as_csv(records: list[dict[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for record in records for name in record)))
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()
