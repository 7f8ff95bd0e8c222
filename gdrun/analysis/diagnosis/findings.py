"""What happened in a run, told from its records alone; every finding with the numbers that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import log, sqrt
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdrun.analysis.diagnosis.history import History
from gdrun.descent.parts import Array

Code: TypeAlias = Literal["diverged", "converged", "hovered", "oscillated", "crept", "overfitted", "ended_too_soon"]

THERE = 0.01
"""Share of the first excess loss at which a run has arrived."""
HIGH = 0.05
"""A floor of noise so much above the minimum, or a validation loss above its lowest, relative to it, is worth a
word."""
FEW = 8
"""Fewer records than this show no pattern."""


@dataclass(frozen=True)
class Finding:
    """Something that is true of a run."""

    code: Code
    text: str
    numbers: Mapping[str, float] = field(default_factory=dict)

    @property
    def trouble(self) -> bool:
        """Whether one would wish it otherwise."""
        return self.code != "converged"


def findings(of: History) -> list[Finding]:
    """What is true of a run, the most important first."""
    if of.status == "diverged":
        return [diverged(of)]
    course = (look(of) for look in (ended_too_soon, hovered, converged, oscillated, crept))
    first = next((finding for finding in course if finding), None)  # each rules out those after it
    return [finding for finding in (first, overfitted(of)) if finding]


def diverged(of: History) -> Finding:
    """Since when the loss grew, and by which factor each step."""
    loss, step = of.train_loss, of.step
    finite = np.flatnonzero(np.isfinite(loss))
    last = int(finite[-1]) if len(finite) else 0
    since = last
    while since > 0 and loss[since - 1] < loss[since]:
        since -= 1
    begin = int(step[since])
    if since == last or loss[since] <= 0:
        return Finding("diverged", f"it diverged by step {int(step[-1])}, at once", {"step": float(step[-1])})
    middle = (since + last) // 2  # at first other directions still shrink
    factor = float((loss[last] / loss[middle]) ** (1 / (step[last] - step[middle])))
    text = (
        f"it diverged: from step {begin} the loss grew, at the end by the factor {factor:.4g} a step"
        f" (the distance by {sqrt(factor):.4g}), from {loss[since]:.4g} to {loss[last]:.4g} at step {int(step[last])}"
    )
    return Finding("diverged", text, {"step": begin, "factor": factor, "distance_factor": sqrt(factor)})


def converged(of: History) -> Finding | None:
    """Whether it has come down, and no longer moves."""
    loss = of.train_loss
    fallen = loss[0] - loss[-1]
    if of.excess is not None:
        share = float(of.excess[-1] / of.excess[0]) if of.excess[0] > 0 else 0.0
        if share > THERE:
            return None
        text = f"it converged: {share:.2g} of the first excess loss is left, {of.excess[-1]:.3g} above the minimum"
        return Finding("converged", text, {"share": share, "excess": float(of.excess[-1])})
    quarter = loss[-max(2, len(loss) // 4) :]
    moved = float(quarter.max() - quarter.min())
    if len(loss) < FEW or fallen <= 0 or moved > THERE * fallen:
        return None
    text = f"it converged: in the last quarter the loss moved by {moved:.2g}, after it had fallen by {fallen:.3g}"
    return Finding("converged", text, {"moved": moved, "fallen": float(fallen)})


def hovered(of: History) -> Finding | None:
    """Whether noise keeps it at a level: up as often as down, and no lower in the end."""
    half = of.last_half
    if not of.noisy or not _to_and_fro(half) or not _level(half):
        return None
    level, spread = float(half.mean()), float(half.std())
    if not _matters(of, level, spread):
        return None
    numbers = {"level": level, "spread": spread}
    text = f"it hovered at a training loss of {level:.4g} ± {spread:.2g} in the second half: a floor of noise"
    if of.lowest is not None:
        numbers["floor"] = level - of.lowest
        text += f", {level - of.lowest:.3g} above the minimum"
    if level > of.train_loss[0]:
        text += f", and above the {of.train_loss[0]:.4g} that it began with"
    return Finding("hovered", text, numbers)


def _matters(of: History, level: float, spread: float) -> bool:
    """Whether the floor is well above the minimum, or the jitter well visible where that is not known."""
    if of.lowest is None:
        return spread > HIGH / 2 * abs(level)
    floor = level - of.lowest
    return floor > THERE * (of.train_loss[0] - of.lowest) or floor > HIGH * abs(of.lowest) > 0


def oscillated(of: History) -> Finding | None:
    """Whether the loss of full gradients goes up and down: steps that overshoot."""
    half = of.last_half
    if of.noisy or not _to_and_fro(half):
        return None
    changes = np.diff(half)
    rises = int((changes > 0).sum())
    text = f"it oscillated: the loss rose {rises} of {len(changes)} times in the second half, without any noise"
    return Finding("oscillated", text, {"rises": rises, "of": len(changes), "largest": float(changes.max())})


def crept(of: History) -> Finding | None:
    """Whether it was still on its way down when the budget ended."""
    loss = of.train_loss
    if len(loss) < FEW or of.status in ("converged", "stopped"):
        return None
    at = len(loss) - 1 - len(loss) // 4
    late, whole = float(loss[at] - loss[-1]), float(loss[0] - loss[-1])
    steps = float(of.step[-1] - of.step[at])
    least = 0 if of.excess is not None else 0.02 * whole  # who has not arrived creeps, however slowly
    if whole <= 0 or late <= least or _to_and_fro(loss[at:]):
        return None
    text = f"it crept: in the last quarter the loss still fell by {late:.3g}, {late / whole:.0%} of its whole fall"
    numbers = {"late": late, "share": late / whole}
    if of.excess is not None and of.excess[-1] > 0:
        pace = log(of.excess[at] / of.excess[-1]) / steps
        numbers["more_steps"] = log(of.excess[-1] / (THERE * of.excess[0])) / pace
        text += f"; at this pace it takes {numbers['more_steps']:,.0f} more steps to 1 % of the first excess loss"
    return Finding("crept", text, numbers)


def overfitted(of: History) -> Finding | None:
    """Whether the validation loss rose for good while the training loss went on falling."""
    validation, train = of.validation_loss, of.train_loss
    if len(validation) < FEW or not np.isfinite(validation).all():
        return None
    best = int(validation.argmin())
    risen, fallen = float(validation[-3:].mean() - validation[best]), float(train[best] - train[-3:].mean())
    gained = float(validation[0] - validation[best])
    least = HIGH * gained
    if fallen > train[best] / 2:  # it learns the examples by heart: less of a rise tells
        least = min(least, max(HIGH * validation[best], THERE * gained))
    if best > len(validation) - 4 or risen <= max(least, 1e-4 * abs(validation[best])) or fallen <= 0:
        return None
    after = np.diff(validation[best:])
    if risen <= 2 * float(after.std()):  # no more than the jitter
        return None
    epoch = float(of.epoch[best])
    text = (
        f"it overfitted from epoch {epoch:g}: from there the validation loss rose from {validation[best]:.4g}"
        f" to {validation[-1]:.4g}, while the training loss fell from {train[best]:.4g} to {train[-1]:.4g}"
    )
    return Finding("overfitted", text, {"epoch": epoch, "risen": risen, "fallen": fallen})


def ended_too_soon(of: History) -> Finding | None:
    """Whether the learning rate was all but gone while the loss was still falling fast."""
    rates, loss, step = of.lr, of.train_loss, of.step
    peak = float(np.nanmax(rates)) if np.isfinite(rates).any() else 0.0
    small = np.flatnonzero(rates < 0.02 * peak)
    at = int(small[0]) if len(small) else 0
    if at < 4 or len(loss) - at < 3 or not (rates[at:] < 0.02 * peak).all():
        return None
    before = (loss[at // 2] - loss[at]) / (step[at] - step[at // 2])
    after = (loss[at] - loss[-1]) / (step[-1] - step[at])
    missed = float(before * (step[-1] - step[at]))
    arrived = of.excess is not None and of.excess[-1] <= THERE * of.excess[0]
    if arrived or missed <= 0.02 * (loss[0] - loss[-1]) or after > 0.2 * before:
        return None
    text = (
        f"the schedule ended too soon: by step {int(step[at])} lr was below 2 % of its peak {peak:.3g}, while the loss"
        f" still fell by {before:.2g} a step; from there to step {int(step[-1])} by {after:.2g}"
    )
    return Finding("ended_too_soon", text, {"step": float(step[at]), "before": float(before), "after": float(after)})


def _to_and_fro(loss: Array) -> bool:
    """Whether the loss rises in at least a quarter of its changes, by more than rounding."""
    changes: NDArray[Any] = np.diff(loss)
    rounding = 1e-12 * float(np.abs(loss).max(initial=0))
    return len(changes) >= 4 and float((changes > rounding).mean()) >= 0.25


def _level(loss: Array) -> bool:
    """Whether the second half is lower than the first by less than the jitter."""
    middle = len(loss) // 2
    return bool(loss[:middle].mean() - loss[middle:].mean() < loss.std())
