"""The loss on a grid over a plane, and the levels at which it is told apart."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from gdrun.descent.parts import Array
from gdrun.experiment.training import one_thread
from gdrun.pictures.plane import Plane, extent, plane
from gdrun.pictures.tracks import Ground, cost, lasting
from gdrun.pictures.wish import Wish

FEWEST, USUAL = 30, 161
WORK = 4e10
"""Multiplications that a picture may take unless told otherwise."""
SECONDS = 2.0
"""What finding a convex loss's minimum may take."""
LEVELS = 22
RIM = 0.02
"""Share of a side."""
STEEP = 12.0
"""Highest above median height from which on levels lie closer near the bottom."""


@dataclass(frozen=True)
class Relief:
    """The loss over a part of a plane."""

    ground: Ground
    plane: Plane
    x: Array
    y: Array
    """(1,) where there is one parameter."""
    heights: Array
    """(y, x)"""
    minima: Array
    """Known ones that are in sight, (k, 2)."""
    projected: bool
    """Whether one of them lies off the plane."""

    @property
    def flat(self) -> bool:
        """Whether there is one parameter only."""
        return len(self.plane.basis) == 1

    @property
    def edges(self) -> tuple[Array, Array]:
        """Lowest and highest place (2,) at which a mark is seen whole."""
        low, high = np.array([self.x[0], self.y[0]]), np.array([self.x[-1], self.y[-1]])
        return low + RIM * (high - low), high - RIM * (high - low)


def relief(ground: Ground, wish: Wish, patience: float = 1.0) -> Relief:
    """The loss around all paths of a ground, evaluated as one stack, in a share of the usual time."""
    found, minima = plane(ground, wish.directions), known_minima(ground)
    low, high = extent(found, ground.tracks, _nearest(ground, minima), wish.directions)
    most = points(ground, patience)
    count = min(wish.points, most) if wish.points and patience < 1 else wish.points or most
    x = np.linspace(low[0], high[0], count if len(low) > 1 else 4 * count)
    y = np.linspace(low[1], high[1], count) if len(low) > 1 else np.zeros(1)
    places = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)[:, : len(low)]
    heights = ground.drawn_heights(found.points(places)).reshape(len(y), len(x))
    return Relief(ground, found, x, y, heights, *in_sight(found, minima, low, high))


def points(ground: Ground, patience: float = 1.0) -> int:
    """How many points a side has: as many as there is time for."""
    return min(USUAL, max(FEWEST, ceil(sqrt(patience * WORK / cost(ground.problem)))))


def known_minima(ground: Ground) -> Array:
    """The known minima, (k, P): all those of a surface, or where a convex loss is lowest; none elsewhere."""
    size = ground.problem.variables
    if ground.network is None:
        from gdrun.experiment.stack import surface_objective

        return np.array(surface_objective([ground.problem]).surface.minima(size)).reshape(-1, size)
    from gdrun.analysis.optimum import optimum, passes
    from gdrun.experiment.foresight.run import affordable, landscape
    from gdrun.experiment.stack import initial

    objective = landscape(ground.problem)
    if passes(objective) > affordable(ground.problem, SECONDS):
        return np.empty((0, size))
    with np.errstate(all="ignore"), one_thread():
        found = optimum(objective, initial(ground.problem)).parameters
    return np.empty((0, size)) if found is None else np.asarray(found[None])


def _nearest(ground: Ground, minima: Array) -> Array:
    """The minimum next to where the first path ends, to be in the picture whether it was reached or not."""
    away = np.linalg.norm(minima - lasting(ground.tracks)[0].points[-1], axis=1)
    return minima[away.argsort()[:1]] if len(minima) else minima


def in_sight(found: Plane, minima: Array, low: Array, high: Array) -> tuple[Array, bool]:
    """The minima (k, 2) that are shown; only the one of a convex loss is where it is off the plane."""
    if not len(minima):
        return minima, False
    places = found.coordinates(minima)
    off = np.linalg.norm(found.points(places) - minima, axis=1) > 1e-6
    shown = (places >= low).all(axis=1) & (places <= high).all(axis=1) & (~off | (len(minima) == 1))
    return np.asarray(places[shown]), bool(off[shown].any())


def levels(heights: Array) -> Array:
    """Where contours are drawn: evenly, or closer and closer to the bottom where the walls are steep."""
    finite = heights[np.isfinite(heights)]
    if not len(finite) or np.ptp(finite) == 0:
        centre = float(finite[0]) if len(finite) else 0.0
        return np.linspace(centre - 1, centre + 1, 3)
    bottom, top = float(finite.min()), float(finite.max())
    above = finite - bottom
    if top - bottom < STEEP * float(np.median(above)) and top - bottom < 50 * float(np.quantile(above, 0.05)):
        return np.linspace(bottom, top, LEVELS)
    lowest = max(float(np.quantile(above, 0.01)), 1e-5 * (top - bottom))
    return bottom + np.concatenate([[0.0], np.geomspace(lowest, top - bottom, LEVELS - 1)])
