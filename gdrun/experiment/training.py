"""Runs of one structure trained together; what goes wrong on the way is a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from gdrun.descent.loop import Outcome, Rows, descend
from gdrun.descent.state import Descent, begin
from gdrun.experiment import excess_loss
from gdrun.experiment import outcome as kept
from gdrun.experiment.environment import environment
from gdrun.experiment.evaluations import evaluations
from gdrun.experiment.gauges import outcomes
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.results.writing import WriteError
from gdrun.experiment.stack import stack
from gdrun.experiment.unfinished.keeper import Keeper, Saving


class WatchError(Exception):
    """What watched a run has failed, and not the run."""


def train(problem: Problem, watch: Callable[[Rows], object] = lambda rows: None) -> Finished:
    """Train one run. What goes wrong on the way is a result with the status failed."""
    return train_tile([problem], watch)[0]


def train_tile(
    problems: Sequence[Problem],
    watch: Callable[[Rows], object] = lambda rows: None,
    saving: Saving | None = None,
) -> list[Finished]:
    """Train runs of one structure together, on one BLAS thread; a run that fails fails alone.

    A tile that was saved goes on from there. One in which something went wrong is halved until the run is found:
    `watch` then sees the others' records again. Raises Interrupted, and WriteError where it cannot be saved.
    """
    finished = _attempt(problems, watch, saving)
    if finished is not None:
        return finished
    middle = len(problems) // 2
    first = train_tile(problems[:middle], watch, saving)
    rest = train_tile(problems[middle:], lambda rows: watch(replace(rows, runs=rows.runs + middle)), saving)
    return first + rest


def _attempt(
    problems: Sequence[Problem], watch: Callable[[Rows], object], saving: Saving | None
) -> list[Finished] | None:
    """The runs that ended; None if one of several failed. What they held is free again on return."""
    started = datetime.now(UTC).isoformat(timespec="seconds")
    keeper = Keeper(problems, {**environment(), "started": started}, saving)

    def note(rows: Rows) -> None:
        keeper.note(rows)
        try:
            watch(rows)
        except Exception as error:  # whoever looks on may fail, but the run has not
            raise WatchError from error

    try:
        descent, parameters = stack(problems)
        state = keeper.state or begin(descent, parameters)
        with one_thread():
            ended = descend(descent.select(state.runs) if keeper.state else descent, state, note, keeper.pause)
            return _finished(problems, descent, [ended[run] for run in range(len(problems))], keeper)
    except WatchError as error:
        raise error.__cause__ or error from None
    except WriteError:
        raise
    except Exception as error:
        if len(problems) > 1:
            return None
        failed = kept.failed_row(problems[0], f"{type(error).__name__}: {error}", keeper.made)
        return [Finished(problems[0].id, failed, kept.histories(problems, keeper.records)[0])]


def one_thread() -> Any:
    """A context in which BLAS uses one thread, as equal bits need, and small matrices like."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(1, "blas")


def _finished(problems: Sequence[Problem], descent: Descent, ended: list[Outcome], keeper: Keeper) -> list[Finished]:
    records = keeper.records
    histories, paths = kept.histories(problems, records), kept.paths(len(problems), records)
    measured = evaluations(problems[0], descent.objective, ended, histories)
    weights = kept.weights(problems[0], ended)
    made = excess_loss.passes_made(descent)
    for problem, history, values in zip(problems, histories, measured, strict=True):
        excess_loss.note(history, values, excess_loss.lowest(problem, made)[0])
        outcomes.note(history, values)
    return [
        Finished(
            problem.id, kept.run_row(problem, descent.objective, outcome, values, keeper.made), history, arrays, path
        )
        for problem, outcome, values, history, arrays, path in zip(
            problems, ended, measured, histories, weights, paths, strict=True
        )
    ]
