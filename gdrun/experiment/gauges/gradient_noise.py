"""How much the gradients of single examples differ, and how far that of a batch is from that of all."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.room import Room
from gdrun.descent.state import Descent, State
from gdrun.descent.sums import inner


@dataclass(frozen=True)
class GradientNoise:
    """Measured every so many epochs or steps."""

    every: int

    def read(self, descent: Descent, state: State, gradient: Array) -> dict[str, Array]:
        """`gradient_noise` σ² (R,), the trace of the covariance of single examples' gradients; a surface's own noise.

        `batch_noise` (R,) is the squared distance of the coming batch's gradient from that of all m examples: for
        batches of b it is σ²/b in the mean, without replacement σ²/b · (m - b)/(m - 1).
        """
        strayed = _strayed(descent, state)
        noise = {"batch_noise": inner(strayed, strayed)[:, 0]}
        objective, parameters = descent.objective, state.parameters
        if isinstance(objective, SurfaceObjective):
            each = np.square(objective.surface.noise) * np.ones((len(parameters), 1))
            return {"gradient_noise": each[:, 0] * parameters.shape[1], **noise}
        from gdrun.analysis.curvature import noise_scale

        assert isinstance(objective, DataObjective)
        runs = np.arange(len(parameters))
        found = [noise_scale(objective.select(runs[run : run + 1]), parameters[run]).variance for run in runs]
        return {"gradient_noise": np.array(found), **noise}


def _strayed(descent: Descent, state: State) -> Array:
    """The gradient (R, P) of the coming batch less that of all examples, of a mean loss and without the penalty."""
    from gdrun.analysis.curvature.hessian import whole

    objective = descent.objective
    assert isinstance(objective, DataObjective | SurfaceObjective)
    share, whole_share = 1.0, 1.0
    if isinstance(objective, DataObjective):
        objective = replace(objective, l2=np.zeros_like(objective.l2), room=Room())
        if not objective.loss.averaged:
            whole_share = 1 / objective.train.m
            share = 1 / objective.batches.size(state.step)
    of_batch = np.empty_like(state.parameters)
    of_all = np.empty(state.parameters.shape)
    objective.loss_and_gradient(state.parameters, state.step, of_batch)
    whole(objective).loss_and_gradient(state.parameters.astype(np.float64), 0, of_all)
    return of_batch * share - of_all * whole_share
