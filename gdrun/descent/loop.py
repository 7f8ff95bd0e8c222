"""Gradient descent on a stack of runs: the loop of the textbook."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.optimizers import norm
from gdrun.descent.parts import Array, Numbers
from gdrun.descent.rates import Rates
from gdrun.descent.state import Descent, State, settle
from gdrun.descent.stopping import Mask, Verdict, criterion, either, verdicts

BUFFER = 512
"""Numbers that NumPy may hold in between. By default it copies hyperparameters (R, 1) out over rows of P parameters, up
to 8192 numbers at once, which takes twice as long as the arithmetic."""


@dataclass(frozen=True)
class Rows:
    """What is recorded of some runs (n,) after so many steps."""

    runs: NDArray[np.intp]
    step: int
    examples: int
    seconds: float
    values: dict[str, Array]
    """By column: lr, batch_loss, gradient_norm; train_loss, validation_loss and metrics where they were evaluated."""
    parameters: Array | None


@dataclass(frozen=True)
class Outcome:
    """How one run ended."""

    status: str
    cause: str
    step: int
    seconds: float
    parameters: Array
    best_loss: float
    best_step: int
    best_parameters: Array


def descend(
    descent: Descent,
    state: State,
    watch: Callable[[Rows], None],
    pause: Callable[[State], object] = lambda state: None,
) -> dict[int, Outcome]:
    """Train until every run has ended; `watch` sees each record. The state is changed in place.

    `pause` sees the state between two steps, where it can be saved, or left by an exception: with it and
    `descent.select(state.runs)` it goes on as if nothing had been.
    """
    rates, (gradient, scratch) = Rates(descent), settle(state)
    with np.errstate(all="ignore"):  # what overflows is noticed and recorded
        np.setbufsize(BUFFER)  # until the end of errstate
        while len(state.runs):
            clock = perf_counter()
            loss = descent.objective.loss_and_gradient(state.parameters, state.step, gradient, descent.optimizer.scale)
            state.seconds += (perf_counter() - clock) / len(state.runs)

            ending = look(descent, state, loss, gradient, watch)
            if ending:
                left = end(state, ending)
                descent = descent.select(left)
                rates, gradient, scratch = Rates(descent), gradient[left], scratch[left]
                if not len(left):
                    break

            clock = perf_counter()
            state.rate, factor = rates.at(state)
            descent.optimizer.step(state.parameters, gradient, state.optimizer, factor, scratch)
            state.step += 1
            state.seconds += (perf_counter() - clock) / len(state.runs)
            pause(state)
    return state.outcomes


def look(
    descent: Descent, state: State, loss: Numbers, gradient: Array, watch: Callable[[Rows], None]
) -> list[Verdict]:
    """Evaluate and record where that is due; the ways in which runs end at this step."""
    finite = isfinite(np.vdot(state.parameters, state.parameters) + np.vdot(loss, loss))  # if so, each of them is
    per_epoch = descent.objective.per_epoch
    epoch_over, last = state.step % per_epoch == 0, state.step == descent.steps
    due = last or descent.recording.due(state.step, per_epoch)
    if finite and not (due or epoch_over or descent.recording.batch_loss or descent.bounds is not None):
        return []

    values = evaluate(descent, state, gradient, due, epoch_over)
    if epoch_over or last:
        note_best(state, criterion(values))
    all_finite = np.isfinite(loss[:, 0]) & np.isfinite(state.parameters).all(axis=1)
    ending, outcome = judge(descent, state, values, all_finite, epoch_over)
    lengths = norm(descent.optimizer.unscaled(gradient))
    seen = {"batch_loss": loss[:, 0], "gradient_norm": lengths[:, 0]} | values
    everyone, ended = np.full(len(state.runs), due or descent.recording.batch_loss), either(ending)
    if outcome:
        record(descent, state, everyone & ~ended, seen, watch)
        record(descent, state, ended, seen | outcome, watch)
    else:
        record(descent, state, everyone | ended, seen, watch)
    remember(descent, state, due, epoch_over, values)
    return ending


def evaluate(descent: Descent, state: State, gradient: Array, due: bool, epoch_over: bool) -> dict[str, Array]:
    """Losses, metrics and what gauges read, (R,), as far as they are due."""
    values: dict[str, Array] = {}
    if due or epoch_over:
        values |= descent.objective.validation(state.parameters)
    if due or descent.bounds is not None or (epoch_over and (descent.stop.tolerance is not None or not values)):
        values |= descent.objective.training(state.parameters)
    for gauge in descent.recording.gauged(state.step, descent.objective.per_epoch):
        values |= gauge.read(descent, state, gradient)
    return values


def judge(
    descent: Descent, state: State, values: dict[str, Array], finite: Mask, epoch_over: bool
) -> tuple[list[Verdict], dict[str, Array]]:
    """The ways in which runs end at this step, and the losses and metrics of these where none were due.

    Those of the others are left out of everything: a run must not depend on its neighbours.
    """
    ending = verdicts(descent, state, values, finite, epoch_over)
    if not ending or "train_loss" in values:
        return ending, {}
    ended = either(ending)
    outcome = descent.objective.training(state.parameters) | descent.objective.validation(state.parameters)
    found = verdicts(descent, state, outcome | values, finite, epoch_over)
    return [replace(verdict, runs=verdict.runs & ended) for verdict in found], outcome


def note_best(state: State, loss: Array) -> None:
    """Keep the parameters of the runs whose loss is their lowest."""
    better = loss < state.best_loss
    state.best_loss = np.where(better, loss, state.best_loss)
    state.best_step = np.where(better, state.step, state.best_step)
    state.best_parameters[better] = state.parameters[better]


def remember(descent: Descent, state: State, due: bool, epoch_over: bool, values: dict[str, Array]) -> None:
    """What later looks and the schedule need to know of this one; after the record, so that it can be repeated."""
    if due:
        state.trail.append(values["train_loss"])
    if epoch_over and "train_loss" in values:
        state.epoch_loss = values["train_loss"]
    if epoch_over and state.step > 0:
        descent.schedule.observe(state.schedule, criterion(values)[:, None])


def record(
    descent: Descent, state: State, chosen: Mask, values: dict[str, Array], watch: Callable[[Rows], None]
) -> None:
    """Hand over the rows of the chosen runs, if there are any."""
    if chosen.any():
        parameters = state.parameters[chosen] if descent.recording.parameters else None
        rows = {name: column[chosen] for name, column in {"lr": state.rate[:, 0], **values}.items()}
        examples = descent.objective.examples(state.step)
        watch(Rows(state.runs[chosen], state.step, examples, state.seconds, rows, parameters))


def end(state: State, ending: list[Verdict]) -> NDArray[np.intp]:
    """Put aside the runs that end, each by the first verdict on it; the places of those that go on."""
    ended = np.zeros(len(state.runs), bool)
    for verdict in ending:
        for i in np.flatnonzero(verdict.runs & ~ended):
            state.outcomes[int(state.runs[i])] = Outcome(
                status=verdict.status,
                cause=verdict.cause,
                step=state.step,
                seconds=state.seconds,
                parameters=state.parameters[i].copy(),
                best_loss=float(state.best_loss[i]),
                best_step=int(state.best_step[i]),
                best_parameters=state.best_parameters[i].copy(),
            )
        ended |= verdict.runs
    left = np.flatnonzero(~ended)
    state.keep(left)
    return left
