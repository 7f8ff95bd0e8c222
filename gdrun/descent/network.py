"""Layers of units, and where their weights lie and begin.

All parameters of a run lie in one row of a flat (R, P) array; a layer's weights are a view into it, (R, n + 1, k),
whose last row is the bias: inputs carry a column of ones, so a product gives X W + b, and its transpose both gradients.
A layer of few units with many inputs has them unit by unit in memory: BLAS is up to a quarter faster so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import sqrt
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from gdrun.descent.parts import Array
from gdrun.descent.streams import Stream, generator

FEW_UNITS, MANY_INPUTS = 16, 32
"""Fewer units than the one, and at least as many inputs as the other."""


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

    @property
    def unit_by_unit(self) -> bool:
        """Whether the weights lie as (k, n + 1) in memory."""
        return 1 < self.k < FEW_UNITS and self.n >= MANY_INPUTS


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

    def weights(self, parameters: NDArray[Any]) -> list[NDArray[Any]]:
        """Each layer's weights (R, n + 1, k) as views into the parameters (R, P)."""
        views, start = [], 0
        for layer in self.layers:
            flat = parameters[:, start : start + layer.size]
            if layer.unit_by_unit:
                views.append(flat.reshape(-1, layer.k, layer.n + 1).mT)
            else:
                views.append(flat.reshape(-1, layer.n + 1, layer.k))
            start += layer.size
        return views

    def flat(self, weights: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Parameters (P,) of one run from each layer's weights (n + 1, k)."""
        parameters: NDArray[Any] = np.empty(self.size, np.result_type(*weights))
        for place, W in zip(self.weights(parameters[None]), weights, strict=True):
            place[0] = W
        return parameters

    def initial(self, kind: str, scale: float | None, seed: int) -> Array:
        """Starting parameters (P,) of one run: weights by the named rule, biases 0."""
        drawn = (
            _initial(layer, kind, scale, generator(seed, Stream.WEIGHTS, i)) for i, layer in enumerate(self.layers)
        )
        return self.flat([np.vstack([weights, np.zeros(weights.shape[1])]) for weights in drawn])

    def named(self, parameters: Array) -> dict[str, Array]:
        """One run's parameters (P,) by layer: `weights_1` (n, k), `biases_1` (k,), `weights_2`, …"""
        names: dict[str, Array] = {}
        for i, W in enumerate(self.weights(parameters[None]), 1):
            names |= {f"weights_{i}": W[0, :-1], f"biases_{i}": W[0, -1]}
        return names

    def unnamed(self, names: Mapping[str, Array]) -> Array:
        """The parameters (P,) that `named` takes apart. Raises KeyError and ValueError where they are others."""
        layers = range(1, len(self.layers) + 1)
        return self.flat([np.vstack([names[f"weights_{i}"], names[f"biases_{i}"]]) for i in layers])

    def listed(self, numbers: Sequence[float]) -> Array:
        """The parameters (P,) from a list: of each layer the weights input by input, then the biases."""
        ends = np.cumsum([layer.size for layer in self.layers])
        parts = np.split(np.array(numbers), ends[:-1])
        return self.flat([part.reshape(-1, layer.k) for part, layer in zip(parts, self.layers, strict=True)])


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
