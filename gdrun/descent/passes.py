"""The forward pass to the outputs and the backward pass to the gradient, for R runs and B examples at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.memory import Block
from gdrun.descent.network import Layer, Network
from gdrun.descent.parts import Array


class Weights:
    """Views of each layer's weights W (R, n + 1, k) in a flat (R, P) array, and of W without biases turned round."""

    def __init__(self, network: Network, flat: Array) -> None:
        self.flat = flat
        self.W = network.weights(flat)
        self.turned = [W[:, :-1].mT for W in self.W]


class Units:
    """Room for a hidden layer: Z, A = f(Z) and slopes, (R, B, k), each with one more column beside it in memory.

    That column is ones in A, the next layer's input, and elsewhere only there so that f goes through all at once.
    """

    def __init__(self, layer: Layer, runs: int, rows: int, dtype: np.dtype[Any], block: Block) -> None:
        shape = (runs, rows, layer.k + 1)
        self.activation = ACTIVATIONS[layer.activation]
        self.with_ones = block.empty(shape, dtype)
        self.wide_Z = block.empty(shape, dtype) if self.activation.from_input else self.with_ones
        self.wide_slopes = block.empty(shape, dtype)
        self.wide_Z[:, :, -1], self.wide_slopes[:, :, -1] = 1, 0
        self.Z, self.slopes = self.wide_Z[:, :, :-1], self.wide_slopes[:, :, :-1]

    def activate(self) -> None:
        """A from Z."""
        self.activation.apply(self.wide_Z, self.with_ones)
        self.with_ones[:, :, -1] = 1

    def bend(self) -> None:
        """Slopes at A to slopes at Z; A is lost."""
        self.activation.backward(self.wide_Z, self.with_ones, self.wide_slopes)


class Pass:
    """Room for the passes of a network: its hidden units, and its outputs.

    The outputs lie in memory as (K, R, B): what is compared or summed within an example is rows above each other.
    """

    def __init__(
        self, network: Network, runs: int, rows: int, dtype: np.dtype[Any], block: Block | None = None
    ) -> None:
        *hidden, last = network.layers
        block = block or Block()
        self.hidden = [Units(layer, runs, rows, dtype, block) for layer in hidden]
        self.bent = None if last.activation == "identity" else ACTIVATIONS[last.activation]
        self.Z, self.A, self.slopes = (_outputs(runs, rows, last.k, dtype, block) for _ in range(3))

    def forward(self, weights: Weights, X: Array) -> Array:
        """Outputs (R, B, K) for inputs (S, B, n + 1), which the caller may overwrite with the loss's slopes.

        Each of the S inputs goes to R/S neighbouring runs.
        """
        for units, W in zip(self.hidden, weights.W, strict=False):
            product(X, W, units.Z)
            units.activate()
            X = units.with_ones
        product(X, weights.W[-1], self.Z)
        if self.bent is None:
            return self.Z
        self.bent.apply(self.Z, self.A)
        np.copyto(self.slopes, self.A)
        return self.slopes

    def backward(self, weights: Weights, gradient: Weights, X: Array, slope: Array) -> None:
        """Write the gradient for the slopes (R, B, K) of the loss at the outputs, after a forward pass."""
        if self.bent is not None:
            self.bent.backward(self.Z, self.A, slope)
        for i in range(len(self.hidden), 0, -1):
            below = self.hidden[i - 1]
            np.matmul(below.with_ones.mT, slope, out=gradient.W[i])
            spread(slope, weights.turned[i], below.slopes)
            below.bend()
            slope = below.slopes
        product(X.mT, slope, gradient.W[0])


def _outputs(runs: int, rows: int, k: int, dtype: np.dtype[Any], block: Block) -> Array:
    """Room (R, B, K). The outputs of a single example lie beside each other: apart they would be R numbers apart, and
    BLAS goes other ways, with other bits, about numbers that are 1 apart.
    """
    if rows == 1:
        return block.empty((runs, 1, k), dtype)
    return block.empty((k, runs, rows), dtype).transpose(1, 2, 0)


def spread(slope: Array, turned: Array, out: Array) -> None:
    """Slopes at a layer's outputs (R, B, k) to those at its inputs (R, B, n), through its weights (R, k, n)."""
    if slope.shape[2] == 1:  # one product each, for which BLAS would take six times as long
        np.multiply(slope, turned, out=out)
    else:
        np.matmul(slope, turned, out=out)


def product(shared: Array, own: Array, out: Array) -> None:
    """Each run's product of what its group shares (S, a, b) and its own (R, b, c), into (R, a, c)."""
    groups = len(shared)
    if 1 < groups < len(own):
        shared, own, out = (
            shared[:, None],
            own.reshape(groups, -1, *own.shape[1:]),
            out.reshape(groups, -1, *out.shape[1:]),
        )
    np.matmul(shared, own, out=out)
