"""Losses with kinks, and separable classes, as linear programs (SciPy's HiGHS)."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array

REACHED = 1e-6


def least_deviations(objective: DataObjective) -> Array | None:
    """Parameters (P,) with the least Σ|ŷ-y|: min Σ(u + v) with X w + u - v = y, u ≥ 0, v ≥ 0."""
    from scipy.sparse import eye, hstack

    X, y = objective.train.X, objective.train.Y[:, 0]
    m, P = X.shape
    costs = np.concatenate([np.zeros(P), np.ones(2 * m)])
    bounds = [(None, None)] * P + [(0, None)] * (2 * m)
    return _solved(P, c=costs, A_eq=hstack([X, eye(m), -eye(m)], "csr"), b_eq=y, bounds=bounds)


def least_hinge(objective: DataObjective) -> Array | None:
    """Parameters (P,) with the least hinge loss: min Σξ with every win + ξ ≥ 1, ξ ≥ 0."""
    from scipy.sparse import eye, hstack, kron

    rows, (m, rivals, size) = _wins_of(objective), _shape(objective)
    slack = kron(eye(m), np.ones((rivals, 1)))
    costs = np.concatenate([np.zeros(size), np.ones(m)])
    bounds = [(None, None)] * size + [(0, None)] * m
    return _solved(size, c=costs, A_ub=-hstack([rows, slack], "csr"), b_ub=-np.ones(m * rivals), bounds=bounds)


def separating_direction(objective: DataObjective) -> Array | None:
    """A direction (P,) along which no example's win shrinks and some grow; None if there is none.

    With one, cross-entropy has no minimum (Albert & Anderson 1984): max Σt with win ≥ t, 0 ≤ t ≤ 1 finds it.
    """
    from scipy.sparse import eye, hstack

    rows, (m, rivals, size) = _wins_of(objective), _shape(objective)
    n = m * rivals
    costs = np.concatenate([np.zeros(size), -np.ones(n)])
    bounds = [(None, None)] * size + [(0, 1)] * n
    found = _solved(size, c=costs, A_ub=hstack([-rows, eye(n)], "csr"), b_ub=np.zeros(n), bounds=bounds)
    return None if found is None or float((rows @ found).max()) < REACHED else found


def wins(objective: DataObjective, parameters: Array) -> Array:
    """By how much each example's right class is ahead of each other one, (m · (K - 1),), with parameters (P,)."""
    X, labels = objective.train.X, objective.train.labels
    outputs = X @ objective.network.weights(parameters[None])[0][0]
    assert labels is not None
    if outputs.shape[1] == 1:
        return np.asarray(outputs[:, 0] * (2 * labels - 1))
    ahead = np.take_along_axis(outputs, labels[:, None], axis=1) - outputs
    return np.asarray(ahead[np.arange(outputs.shape[1]) != labels[:, None]])


def _shape(objective: DataObjective) -> tuple[int, int, int]:
    """Examples m, rivals of each right class, parameters P."""
    outputs = objective.network.layers[-1].k
    return objective.train.m, max(outputs - 1, 1), objective.network.size


def _wins_of(objective: DataObjective) -> Any:
    """The sparse matrix (m · rivals, P) that takes parameters to `wins`."""
    from scipy.sparse import csr_array

    X, labels = objective.train.X, objective.train.labels
    m, rivals, size = _shape(objective)
    assert labels is not None
    if objective.network.layers[-1].k == 1:
        return csr_array(X * (2 * labels - 1)[:, None])
    K, features = rivals + 1, X.shape[1]
    others = np.tile(np.arange(K), (m, 1))[np.arange(K) != labels[:, None]]  # (m · rivals,)
    right, values = np.repeat(labels, rivals), np.repeat(X, rivals, axis=0)
    lines = np.repeat(np.arange(m * rivals), features)
    places = objective.network.weights(np.arange(size)[None])[0][0].T  # of each weight among the parameters
    plus, minus = places[right].ravel(), places[others].ravel()
    entries = np.concatenate([values.ravel(), -values.ravel()])
    where = np.concatenate([lines, lines]), np.concatenate([plus, minus])
    return csr_array((entries, where), shape=(m * rivals, size))


def _solved(size: int, **program: Any) -> Array | None:
    from scipy.optimize import linprog

    found = linprog(method="highs", **program)
    return np.asarray(found.x[:size]) if found.success else None
