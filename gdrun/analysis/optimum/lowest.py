"""The lowest training loss there is: in closed form, by a solver, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gdrun.analysis.curvature.gram import is_linear, is_quadratic, penalty_of, weight_of
from gdrun.analysis.curvature.hessian import Landscape, whole
from gdrun.analysis.curvature.spectrum import passes_for
from gdrun.analysis.optimum.linear_programs import least_deviations, least_hinge, separating_direction, wins
from gdrun.analysis.optimum.smooth import FOUND, descended, polished
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.losses import MAE, CrossEntropy, Hinge
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.surfaces import Quadratic

WIDE_MARGIN = 8.0
"""Only an example that wins by more than this, e⁻⁸ from certain, can be one whose loss falls for ever."""
LARGEST_PROGRAM = 2e6
"""Entries of the largest linear program that is solved."""


@dataclass(frozen=True)
class Optimum:
    """The lowest loss and where it is reached (P,); or the reason why they are not known."""

    loss: float | None
    parameters: Array | None
    gradient_norm: float | None
    """Length of the slope there; None at a kink too."""
    reason: str = ""

    @property
    def exists(self) -> bool:
        """Whether there is one and it was found."""
        return self.loss is not None


def _unknown(reason: str) -> Optimum:
    return Optimum(None, None, None, reason)


NOT_CONVEX = _unknown("the loss of this model is not convex: its lowest value is not known")
SEPARABLE = _unknown("the classes can be separated: the loss falls for ever as the weights grow, there is no minimum")
PARTLY_SEPARABLE = _unknown(
    "some examples can be told apart for certain: the loss falls for ever as the weights grow, there is no minimum"
)
UNDECIDED = _unknown("some weights grow for very long: whether there is a minimum would take too long to decide")
PENALISED_KINKS = _unknown("there is no solver here for this loss with an L2 penalty")
OVERFLOWS = _unknown("the loss overflows")
BOTTOMLESS = _unknown("this surface goes down without end")


def optimum(objective: Landscape, start: Array | None = None) -> Optimum:
    """The lowest training loss, L2 penalty included, of one run.

    Where many parameters reach it, those nearest to the start (P,), or to 0: where descent from there would end.
    """
    exact = whole(objective)
    with np.errstate(all="ignore"):
        if isinstance(exact, SurfaceObjective):
            return _of_a_surface(exact, start)
        if not is_linear(exact):
            return NOT_CONVEX
        if isinstance(exact.loss, MAE | Hinge):
            return _kinked(exact)
        begin = np.zeros(exact.network.size)
        if start is not None and np.isfinite(slope_length(exact, start)):
            begin = np.array(start, np.float64)
        return _described(exact, least_squares(exact, begin)) if is_quadratic(exact.loss) else _smooth(exact, begin)


def passes(objective: Landscape) -> float:
    """About how many passes over the training set, forwards and backwards, finding the optimum takes as long as."""
    if isinstance(objective, SurfaceObjective) or not is_linear(objective):
        return 0
    m, P = (int(size) for size in objective.train.X.shape)
    if is_quadratic(objective.loss):
        return min(m, P) + 10
    if isinstance(objective.loss, MAE | Hinge):
        return 100 + 100 * P * objective.network.layers[-1].k
    return 300 + 3 * passes_for(objective, objective.network.size)


def least_squares(objective: DataObjective, start: Array) -> Array:
    """The parameters (P,) nearest to the start that have the least sum of squares, penalty included."""
    X, share, l2 = objective.train.X, weight_of(objective), penalty_of(objective)
    m, P = X.shape
    residuals = objective.train.Y[:, 0] - X @ start
    if l2 > 0:  # rows √l2 wᵢ against 0, in units in which an example's row counts 1
        root = np.sqrt(l2 / share)
        X = np.vstack([X, root * np.eye(P)[:-1]])
        residuals = np.append(residuals, -root * start[:-1])
    step = np.linalg.lstsq(X, residuals, rcond=max(m, P) * np.finfo(np.float64).eps)[0]
    return np.asarray(start + step)


def _of_a_surface(objective: SurfaceObjective, start: Array | None) -> Optimum:
    surface = objective.surface
    n = len(surface.start_of({"start": None})) if start is None else len(start)
    points = surface.minima(n)
    if not points and isinstance(surface, Quadratic) and np.linalg.eigvalsh(np.array(surface.matrix))[0] >= 0:
        points = [(0.0,) * n]
    if not points:
        return BOTTOMLESS
    return _described(objective, np.array(points[0]))


def _described(objective: Landscape, parameters: Array) -> Optimum:
    slope = np.empty((1, len(parameters)))
    loss = objective.loss_and_gradient(parameters[None].copy(), 0, slope)
    if not (np.isfinite(loss).all() and np.isfinite(slope).all()):
        return OVERFLOWS
    return Optimum(float(loss[0, 0]), parameters, float(np.linalg.norm(slope)))


def _kinked(objective: DataObjective) -> Optimum:
    if objective.penalised:
        return PENALISED_KINKS
    solved = least_deviations(objective) if isinstance(objective.loss, MAE) else least_hinge(objective)
    if solved is None:
        return _unknown("the linear program's solver failed")
    return replace(_described(objective, solved), gradient_norm=None)


def _smooth(objective: DataObjective, start: Array) -> Optimum:
    """Of a loss that is smooth and convex: L-BFGS, and Newton steps unless the classes turn out to be separable."""
    may_separate = isinstance(objective.loss, CrossEntropy) and not objective.penalised
    solved = descended(objective, start, lambda point: may_separate and bool(wins(objective, point).min() > 0))
    if may_separate:
        ahead = wins(objective, solved)
        if ahead.min() > 0:
            return SEPARABLE
        if ahead.max() > WIDE_MARGIN:
            if ahead.size * objective.network.size > LARGEST_PROGRAM:
                return UNDECIDED
            if separating_direction(objective) is not None:
                return PARTLY_SEPARABLE
    found = _described(objective, polished(objective, solved))
    if found.gradient_norm is None:
        return OVERFLOWS
    if found.gradient_norm > FOUND * max(1.0, slope_length(objective, start)):
        return _unknown(f"not found: the solver stopped where the slope is still {found.gradient_norm:.1e}")
    return found


def slope_length(objective: DataObjective, point: Array) -> float:
    """|∇f| at a point (P,); infinite where it overflows."""
    norm = _described(objective, point).gradient_norm
    return np.inf if norm is None else norm
