"""What is known of a run beside its records: what was foreseen of it, its rate, and the rate that it can stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdrun.analysis.prediction.conditions import is_noisy, stable_rate
from gdrun.analysis.prediction.quadratic import rule_of
from gdrun.descent.objectives import DataObjective
from gdrun.descent.optimizers import Optimizer
from gdrun.experiment.explanation.ended import Ended
from gdrun.experiment.explanation.survey import Survey
from gdrun.experiment.foresight.run import Foresight, foresee
from gdrun.experiment.problem import Problem
from gdrun.experiment.stack import stack


@dataclass(frozen=True)
class Circumstances:
    """What is known of a run beside its records."""

    problem: Problem
    optimizer: Optimizer
    foresight: Foresight
    edge: float
    """The largest stable rate at the start, as far as it is known; infinite where it is not."""
    noisy: bool
    batch_size: int
    rate: float
    """The highest learning rate."""

    @property
    def adaptive(self) -> bool:
        """Whether the optimizer adapts the rate of each parameter."""
        return rule_of(self.optimizer) is None

    @property
    def usual_rate(self) -> float | None:
        """The rate that is established for an optimizer that adapts it."""
        declared = self.optimizer.declared["lr"]
        return None if declared.required else float(declared.default)

    @property
    def unstable(self) -> bool:
        """Whether the rate is above what the curvature lets an optimizer stand that does not adapt rates."""
        return self.rate > self.edge


def circumstances(run: Ended, survey: Survey) -> Circumstances:
    """What can be computed of a run's loss in the time of a survey."""
    problem = run.problem
    assert problem is not None
    seen = foresee(problem, on=survey.ground(problem))
    descent, _ = stack([problem])
    objective, size = descent.objective, 1
    if isinstance(objective, DataObjective):
        size = objective.batches.batch_size or objective.batches.m
    edge = _edge(seen, descent.optimizer)
    rate = max((record["lr"] for record in run.records if record.get("lr")), default=0.0)
    return Circumstances(problem, descent.optimizer, seen, edge, is_noisy(objective), size, rate)


def _edge(seen: Foresight, optimizer: Optimizer) -> float:
    """The largest stable rate as `edge_kind` has it; of a quadratic the predicted one, which counts a sum's batches."""
    if seen.curvature is None:
        return np.inf
    if seen.curvature.validity == "global" and seen.prediction and rule_of(optimizer):
        return seen.prediction.edge
    return stable_rate(seen.curvature, optimizer)
