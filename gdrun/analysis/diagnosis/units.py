"""The state of a network's hidden units on its training set: dead, saturated, and how long each layer's gradient is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdrun.analysis.curvature.hessian import whole_training
from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.examples import chunks
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.passes import Buffers, Pass, Weights

FLAT = 0.01
"""Of an activation's steepest slope: less counts as saturated."""


@dataclass(frozen=True)
class LayerState:
    """One layer of a network at some parameters."""

    number: int
    """From 1, the outputs' layer last."""
    units: int
    activation: str
    dead: float
    """Share of the units that have slope 0 on every example."""
    saturated: float
    """Share of all examples and units at which the slope is below FLAT of the steepest; of relu, that is off."""
    gradient: float
    """Root mean square of the training loss's gradient over the layer's parameters."""

    @property
    def saturates(self) -> bool:
        """Whether its activation flattens out on both sides."""
        return self.activation in ("tanh", "sigmoid")


def layer_states(objective: DataObjective, parameters: Array) -> list[LayerState]:
    """Every layer at one run's parameters (P,)."""
    exact, point = whole_training(objective), np.array(parameters, np.float64)[None]
    slope = np.empty_like(point)
    with np.errstate(all="ignore"):
        exact.loss_and_gradient(point, 0, slope)
        used, flat = _slopes(exact, point)
    gradients = exact.network.weights(slope)
    last = len(gradients) - 1
    return [
        LayerState(
            number=i + 1,
            units=layer.k,
            activation=layer.activation,
            dead=0.0 if i == last else float(np.mean(~used[i])),
            saturated=0.0 if i == last else float(flat[i] / (layer.k * exact.train.m)),
            gradient=float(np.sqrt(np.mean(gradients[i] ** 2))),
        )
        for i, layer in enumerate(exact.network.layers)
    ]


def _slopes(exact: DataObjective, point: Array) -> tuple[list[NDArray[np.bool_]], list[float]]:
    """By hidden layer: which units have a slope on some example (k,), and at how many places it is flat."""
    hidden = exact.network.layers[:-1]
    weights = Weights(exact.network, point)
    used, flat = [np.zeros(layer.k, bool) for layer in hidden], [0.0] * len(hidden)
    for rows in chunks(exact.train.m, exact.chunk):
        room = Buffers(exact.network, 1, rows.stop - rows.start, point.dtype)
        Pass(room, weights).forward(exact.train.X[None, None, rows])
        for i, layer in enumerate(hidden):
            room.hidden[i].slopes[:] = 1
            room.hidden[i].bend()
            slopes = room.hidden[i].slopes
            used[i] |= (slopes[0] != 0).any(axis=0)
            flat[i] += float((np.abs(slopes) < FLAT * _steepest(layer.activation)).sum())
    return used, flat


def _steepest(activation: str) -> float:
    Z = np.linspace(-4, 4, 801)
    A, slopes = np.empty_like(Z), np.ones_like(Z)
    ACTIVATIONS[activation].apply(Z, A)
    ACTIVATIONS[activation].backward(Z, A, slopes)
    return float(slopes.max())
