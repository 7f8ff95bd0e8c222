"""What can be known of a run before its first step: curvature, exact optimum, noise, and what they predict."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from time import perf_counter

import numpy as np

from gdrun.analysis.curvature import Curvature, NoiseScale, curvature, noise_scale, passes
from gdrun.analysis.curvature.hessian import Landscape, whole
from gdrun.analysis.optimum import Optimum, optimum
from gdrun.analysis.optimum import passes as optimum_passes
from gdrun.analysis.prediction import Prediction, predict
from gdrun.analysis.prediction.suggested_rates import Range, suggested
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import data_objective, initial, stack, surface_objective
from gdrun.experiment.training import one_thread

NOISE_PASSES = 20
"""About what the gradients of single examples take."""
TRIALS = 4
"""Of how long a pass takes; the shortest counts, as a busy machine makes others longer."""


@dataclass(frozen=True)
class Ground:
    """What is known of the loss around a run's start; what is None was skipped, or is not there."""

    curvature: Curvature | None
    optimum: Optimum | None
    noise: NoiseScale | None
    notes: tuple[str, ...]
    """Why something was left out."""


@dataclass(frozen=True)
class Foresight(Ground):
    """What is known of one run at its start, and what it predicts."""

    prediction: Prediction | None
    rates: Range
    """Worth sweeping."""
    steps: int
    """Budget."""


def ground(problem: Problem, most_passes: float = inf) -> Ground:
    """Compute what takes no longer than so many passes over the training set, each."""
    objective, start, notes = landscape(problem), initial(problem), []
    known, lowest, noise = None, None, None
    with one_thread():
        try:
            known = curvature_within(most_passes, objective, start)
        except FloatingPointError as error:
            notes.append(f"no curvature: {error}")
        else:
            notes += [] if known else ["the curvature would take longer to compute than is worth it here"]
        if optimum_passes(objective) > most_passes:
            notes.append("the exact optimum would take longer to compute than is worth it here")
        else:
            lowest = optimum(objective, start)
        if isinstance(objective, DataObjective) and most_passes >= NOISE_PASSES:
            found = noise_scale(objective, start)
            noise = found if isfinite(found.variance + found.squared_gradient) else None
    return Ground(known, lowest, noise, tuple(notes))


def curvature_within(most_passes: float, objective: Landscape, point: Array) -> Curvature | None:
    """The curvature at a point (P,), or its largest eigenvalue alone, whichever so many passes allow; or neither."""
    for both_ends in (True, False):
        if passes(objective, len(point), both_ends) <= most_passes:
            return curvature(objective, point, both_ends)
    return None


def foresee(problem: Problem, most_passes: float = inf, on: Ground | None = None) -> Foresight:
    """What is predicted of a run, on ground that is computed here if it is not given."""
    on = on or ground(problem, most_passes)
    descent, parameters = stack([problem])
    prediction = predict(descent, parameters[0], on.curvature, on.optimum) if on.curvature else None
    rates = suggested(on.curvature, descent.optimizer)
    return Foresight(on.curvature, on.optimum, on.noise, on.notes, prediction, rates, descent.steps)


def landscape(problem: Problem) -> Landscape:
    """What a run descends on."""
    return data_objective([problem]) if problem.network else surface_objective([problem])


def affordable(problem: Problem, seconds: float) -> float:
    """How many passes over the training set, forwards and backwards, take about so long, by the time of one."""
    objective, point = landscape(problem), initial(problem)[None].astype(problem.config.dtype)
    exact_one, slope = whole(objective), np.empty(point.shape)
    spent = []
    with one_thread(), np.errstate(all="ignore"):
        for _ in range(TRIALS):  # the first one also makes room
            begin = perf_counter()
            exact_one.loss_and_gradient(point.astype(np.float64), 0, slope)
            spent.append(perf_counter() - begin)
    return seconds / max(min(spent), 1e-9)
