"""Layers of units, and where their weights lie and begin.

All parameters of a run lie in one row of a flat (R, P) array; a layer's weights are a view into it, (R, n + 1, k),
whose last row is the bias: inputs carry a column of ones, so a product gives X W + b, and its transpose both gradients.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from numpy.random import Generator

from gdrun.descent.parts import Array
from gdrun.descent.streams import Stream, generator


@dataclass(frozen=True)
class Layer:
    """k units with n inputs each."""

    n: int
    k: int
    activation: str = "identity"

    @property
    def size(self) -> int:
        """Number of parameters, biases included."""
        return (self.n + 1) * self.k


@dataclass(frozen=True)
class Network:
    """A chain of layers; the last one's outputs go to the loss."""

    layers: tuple[Layer, ...]

    @cached_property
    def size(self) -> int:
        """P, the number of parameters."""
        return sum(layer.size for layer in self.layers)

    @cached_property
    def width(self) -> int:
        """Numbers held per example in a pass."""
        return self.layers[0].n + 1 + sum(3 * layer.k + 1 for layer in self.layers)

    @property
    def threshold(self) -> float:
        """The single output above which an example is told to be of the second class: of a logit, or of a unit."""
        return 0.0 if self.layers[-1].activation == "identity" else 0.5

    def weights(self, parameters: Array) -> list[Array]:
        """Each layer's weights (R, n + 1, k) as views into the parameters (R, P)."""
        views, start = [], 0
        for layer in self.layers:
            flat = parameters[:, start : start + layer.size]
            views.append(flat.reshape(len(parameters), layer.n + 1, layer.k))
            start += layer.size
        return views

    def initial(self, kind: str, scale: float | None, seed: int) -> Array:
        """Starting parameters (P,) of one run: weights by the named rule, biases 0."""
        drawn = []
        for i, layer in enumerate(self.layers):
            weights = _initial(layer, kind, scale, generator(seed, Stream.WEIGHTS, i))
            drawn += [weights.ravel(), np.zeros(layer.k)]
        return np.concatenate(drawn)

    def named(self, parameters: Array) -> dict[str, Array]:
        """One run's parameters (P,) by layer: `weights_1` (n, k), `biases_1` (k,), `weights_2`, …"""
        names: dict[str, Array] = {}
        for i, W in enumerate(self.weights(parameters[None]), 1):
            names |= {f"weights_{i}": W[0, :-1], f"biases_{i}": W[0, -1]}
        return names


def _initial(layer: Layer, kind: str, scale: float | None, rng: Generator) -> Array:
    shape = (layer.n, layer.k)
    if kind == "zeros":
        return np.zeros(shape)
    if kind == "normal":
        return rng.normal(0, 0.01 if scale is None else scale, shape)
    if kind == "xavier":  # Glorot & Bengio 2010, equation 16
        limit = sqrt(6 / (layer.n + layer.k))
        return rng.uniform(-limit, limit, shape)
    return rng.normal(0, sqrt(2 / layer.n), shape)  # He et al. 2015, equation 10
