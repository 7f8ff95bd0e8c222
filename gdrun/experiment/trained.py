"""`gdrun train`: one run, trained if it is not there yet, and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gdrun.analysis.expecting import Judged
from gdrun.descent.loop import Rows
from gdrun.experiment import outcome as kept
from gdrun.experiment.difference import Difference, difference, same_environment
from gdrun.experiment.gate import judged_run
from gdrun.experiment.model import TrainedModel, stored_model
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.results.folder import Finished, Folder
from gdrun.experiment.results.part import Part
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.results.tables import value
from gdrun.experiment.signals import heeded
from gdrun.experiment.training import train, train_tile
from gdrun.experiment.unfinished.desk import Desk, desk, tidy
from gdrun.experiment.unfinished.keeper import SECONDS

if TYPE_CHECKING:
    import pandas as pd

DIVERGED = "diverged"


@dataclass(frozen=True, repr=False)
class Trained:
    """One run that ended, or that had ended before."""

    problem: Problem
    finished: Finished
    folder: Folder | None
    again: bool = False
    """It was there already and was not trained again."""
    unlike: Difference | None = None
    """Where it differs from the same run before, in the same environment: that should never happen."""

    def __repr__(self) -> str:
        return f"<run {self.id}: {self.status}>"

    @property
    def id(self) -> str:
        """The run."""
        return self.problem.id

    @property
    def status(self) -> str:
        """How it ended: finished, converged, stopped, left, diverged or failed."""
        return str(self.finished.row["status"])

    @property
    def judged(self) -> list[Judged]:
        """What the config expected, held against what came."""
        return judged_run(self.problem.config, self.finished.row)

    @property
    def unmet(self) -> list[str]:
        """What the config expected that did not come, a line each."""
        return [each.text for each in self.judged if not each.met]

    @property
    def outcome(self) -> dict[str, Any]:
        """Its line in runs.csv."""
        return dict(self.finished.row)

    @property
    def runs(self) -> pd.DataFrame:
        """Its line in runs.csv, as a table of one row."""
        import pandas as pd

        return pd.DataFrame([self.finished.row])

    @property
    def history(self) -> pd.DataFrame:
        """What was recorded, one row per record."""
        import pandas as pd

        if self.again and self.folder is not None:
            history = self.folder.history()
            return history[history["run"] == self.id].reset_index(drop=True)
        history = pd.DataFrame(list(self.finished.history))
        return history.astype({name: float for name in kept.HISTORY if name in history})

    @property
    def records(self) -> Sequence[Mapping[str, Any]]:
        """What was recorded, as rows."""
        if self.again and self.folder is not None:
            return [{name: value(text) for name, text in row.items()} for row in self.folder.recorded(self.id)]
        return self.finished.history

    @property
    def part(self) -> Part | None:
        """Where its rows are kept, if they are: for a run that was there already maybe a shard's files."""
        if self.folder is None:
            return None
        return self.folder.part_of(self.id) if self.again else self.folder.own

    @property
    def model(self) -> TrainedModel:
        """The model with its final parameters. Raises ValueError on a surface, which has none."""
        stored = self.again and self.folder is not None
        arrays = read_arrays(self.folder.weights_file(self.id)) if stored and self.folder else self.finished.weights
        return stored_model(arrays, "final")


def train_kept(
    problem: Problem,
    folder: Folder | None,
    rerun: bool = False,
    watch: Callable[[Rows], object] = lambda rows: None,
    every: float = SECONDS,
) -> Trained:
    """Train a run and keep it in a folder, if it is not there yet or to be run again; saved every so many seconds.

    Raises WriteError, and Interrupted.
    """
    if folder is None:
        return Trained(problem, train(problem, watch), None)
    if known := _ended(problem, folder, rerun):
        tidy(folder, [problem.id])
        return known
    folder.prepare()
    with heeded(), desk(folder, every, rerun) as at:
        while not at.take([problem]):
            at.wait_for([problem.id])
            if known := _ended(problem, folder, rerun):
                return known
        for saved in at.go_on([problem.id], folder.rows()):
            for rows in saved.records:
                watch(rows)
        return _committed(problem, folder, watch, at)


def _ended(problem: Problem, folder: Folder, rerun: bool) -> Trained | None:
    """The run as it is in the folder already, if that will do."""
    known = folder.row(problem.id)
    if known is None or known["status"] == FAILED or rerun:
        return None
    return Trained(problem, Finished(problem.id, known, []), folder, again=True)


def _committed(problem: Problem, folder: Folder, watch: Callable[[Rows], object], at: Desk) -> Trained:
    finished = train_tile([problem], watch, at.saving)[0]
    known = folder.row(problem.id)
    before = folder.recorded(problem.id) if known is not None and same_environment(known, finished.row) else []
    folder.commit([finished])
    at.release([problem.id])
    return Trained(problem, finished, folder, unlike=difference(before, finished.history) if before else None)
