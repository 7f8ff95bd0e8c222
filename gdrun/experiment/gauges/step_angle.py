"""At which angle a step leaves the contour line on which it starts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent, State
from gdrun.descent.sums import inner


@dataclass(frozen=True)
class StepAngle:
    """Measured every so many epochs or steps: of the coming step, on the loss of all training examples."""

    every: int

    def read(self, descent: Descent, state: State, gradient: Array) -> dict[str, Array]:
        """`step_angle` (R,) in degrees: 90 straight down, 0 along the contour, below 0 uphill; NaN without a slope."""
        from gdrun.analysis.curvature.hessian import whole

        assert isinstance(descent.objective, DataObjective | SurfaceObjective)
        remembered = {name: values.copy() for name, values in state.optimizer.items()}
        scratch = np.empty_like(gradient)
        scaled = descent.optimizer.heading(state.parameters, gradient.copy(), remembered, scratch)
        heading = descent.optimizer.unscaled(scaled).astype(np.float64)
        slope = np.empty_like(heading)
        whole(descent.objective).loss_and_gradient(state.parameters.astype(np.float64), 0, slope)
        lengths = np.sqrt(inner(heading, heading) * inner(slope, slope))
        steepness = np.clip(inner(heading, slope) / lengths, -1, 1)
        return {"step_angle": np.degrees(np.arcsin(steepness))[:, 0]}
