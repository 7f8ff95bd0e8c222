"""What of a descent decides whether its course can be predicted: its rates, its edge, its noise."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np

from gdrun.analysis.curvature import Curvature
from gdrun.analysis.prediction.quadratic import rule_of
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective, Objective
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent

EdgeKind: TypeAlias = Literal["exact", "bound", "alike", "local"]
"""Of a rate: the largest stable one; one below which all are stable; that of a quadratic of such curvature; that at
the start."""


def rates_of(descent: Descent) -> Array:
    """The learning rate of every step of one run, (T,); those of `plateau` as if the loss never got stuck."""
    steps = np.arange(descent.steps)
    in_steps = descent.schedule.unit == "steps"
    per_epoch = 1 if in_steps else descent.objective.per_epoch
    times, lr = (steps // per_epoch).astype(np.float64)[None], descent.optimizer.lr.astype(np.float64)
    budget = np.full((1, 1), descent.steps / per_epoch)
    return np.asarray(descent.schedule.rate(lr, times, budget, descent.schedule.state(1, lr.dtype))[0])


def stable_rate(curvature: Curvature, optimizer: Optimizer) -> float:
    """The largest stable constant rate of an optimizer that does not adapt rates, 2/L for others, decay included."""
    rule = rule_of(optimizer)
    if rule is None:
        return curvature.stable_rate
    met = curvature.decayed(rule.weight_decay)
    return met.nesterov_rate(rule.momentum) if rule.ahead else met.momentum_rate(rule.momentum)


def edge_kind(curvature: Curvature, optimizer: Optimizer) -> EdgeKind:
    """How `stable_rate` is known; below a bound on the curvature nothing is certain of a momentum."""
    if curvature.validity == "global":
        return "exact"
    rule = rule_of(optimizer)
    return "alike" if curvature.validity == "bound" and rule is not None and rule.momentum else curvature.validity


def is_noisy(objective: Objective) -> bool:
    """Whether a step sees anything but the exact gradient of the training loss."""
    if isinstance(objective, SurfaceObjective):
        return bool(np.any(objective.surface.noise))
    assert isinstance(objective, DataObjective)
    batches = objective.batches
    return batches.batch_size is not None and (batches.batch_size < batches.m or batches.replacement)
