"""Linear models: what is known of their losses without trying points, from the matrix XᵀX of their inputs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gdrun.analysis.curvature.hessian import Landscape
from gdrun.analysis.curvature.lanczos import largest_eigenvalue
from gdrun.descent.losses import MAE, MSE, CrossEntropy, HalfMSE, Hinge, Huber, Loss
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array

EXACT = 1000
"""Largest matrix whose whole spectrum is computed."""


@dataclass(frozen=True)
class Gram:
    """Eigenvalues (n,) of c XᵀX + l2 (I - e eᵀ), e the bias, ascending; columns of `vectors` (F + 1, n) go with them.

    Where there are fewer examples than features, all directions beside these n have the eigenvalue `beside`.
    """

    eigenvalues: Array
    vectors: Array
    beside: float | None

    @property
    def all(self) -> Array:
        """Every eigenvalue, that of the directions beside once."""
        return self.eigenvalues if self.beside is None else np.append(self.eigenvalues, self.beside)


def is_linear(objective: Landscape) -> bool:
    """Whether the outputs are linear in the parameters: every loss in gdrun is convex in the outputs."""
    if not isinstance(objective, DataObjective):
        return False
    layers = objective.network.layers
    return len(layers) == 1 and bool(layers[0].activation == "identity")


def is_quadratic(loss: Loss) -> bool:
    """Whether the loss is a square of the outputs."""
    return isinstance(loss, HalfMSE)


def bend(loss: Loss, outputs: int) -> float:
    """The most that an example's loss bends with its outputs, infinite at a kink.

    Cross-entropy: p (1 - p) ≤ 1/4 for two classes, diag(p) - p pᵀ ≤ 1/2 for more (Böhning 1992). Raises TypeError for
    a loss of which this is not known.
    """
    if isinstance(loss, CrossEntropy):
        return 0.25 if outputs == 1 else 0.5
    if isinstance(loss, MAE | Hinge):
        return float("inf")
    if isinstance(loss, MSE):
        return 2.0
    if isinstance(loss, HalfMSE | Huber):
        return 1.0
    raise TypeError(f"nothing is known of how {loss.kind} bends")


def weight_of(objective: DataObjective) -> float:
    """c: how much an example's part in XᵀX counts at most in the Hessian."""
    shared = objective.train.m if objective.loss.averaged else 1
    return bend(objective.loss, objective.network.layers[-1].k) / shared


def penalty_of(objective: DataObjective) -> float:
    """l2 of a single run."""
    return float(objective.l2[0, 0])


def is_small(objective: DataObjective) -> bool:
    """Whether the whole spectrum is worth computing."""
    m, P = objective.train.X.shape
    return bool(min(m + 1, P) <= EXACT)


def gram(objective: DataObjective) -> Gram:
    """The spectrum of c XᵀX + l2 (I - e eᵀ), by way of whichever of XᵀX and XXᵀ is the smaller."""
    X = objective.train.X.astype(np.float64, copy=False)
    c, l2, (m, P) = weight_of(objective), penalty_of(objective), X.shape
    if m + 1 >= P:
        H = c * (X.T @ X) + l2 * np.diag(_penalised(P))
        return Gram(*_eigh(H), None)
    basis = np.linalg.qr(np.column_stack([X.T, np.eye(P)[-1]]))[0]
    reduced = X @ basis
    H = c * (reduced.T @ reduced) + l2 * (np.eye(m + 1) - np.outer(basis[-1], basis[-1]))
    eigenvalues, vectors = _eigh(H)
    return Gram(eigenvalues, basis @ vectors, l2)


def largest_of_gram(objective: DataObjective) -> float:
    """The largest eigenvalue alone; an upper bound, the trace, in the unlikely case that it is not found."""
    X = objective.train.X.astype(np.float64, copy=False)
    c, l2, P = weight_of(objective), penalty_of(objective), X.shape[1]
    if is_small(objective):
        return float(gram(objective).all.max())
    found = largest_eigenvalue(lambda v: c * (X.T @ (X @ v)) + l2 * _penalised(P) * v, P)
    return c * float(np.vdot(X, X)) + l2 if found is None else found


def largest_of_an_example(objective: DataObjective) -> float:
    """The largest curvature that a batch of a single example can have, for a loss that is averaged over its batch."""
    X = objective.train.X.astype(np.float64, copy=False)
    return bend(objective.loss, objective.network.layers[-1].k) * float(np.vecdot(X, X).max()) + penalty_of(objective)


def _eigh(H: Array) -> tuple[Array, Array]:
    if not np.isfinite(H).all():
        raise FloatingPointError("the inputs' squares overflow: the loss has no curvature that can be told")
    eigenvalues, vectors = np.linalg.eigh(H)
    return eigenvalues, vectors


def _penalised(size: int) -> Array:
    """1 for each weight, 0 for the bias."""
    ones = np.ones(size)
    ones[-1] = 0
    return ones
