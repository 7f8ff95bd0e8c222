"""`gdrun train`: one config, one run, its results kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from gdrun.descent.loop import Outcome, Rows, descend
from gdrun.descent.state import Descent, begin
from gdrun.experiment import outcome as kept
from gdrun.experiment.environment import environment
from gdrun.experiment.model import TrainedModel, stored_model
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.results.folder import Finished, Folder
from gdrun.experiment.results.reading import FAILED
from gdrun.experiment.stack import stack

if TYPE_CHECKING:
    import pandas as pd

    from gdrun.experiment.results.part import Part

DIVERGED = "diverged"


class WatchError(Exception):
    """What watched a run has failed, and not the run."""


@dataclass(frozen=True, repr=False)
class Trained:
    """One run that ended, or that had ended before."""

    problem: Problem
    finished: Finished
    folder: Folder | None
    again: bool = False
    """It was there already and was not trained again."""
    unlike: str | None = None
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
    problem: Problem, folder: Folder | None, rerun: bool = False, watch: Callable[[Rows], object] = lambda rows: None
) -> Trained:
    """Train a run and keep it in a folder, if it is not there yet or to be run again. Raises WriteError."""
    if folder is None:
        return Trained(problem, train(problem, watch), None)
    known = folder.row(problem.id)
    if known is not None and known["status"] != FAILED and not rerun:
        return Trained(problem, Finished(problem.id, known, []), folder, again=True)
    folder.prepare()
    finished = train(problem, watch)
    before = folder.recorded(problem.id) if known is not None and kept.same_environment(known, finished.row) else []
    folder.commit([finished])
    return Trained(problem, finished, folder, unlike=kept.difference(before, finished.history))


def train(problem: Problem, watch: Callable[[Rows], object] = lambda rows: None) -> Finished:
    """Train one run. What goes wrong on the way is a result with the status failed."""
    return train_tile([problem], watch)[0]


def train_tile(problems: Sequence[Problem], watch: Callable[[Rows], object] = lambda rows: None) -> list[Finished]:
    """Train runs of one structure together, on one BLAS thread; a run that fails fails alone.

    A tile in which something went wrong is halved until the run is found: `watch` then sees the others' records again.
    """
    finished = _attempt(problems, watch)
    if finished is not None:
        return finished
    middle = len(problems) // 2
    first = train_tile(problems[:middle], watch)
    return first + train_tile(problems[middle:], lambda rows: watch(replace(rows, runs=rows.runs + middle)))


def _attempt(problems: Sequence[Problem], watch: Callable[[Rows], object]) -> list[Finished] | None:
    """The runs that ended; None if one of several failed. What they held is free again on return."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    made: dict[str, Any] = {**environment(), "started": started}
    records: list[Rows] = []

    def note(rows: Rows) -> None:
        records.append(rows)
        try:
            watch(rows)
        except Exception as error:  # whoever looks on may fail, but the run has not
            raise WatchError from error

    try:
        descent, parameters = stack(problems)
        with one_thread():
            ended = descend(descent, begin(descent, parameters), note)
            return _finished(problems, descent, [ended[run] for run in range(len(problems))], records, made)
    except WatchError as error:
        raise error.__cause__ or error from None
    except Exception as error:
        if len(problems) > 1:
            return None
        failed = kept.failed_row(problems[0], f"{type(error).__name__}: {error}", made)
        return [Finished(problems[0].id, failed, kept.histories(problems, records)[0])]


def one_thread() -> Any:
    """A context in which BLAS uses one thread, as equal bits need, and small matrices like."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, "blas")


def _finished(
    problems: Sequence[Problem], descent: Descent, ended: list[Outcome], records: list[Rows], made: dict[str, Any]
) -> list[Finished]:
    measured = kept.measure(problems[0], descent.objective, ended)
    histories, paths = kept.histories(problems, records), kept.paths(len(problems), records)
    weights = kept.weights(problems[0], ended)
    return [
        Finished(problem.id, kept.run_row(problem, descent.objective, outcome, values, made), history, arrays, path)
        for problem, outcome, values, history, arrays, path in zip(
            problems, ended, measured, histories, weights, paths, strict=True
        )
    ]
