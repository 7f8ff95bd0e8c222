"""Descents on bowls and small data, what is predicted of them and what they then do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gdrun.analysis.curvature import curvature
from gdrun.analysis.optimum import optimum
from gdrun.analysis.prediction import Prediction, predict
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent, Recording
from tests.cases import MODELS, SURFACES
from tests.descent.setups import FLOAT64, learning, surface, train

CASES = {case.name: case for case in MODELS}
BOWL = next(case for case in SURFACES if case.name == "quadratic-3")
BEGIN: Array = np.array([[1.0, 1.0, 1.0]])


def bowl(condition: float, noise: float = 0.0) -> SurfaceObjective:
    return surface(BOWL, [{"condition": condition, "noise": noise}], [0], FLOAT64)


def regression(**more: Any) -> DataObjective:
    return learning(CASES["linear"], m=40, **more)


def losses_of(descent: Descent, begin: Array, every: int = 1) -> Array:
    """The training loss after every step, or every so many."""
    recorded = replace(descent, recording=Recording(every, "steps"))
    return train(recorded, begin)[1].column(0, "train_loss")


def predicted(descent: Descent, begin: Array) -> Prediction:
    assert isinstance(descent.objective, DataObjective | SurfaceObjective)
    return predict(descent, begin[0], curvature(descent.objective, begin[0]), optimum(descent.objective, begin[0]))


def measured_steps(descent: Descent, begin: Array, lowest: float = 0.0, most: int = 100_000) -> int:
    """Steps until the excess loss is a hundredth of the start's; `most` of them are taken under a constant rate."""
    excess = losses_of(replace(descent, steps=min(descent.steps, most)), begin) - lowest
    return int(np.flatnonzero(excess <= 0.01 * excess[0])[0])
