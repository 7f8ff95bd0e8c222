"""What can be known of a run before its first step: curvature, exact optimum, noise, and what they predict."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from gdrun.analysis import optimum as exact
from gdrun.analysis.curvature import Curvature, NoiseScale, curvature, noise_scale, passes
from gdrun.analysis.optimum import Optimum, optimum
from gdrun.analysis.prediction import Prediction, predict
from gdrun.analysis.suggestion import Range, suggested
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import stack


@dataclass(frozen=True)
class Foresight:
    """What is known of one run at its start; what is None was skipped, or is not there."""

    curvature: Curvature | None
    optimum: Optimum | None
    noise: NoiseScale | None
    prediction: Prediction | None
    rates: Range
    """Worth sweeping."""
    notes: tuple[str, ...]
    """Why something was left out."""


def foresee(problem: Problem, most_passes: float = inf) -> Foresight:
    """Compute what takes no longer than so many passes over the training set, each."""
    descent, parameters = stack([problem])
    objective, start, notes = descent.objective, parameters[0], []
    assert isinstance(objective, DataObjective | SurfaceObjective)
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
    if isinstance(objective, DataObjective):
        noise = noise_scale(objective, start)
    prediction = predict(descent, start, known, lowest) if known else None
    return Foresight(known, lowest, noise, prediction, suggested(known, descent.optimizer), tuple(notes))


def training_passes(problem: Problem) -> float:
    """How many passes over the training set the run itself makes."""
    descent, _ = stack([problem])
    examples = descent.objective.examples(descent.steps)
    return examples / (problem.train.m if problem.train else 1)
