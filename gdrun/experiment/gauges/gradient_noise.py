"""How much the gradients of single examples differ."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent, State


@dataclass(frozen=True)
class GradientNoise:
    """Measured every so many epochs."""

    every: int

    def read(self, descent: Descent, state: State, gradient: Array) -> dict[str, Array]:
        """`gradient_noise` σ² (R,), the trace of the covariance of single examples' gradients; a surface's own noise.

        The gradient of a batch of b of m examples has the variance σ²/b, without replacement · (m - b)/(m - 1).
        """
        objective, parameters = descent.objective, state.parameters
        if isinstance(objective, SurfaceObjective):
            each = np.square(objective.surface.noise) * np.ones((len(parameters), 1))
            return {"gradient_noise": each[:, 0] * parameters.shape[1]}
        from gdrun.analysis.curvature import noise_scale

        assert isinstance(objective, DataObjective)
        runs = np.arange(len(parameters))
        found = [noise_scale(objective.select(runs[run : run + 1]), parameters[run]).variance for run in runs]
        return {"gradient_noise": np.array(found)}
