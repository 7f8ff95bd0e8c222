"""Hessians of models on data, exact to rounding, from gradients written out here and complex steps (Squire & Trapp)."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array

Complex: TypeAlias = NDArray[Any]
H = 1e-30


def exact_hessian(objective: DataObjective, point: Array, delta: float = 0.7) -> Array:
    """The Hessian (P, P) of one run's training loss at (P,), its l2 included."""
    columns = [gradient(objective, point + 1j * H * unit, delta).imag / H for unit in np.eye(len(point))]
    return np.array(columns).T


def gradient(objective: DataObjective, point: Complex, delta: float) -> Complex:
    """The gradient (P,) of the training loss at complex parameters."""
    X, Y, l2 = objective.train.X.astype(float), objective.train.Y.astype(float), float(objective.l2[0, 0])
    A: Complex = X[:, :-1].astype(complex)
    inputs, sums = [], []
    layers, weights = objective.network.layers, [W[0] for W in objective.network.weights(point[None])]
    for layer, W in zip(layers, weights, strict=True):
        inputs.append(A)
        sums.append(A @ W[:-1] + W[-1])
        A = activation(layer.activation, sums[-1])[0]
    slope = loss_slope(objective.loss.kind, A, Y, delta) / (1 if objective.loss.kind == "sum_squares" else len(X))
    parts: list[Complex] = []
    for layer, W, A, Z in reversed(list(zip(layers, weights, inputs, sums, strict=True))):
        slope = slope * activation(layer.activation, Z)[1]
        parts = [np.vstack([A.T @ slope + l2 * W[:-1], slope.sum(axis=0)]), *parts]
        slope = slope @ W[:-1].T
    return objective.network.flat(parts)


def activation(name: str, Z: Complex) -> tuple[Complex, Complex]:
    """f(Z) and f'(Z)."""
    if name == "sigmoid":
        p = 1 / (1 + np.exp(-Z))
        return p, p * (1 - p)
    if name == "tanh":
        return np.tanh(Z), 1 - np.tanh(Z) ** 2
    if name == "relu":
        return Z * (Z.real > 0), (Z.real > 0).astype(complex)
    if name == "softplus":
        return np.log(1 + np.exp(Z)), 1 / (1 + np.exp(-Z))
    assert name == "identity"
    return Z, np.ones_like(Z)


def loss_slope(kind: str, Z: Complex, Y: Array, delta: float) -> Complex:
    """Each example's ∂loss/∂output (m, K)."""
    error = Z - Y
    if kind in ("half_mse", "sum_squares"):
        return np.asarray(error)
    if kind == "mse":
        return np.asarray(2 * error)
    if kind == "mae":
        return np.sign(error.real).astype(complex)
    if kind == "huber":
        return np.where(np.abs(error.real) <= delta, error, delta * np.sign(error.real))
    if kind == "cross_entropy":
        powers = np.exp(Z - Z.real.max(axis=1, keepdims=True))
        p = 1 / (1 + np.exp(-Z)) if Z.shape[1] == 1 else powers / powers.sum(axis=1, keepdims=True)
        return np.asarray(p - Y)
    assert kind == "hinge"  # straight pieces: only where they meet does the slope change
    if Z.shape[1] == 1:
        sign = 2 * Y - 1
        return np.where(1 - sign * Z.real > 0, -sign, 0).astype(complex)
    rival = (Z.real + 1 - Y).argmax(axis=1)
    return np.asarray(np.eye(Z.shape[1])[rival] - Y)
