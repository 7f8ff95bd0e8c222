"""The eigenvalues of the Hessian at a point: all of them where that is worth it, else the two ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdrun.analysis.curvature.hessian import Hessian, Landscape, dense_hessian
from gdrun.analysis.curvature.lanczos import largest_eigenvalue, smallest_eigenvalue
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array

DENSE = 1000
DENSE_WORK = 1e10
"""With so many parameters at most, and multiplications, the whole Hessian is computed."""
FLAT = 1e-8
"""An eigenvalue that was found by differences is 0 if it is smaller than this share of the largest."""


USUAL_PASSES = 400
LARGEST_PASSES = 120
"""Of Lanczos iterations for both ends, and for the largest eigenvalue alone; rarely, many times as many."""


@dataclass(frozen=True)
class Whole:
    """All eigenvalues (n,), ascending, with their vectors (P, n)."""

    eigenvalues: Array
    vectors: Array
    flat: NDArray[np.bool_]
    """Which of them are 0 but for rounding."""


@dataclass(frozen=True)
class Spectrum:
    """The ends of the eigenvalues at a point, `smallest` None where it was not found; all of them where computed."""

    largest: float
    smallest: float | None
    whole: Whole | None = None

    @property
    def mu(self) -> float | None:
        """The smallest eigenvalue that is not 0, if none is negative."""
        if self.whole is None:
            return self.smallest if self.smallest is not None and self.smallest > FLAT * self.largest else None
        curved = self.whole.eigenvalues[~self.whole.flat]
        return float(curved[0]) if len(curved) and curved[0] > 0 else None

    @property
    def flat(self) -> int | None:
        """Number of eigenvalues that are 0; None where it is not known."""
        if self.whole is None:
            return None if self.mu is None else 0
        return int(self.whole.flat.sum())


def spectrum_of(eigenvalues: Array, vectors: Array, noise: float = FLAT) -> Spectrum:
    """The spectrum with these eigenvalues (n,) and vectors (P, n); those below a share of the largest are 0."""
    check_finite(eigenvalues)
    order = np.argsort(eigenvalues)
    ascending = eigenvalues[order]
    flat = np.abs(ascending) <= noise * np.abs(ascending).max()
    return Spectrum(float(ascending[-1]), float(ascending[0]), Whole(ascending, vectors[:, order], flat))


def spectrum_at(objective: Landscape, point: Array, both_ends: bool = True) -> Spectrum:
    """The spectrum at a point (P,), or its largest eigenvalue alone.

    Raises FloatingPointError where the loss or its slope is not finite.
    """
    if both_ends and is_dense(objective, len(point)):
        H = dense_hessian(objective, point)
        check_finite(H)
        return spectrum_of(*np.linalg.eigh(H))
    hessian = Hessian(objective, point[None])
    check_finite(hessian.slopes)

    def times(vector: Array) -> Array:
        product = np.asarray(hessian.times(vector.reshape(1, -1))[0])
        check_finite(product)
        return product

    largest = largest_eigenvalue(times, len(point))
    smallest = smallest_eigenvalue(times, len(point)) if both_ends else None
    return Spectrum(float(hessian.largest[0, 0]) if largest is None else largest, smallest)


def is_dense(objective: Landscape, parameters: int) -> bool:
    """Whether the whole Hessian is worth its P products."""
    examples = objective.train.m if isinstance(objective, DataObjective) else 1
    return parameters < 3 or (parameters <= DENSE and 12 * parameters**2 * examples <= DENSE_WORK)


def passes_for(objective: Landscape, parameters: int, both_ends: bool = True) -> int:
    """About how many passes over the training set, forwards and backwards, the spectrum takes, or its one end."""
    if not both_ends:
        return LARGEST_PASSES
    return 2 * parameters if is_dense(objective, parameters) else USUAL_PASSES


def check_finite(values: Array) -> None:
    """Raises FloatingPointError for slopes or curvatures that are not finite."""
    if not np.isfinite(values).all():
        raise FloatingPointError("the loss or its slope is not finite here: it has no curvature")
