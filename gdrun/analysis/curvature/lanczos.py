"""The ends of a Hessian's spectrum from its products: for one point by ARPACK, for a stack of runs all at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gdrun.analysis.curvature.hessian import Hessian, Landscape
from gdrun.descent.parts import Array

TOLERANCE = 1e-7
"""Of an eigenvalue, relative; ARPACK's own."""
MOST_PRODUCTS = 400
SHARPNESS_TOLERANCE = 1e-4
"""Of a run's sharpness, relative: the error of a symmetric matrix's eigenvalue is less than its residual."""
SHARPNESS_PRODUCTS = 60


def largest_eigenvalue(times: Callable[[Array], Array], size: int, products: int = MOST_PRODUCTS) -> float | None:
    """The largest eigenvalue of a symmetric matrix (size, size) given by its products; None if it was not found."""
    return _extreme(times, size, "LA", products)


def smallest_eigenvalue(times: Callable[[Array], Array], size: int, products: int = MOST_PRODUCTS) -> float | None:
    """The smallest, negative ones first; None if it was not found, as happens where many are close to 0."""
    return _extreme(times, size, "SA", products)


def _extreme(times: Callable[[Array], Array], size: int, which: str, products: int) -> float | None:
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    if size < 3:  # ARPACK wants more dimensions than eigenvalues
        values = np.linalg.eigvalsh(np.array([times(row) for row in np.eye(size)]))
        return float(values[-1 if which == "LA" else 0])
    kept = min(size, 30)
    matrix = LinearOperator((size, size), matvec=times, dtype=np.float64)
    try:
        found = eigsh(
            matrix,
            k=1,
            which=which,
            v0=first_vector(size),
            ncv=kept,
            maxiter=max(1, products // kept),
            tol=TOLERANCE,
            return_eigenvectors=False,
        )
    except ArpackNoConvergence:
        return None
    return float(found[0])


def first_vector(size: int) -> Array:
    """Where iterations begin: a direction (size,) that is the same every time and has a part in every eigenvector."""
    return np.random.default_rng(0).normal(size=size)


@dataclass(frozen=True)
class Sharpness:
    """The largest Hessian eigenvalue of each run (R,), NaN where there is none, and its eigenvector (R, P)."""

    values: Array
    vectors: Array


def sharpness(
    objective: Landscape, parameters: Array, vectors: Array | None = None, tolerance: float = SHARPNESS_TOLERANCE
) -> Sharpness:
    """The largest eigenvalue of each run's Hessian at its parameters (R, P), by Lanczos iterations of all runs at once.

    `vectors` (R, P), those of an earlier call, let it begin close by. A run's bits do not depend on its neighbours.
    """
    runs, size = parameters.shape
    hessian = Hessian(objective, parameters)
    start = np.tile(first_vector(size), (runs, 1)) if vectors is None else np.array(vectors, np.float64)
    start = np.where(np.isfinite(start).all(axis=1, keepdims=True), start, first_vector(size))
    krylov = Krylov(_unit(start), min(size, SHARPNESS_PRODUCTS))
    found = Sharpness(np.full(runs, np.nan), start)
    open_, finite = np.ones(runs, bool), np.isfinite(parameters).all(axis=1)
    for _ in range(krylov.most):
        krylov.extend(hessian.times(krylov.last))
        values, ritz, residuals = krylov.largest()
        known = open_ & np.isfinite(values)
        found.values[known] = values[known]
        found.vectors[known] = krylov.combined(ritz)[known]
        open_ &= finite & np.isfinite(values) & (residuals > tolerance * np.abs(values))
        if not open_.any():
            break
    found.values[~finite] = np.nan
    return found


def _unit(vectors: Array) -> Array:
    """Each vector (R, P) at length 1; those of no length stay."""
    length = np.sqrt(np.vecdot(vectors, vectors))[:, None]
    return np.asarray(vectors / np.where(length > 0, length, 1))


@dataclass
class Krylov:
    """Orthonormal vectors (R, k, P) of growing Krylov spaces, and the tridiagonal matrices (R, k, k) in them."""

    start: Array
    most: int
    count: int = 0
    basis: Array = field(init=False)
    matrix: Array = field(init=False)

    def __post_init__(self) -> None:
        runs, size = self.start.shape
        self.basis = np.zeros((runs, self.most + 1, size))
        self.basis[:, 0] = self.start
        self.matrix = np.zeros((runs, self.most + 1, self.most + 1))

    @property
    def last(self) -> Array:
        """The vectors (R, P) to multiply next."""
        return np.ascontiguousarray(self.basis[:, self.count])

    def extend(self, product: Array) -> None:
        """Take in the products (R, P) of the last vectors."""
        k = self.count
        self.matrix[:, k, k] = np.vecdot(self.basis[:, k], product)
        known = self.basis[:, : k + 1]
        for _ in range(2):  # twice is enough (Parlett 1998, section 6.9)
            shares = np.matmul(known, product[:, :, None])
            product = product - np.matmul(known.swapaxes(1, 2), shares)[:, :, 0]
        length = np.sqrt(np.vecdot(product, product))
        self.basis[:, k + 1] = product / np.where(length > 0, length, np.inf)[:, None]
        self.matrix[:, k, k + 1] = self.matrix[:, k + 1, k] = length
        self.count += 1

    def largest(self) -> tuple[Array, Array, Array]:
        """Largest Ritz value (R,), its vector in the basis (R, k), and its residual (R,); NaN where it overflowed."""
        k = self.count
        matrix = self.matrix[:, :k, :k]
        sound = np.asarray(np.isfinite(self.matrix[:, : k + 1, : k + 1]).all(axis=(1, 2)))
        values, vectors = np.linalg.eigh(np.where(sound[:, None, None], matrix, 0))
        residuals = self.matrix[:, k - 1, k] * np.abs(vectors[:, -1, -1])
        return np.where(sound, values[:, -1], np.nan), vectors[:, :, -1], residuals

    def combined(self, weights: Array) -> Array:
        """The vectors (R, P) with these weights (R, k) in the basis."""
        return np.asarray(np.matmul(weights[:, None, :], self.basis[:, : weights.shape[1]])[:, 0])
