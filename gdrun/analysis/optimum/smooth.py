"""The minimum of a smooth convex loss to the last digits: L-BFGS, then Newton steps with Hessian-vector products."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gdrun.analysis.curvature.hessian import Hessian, dense_hessian
from gdrun.analysis.curvature.spectrum import is_dense
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array

FOUND = 1e-10
"""Length of the slope at a minimum, where it was not above 1 at the start."""
NEWTON_STEPS = 15
SHORTEST = 2.0**-12


def descended(objective: DataObjective, start: Array, enough: Callable[[Array], bool]) -> Array:
    """The parameters (P,) where L-BFGS ends, from the start (P,), or which are `enough`."""
    from scipy.optimize import minimize

    slope = np.empty((1, len(start)))

    def loss_and_slope(point: Array) -> tuple[float, Array]:
        loss = objective.loss_and_gradient(np.array(point)[None], 0, slope)
        return float(loss[0, 0]), slope[0].copy()

    def look(point: Array) -> None:
        if enough(point):
            raise StopIteration

    options = {"maxiter": 2000, "maxfun": 2500, "gtol": 1e-8, "ftol": 1e-15, "maxcor": 20}
    found = minimize(loss_and_slope, start, jac=True, method="L-BFGS-B", callback=look, options=options)
    return np.asarray(found.x)


def polished(objective: DataObjective, point: Array) -> Array:
    """Newton steps from a point (P,) while they shorten the slope: the loss's last digits would hide the minimum."""
    slope = _slope(objective, point)
    for _ in range(NEWTON_STEPS):
        length = np.linalg.norm(slope)
        if length <= FOUND / 100:
            break
        step, share = _newton_step(objective, point, slope), 1.0
        while share > SHORTEST:
            moved = point + share * step
            ahead = _slope(objective, moved)
            if np.linalg.norm(ahead) < length:
                break
            share /= 2
        else:
            break
        point, slope = moved, ahead
    return point


def _newton_step(objective: DataObjective, point: Array, slope: Array) -> Array:
    """-H⁺ ∇f: along directions without curvature there is no slope, and nothing moves."""
    from scipy.sparse.linalg import LinearOperator, minres

    if is_dense(objective, len(point)):
        return np.asarray(np.linalg.lstsq(dense_hessian(objective, point), -slope, rcond=1e-9)[0])
    hessian = Hessian(objective, point[None])
    size = len(point)
    matrix = LinearOperator((size, size), matvec=lambda v: hessian.times(v.reshape(1, -1))[0], dtype=np.float64)
    return np.asarray(minres(matrix, -slope, rtol=1e-6, maxiter=400)[0])


def _slope(objective: DataObjective, point: Array) -> Array:
    slope = np.empty((1, len(point)))
    objective.loss_and_gradient(point[None].copy(), 0, slope)
    return np.asarray(slope[0])
