"""What can be known of a run before its first step: curvature, exact optimum, noise, and what they predict."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from time import perf_counter

import numpy as np

from gdrun.analysis import optimum as exact
from gdrun.analysis.curvature import Curvature, NoiseScale, curvature, noise_scale, passes
from gdrun.analysis.curvature.hessian import whole
from gdrun.analysis.optimum import Optimum, optimum
from gdrun.analysis.prediction import Prediction, predict
from gdrun.analysis.suggestion import Range, suggested
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import data_objective, initial, stack, surface_objective

NOISE_PASSES = 20
"""About what the gradients of single examples take."""


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
    if passes(objective, len(start)) > most_passes:
        notes.append("the curvature would take longer to compute than is worth it here")
    else:
        try:
            known = curvature(objective, start)
        except FloatingPointError as error:
            notes.append(f"no curvature: {error}")
    if exact.passes(objective) > most_passes:
        notes.append("the exact optimum would take longer to compute than is worth it here")
    else:
        lowest = optimum(objective, start)
    if isinstance(objective, DataObjective) and most_passes >= NOISE_PASSES:
        noise = noise_scale(objective, start)
    return Ground(known, lowest, noise, tuple(notes))


def foresee(problem: Problem, most_passes: float = inf, on: Ground | None = None) -> Foresight:
    """What is predicted of a run, on ground that is computed here if it is not given."""
    on = on or ground(problem, most_passes)
    descent, parameters = stack([problem])
    prediction = predict(descent, parameters[0], on.curvature, on.optimum) if on.curvature else None
    rates = suggested(on.curvature, descent.optimizer)
    return Foresight(on.curvature, on.optimum, on.noise, on.notes, prediction, rates, descent.steps)


def landscape(problem: Problem) -> DataObjective | SurfaceObjective:
    """What a run descends on."""
    return data_objective([problem]) if problem.network else surface_objective([problem])


def affordable(problem: Problem, seconds: float) -> float:
    """How many passes over the training set, forwards and backwards, take about so long, by the time of one."""
    objective, point = landscape(problem), initial(problem)[None].astype(problem.config.dtype)
    exact_one, slope = whole(objective), np.empty(point.shape)
    spent = []
    with np.errstate(all="ignore"):
        for _ in range(2):  # the first one also makes room
            begin = perf_counter()
            exact_one.loss_and_gradient(point.astype(np.float64), 0, slope)
            spent.append(perf_counter() - begin)
    return seconds / max(min(spent), 1e-9)


def training_passes(problem: Problem) -> float:
    """How many passes over the training set the run itself makes."""
    descent, _ = stack([problem])
    examples = descent.objective.examples(descent.steps)
    return examples / (problem.train.m if problem.train else 1)
