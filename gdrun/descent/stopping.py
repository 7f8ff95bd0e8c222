"""How a run ends: diverged, left, converged, stopped or finished."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array

if TYPE_CHECKING:
    from gdrun.descent.state import Descent, State

BLOWN_UP = 1000
"""A training loss so many times the larger of the initial one and the best constant prediction's has diverged."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Stop:
    """When to stop before the budget is used; each rule is optional and looked at once per epoch."""

    patience: int | None = None
    """Epochs without a lower validation loss."""
    tolerance: float | None = None
    """Relative change of the training loss over an epoch."""
    loss: float | None = None
    """Validation loss that is good enough."""


@dataclass(frozen=True)
class Verdict:
    """A way to end: which of the runs (R,) end so, with which status and cause."""

    status: str
    cause: str
    runs: Mask


def verdicts(descent: Descent, state: State, values: dict[str, Array], finite: Mask, epoch_over: bool) -> list[Verdict]:
    """Every way in which some of the runs end at this step; where several hold for a run, the first counts."""
    found = [*_diverged(descent, state, values, finite), *_out_of_bounds(descent, state, values)]
    if epoch_over:
        found += _good_enough(descent, state, values)
    if state.step == descent.steps:
        found.append(Verdict("finished", "", np.ones(len(state.runs), bool)))
    ending = [verdict for verdict in found if verdict.runs.any()]
    if "train_loss" in values:
        over = either(v for v in ending if v.status in ("finished", "stopped"))
        rising = over & ~either(v for v in ending if v.status == "converged")
        if rising.any():
            rising &= still_rising([*state.trail, values["train_loss"]])
            late = Verdict("diverged", "the training loss ends above where it began, still rising", rising)
            ending = [v for v in ending if v.status in ("diverged", "left")] + [late] + ending
    return ending


def either(found: Iterable[Verdict]) -> Mask:
    """The runs (R,) that any of the verdicts is on."""
    return np.asarray(np.logical_or.reduce([verdict.runs for verdict in found]))


def _diverged(descent: Descent, state: State, values: dict[str, Array], finite: Mask) -> list[Verdict]:
    found = [Verdict("diverged", "a loss or a parameter is no longer finite", ~finite)]
    for loss, name in (("train_loss", "training loss"), ("validation_loss", "validation loss")):
        if loss in values:
            found.append(Verdict("diverged", f"the {name} is no longer finite", ~np.isfinite(values[loss])))
    if "train_loss" in values and state.trail and descent.baseline is not None:
        highest = BLOWN_UP * np.maximum(state.trail[0], descent.baseline)
        cause = f"the training loss is over {BLOWN_UP} times what it began at, and a constant prediction's"
        found.append(Verdict("diverged", cause, values["train_loss"] > highest))
    return found


def _out_of_bounds(descent: Descent, state: State, values: dict[str, Array]) -> list[Verdict]:
    if descent.bounds is None or "train_loss" not in values or not state.trail:
        return []
    out = np.abs(state.parameters).max(axis=1) > descent.bounds
    uphill = values["train_loss"] > state.trail[0]
    return [
        Verdict("diverged", "the path left its bounds uphill", out & uphill),
        Verdict("left", "the path left its bounds downhill", out & ~uphill),
    ]


def _good_enough(descent: Descent, state: State, values: dict[str, Array]) -> list[Verdict]:
    stop, found = descent.stop, []
    if stop.loss is not None:
        reached = criterion(values) <= stop.loss
        found.append(Verdict("converged", f"the loss reached {stop.loss:g}", reached))
    if stop.tolerance is not None and state.step > 0:
        change = np.abs(values["train_loss"] - state.epoch_loss)
        still = change <= stop.tolerance * np.abs(state.epoch_loss)
        found.append(Verdict("converged", f"an epoch changed the training loss by less than {stop.tolerance:g}", still))
    if stop.patience is not None:
        waited = state.step - state.best_step >= stop.patience * descent.objective.per_epoch
        found.append(Verdict("stopped", f"no lower loss for {stop.patience} epochs", waited))
    return found


def criterion(values: dict[str, Array]) -> Array:
    """The loss that decides on stopping: validation, or training where there is none."""
    return values["validation_loss" if "validation_loss" in values else "train_loss"]


def still_rising(trail: list[Array]) -> Mask:
    """Whether the last recorded loss is above the first, the last quarter's mean above all of the quarter before.

    Above its mean would be every other run that hovers at a floor of noise.
    """
    losses = np.array(trail)
    quarter = max(1, len(losses) // 4)
    if len(losses) < 2:
        return np.zeros(losses.shape[1], bool)
    last, before = np.ascontiguousarray(losses[-quarter:].T), np.ascontiguousarray(losses[-2 * quarter : -quarter].T)
    rising: Mask = np.array([a.mean() > b.max() for a, b in zip(last, before, strict=True)], bool)
    return np.asarray((losses[-1] > losses[0]) & rising)
