"""The Hessian's largest eigenvalue along the way, beside the curvature 2/lr that plain gradient descent can stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdrun.descent.examples import chunks
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent, State

ROOM = 1 << 22
"""Numbers in the Krylov spaces of the runs that are measured together."""
VECTORS = 61


@dataclass(frozen=True)
class Sharpness:
    """Measured every so many epochs or steps, from the same first vector: a run that was resumed has the same bits."""

    every: int

    def read(self, descent: Descent, state: State, gradient: Array) -> dict[str, Array]:
        """`sharpness` (R,), NaN where the loss is not finite, and `stability_limit`, 2/lr of the step before (R,)."""
        from gdrun.analysis.curvature import sharpness

        objective, parameters = descent.objective, state.parameters
        assert isinstance(objective, DataObjective | SurfaceObjective)
        together = max(1, ROOM // (VECTORS * parameters.shape[1]))
        found = [
            sharpness(objective.select(np.arange(part.start, part.stop)), parameters[part]).values
            for part in chunks(len(parameters), together)
        ]
        return {"sharpness": np.concatenate(found), "stability_limit": 2 / state.rate[:, 0]}
