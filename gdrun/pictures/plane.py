"""The plane in which a loss of many parameters is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.network import Network
from gdrun.descent.parts import Array
from gdrun.pictures.tracks import Ground, Track, all_points, lasting

MARGIN = 0.2
SEED = 0
STILL = 1e-9
"""Share of the longest way from which on a parameter counts as moving."""


@dataclass(frozen=True)
class Plane:
    """A point of it (P,) and its directions (2, P); one direction only where there is one parameter."""

    origin: Array
    basis: Array
    names: tuple[str, ...]
    share: float | None = None
    """How much of the squared way of the lasting paths lies in it; None where the plane is all there is."""
    told: str = ""

    def coordinates(self, points: Array) -> Array:
        """The places (n, 2) in the plane next to some points (n, P)."""
        found: Array = np.linalg.lstsq(self.basis.T, (points - self.origin).T, rcond=None)[0].T
        return found

    def points(self, coordinates: Array) -> Array:
        """The points (n, P) at some places in the plane (n, 2)."""
        return np.asarray(self.origin + coordinates @ self.basis)


def plane(ground: Ground, directions: str) -> Plane:
    """The parameters themselves where they are one or two, or no others move, else the plane that is asked for."""
    size = ground.problem.variables
    if size <= 2:
        return Plane(np.zeros(size), np.eye(size), parameter_names(ground.network, size))
    tracks = lasting(ground.tracks)
    origin, ways = tracks[0].points[-1], all_points(tracks)
    movers = moving(ways)
    if len(movers) == 2 and directions != "random":
        names = parameter_names(ground.network, size)
        still = np.where(np.isin(np.arange(size), movers), 0.0, origin)
        return Plane(still, np.eye(size)[movers], tuple(names[i] for i in movers))
    if directions == "random":
        basis = random_directions(ground.network, origin)
        names, told = ("random direction 1", "random direction 2"), "two filter-normalised random directions"
    else:
        basis = main_directions(ways - origin)
        names, told = ("first main direction", "second main direction"), "the plane of the paths' main directions"
    return Plane(origin, basis, names, _share(ways - origin, basis), told)


def moving(points: Array) -> NDArray[np.intp]:
    """Which parameters differ by more than rounding errors among some points (n, P)."""
    ranges = np.ptp(points, axis=0)
    return np.flatnonzero(ranges > STILL * ranges.max())


def main_directions(away: Array) -> Array:
    """The two principal directions (2, P) of ways (n, P) from the origin; the largest part of each is positive."""
    padded = np.vstack([away, np.zeros((2, away.shape[1]))])
    _, _, directions = np.linalg.svd(padded, full_matrices=False)
    largest = np.abs(directions[:2]).argmax(axis=1)
    return np.asarray(directions[:2] * np.sign(directions[[0, 1], largest])[:, None])


def random_directions(network: Network | None, origin: Array) -> Array:
    """Two random directions (2, P), each unit's weights scaled to the norm of the unit's own, biases left (Li 2018)."""
    drawn = np.random.default_rng(SEED).normal(size=(2, len(origin)))
    if network is None:
        return np.asarray(drawn * np.linalg.norm(origin) / np.linalg.norm(drawn, axis=1, keepdims=True))
    own = network.weights(origin[None])
    for W, mine in zip(network.weights(drawn), own, strict=True):
        weights = W[:, :-1]
        weights *= np.linalg.norm(mine[:, :-1], axis=1, keepdims=True) / np.linalg.norm(weights, axis=1, keepdims=True)
        W[:, -1] = 0
    return drawn


def _share(away: Array, basis: Array) -> float:
    total = float(np.sum(away**2))
    in_plane = np.linalg.lstsq(basis.T, away.T, rcond=None)[0].T @ basis
    return float(np.sum(in_plane**2)) / total if total else 1.0


def extent(plane: Plane, tracks: Sequence[Track], more: Array, directions: str) -> tuple[Array, Array]:
    """The lowest and highest place (2,) of what is shown: all paths and some points (n, P) more, with a margin.

    Paths that diverge among others are followed as far beyond those as they are wide; on a curve height ends them.
    """
    points = np.concatenate([all_points(lasting(tracks)), *(track.points[:1] for track in tracks)])
    places = plane.coordinates(np.concatenate([points, more]) if len(more) else points)
    low, high = places.min(axis=0), places.max(axis=0)
    if directions == "random" and plane.share is not None:
        low, high = np.minimum(low, -1), np.maximum(high, 1)
    wide = (len(low) > 1 and float((high - low).max())) or np.inf
    near = np.clip(plane.coordinates(all_points(tracks)), low - wide, high + wide)
    low, high = np.minimum(low, near.min(axis=0)), np.maximum(high, near.max(axis=0))
    wide = max(float((high - low).max()), 1e-6)
    lacking = np.maximum(0, 0.4 * wide - (high - low)) / 2  # a path straight along one axis
    return low - lacking - MARGIN * wide, high + lacking + MARGIN * wide


def parameter_names(network: Network | None, size: int) -> tuple[str, ...]:
    """What the parameters are called."""
    if network is None:
        return ("x",) if size == 1 else tuple(f"x{subscript(i + 1)}" for i in range(size))
    if len(network.layers) > 1 or network.layers[0].k > 1:
        return tuple(f"parameter {i + 1}" for i in range(size))
    return ("weight", "bias") if size == 2 else (*(f"weight {i + 1}" for i in range(size - 1)), "bias")


def subscript(number: int) -> str:
    """A number in small figures below the line."""
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
