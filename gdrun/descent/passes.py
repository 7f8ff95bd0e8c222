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
        self.ones = self.with_ones[:, :, -1]
        self.wide_Z[:, :, -1], self.ones[...], self.wide_slopes[:, :, -1] = 1, 1, 0
        self.Z, self.slopes = self.wide_Z[:, :, :-1], self.wide_slopes[:, :, :-1]

    def activate(self) -> None:
        """A from Z."""
        self.activation.apply(self.wide_Z, self.with_ones)
        if not self.activation.keeps_one:
            self.ones[...] = 1

    def bend(self) -> None:
        """Slopes at A to slopes at Z; A is lost."""
        self.activation.backward(self.wide_Z, self.with_ones, self.wide_slopes)


class Buffers:
    """Room for what a network computes of R runs and B examples: its hidden units, and its outputs.

    The outputs lie in memory as (K, R, B): what is compared or summed within an example is rows above each other.
    """

    def __init__(
        self, network: Network, runs: int, rows: int, dtype: np.dtype[Any], block: Block | None = None
    ) -> None:
        *hidden, last = network.layers
        block = block or Block()
        self.layers, self.rows = network.layers, rows
        self.hidden = [Units(layer, runs, rows, dtype, block) for layer in hidden]
        self.bent = None if last.activation == "identity" else ACTIVATIONS[last.activation]
        self.Z = _outputs(runs, rows, last.k, dtype, block)
        self.A, self.outputs = self.Z, self.Z
        if self.bent is not None:
            self.A, self.outputs = (_outputs(runs, rows, last.k, dtype, block) for _ in range(2))


MANY_EXAMPLES = 64
"""From so many on, a product with weights that lie unit by unit takes longer than with a copy that does not."""


class Pass:
    """A forward pass through given weights, and a backward pass to the gradient: in each step the same few calls.

    Inputs are (S, 1, B, n + 1), each of the S for R/S neighbouring runs.
    """

    def __init__(self, buffers: Buffers, weights: Weights, gradient: Weights | None = None, groups: int = 1) -> None:
        self.buffers, self.weights, self.gradient = buffers, weights, gradient
        outs = [units.Z for units in buffers.hidden] + [buffers.Z]
        W = [
            np.empty(own.shape, own.dtype) if layer.unit_by_unit and buffers.rows >= MANY_EXAMPLES else own
            for layer, own in zip(buffers.layers, weights.W, strict=True)
        ]
        self.copies = [(copy, own) for copy, own in zip(W, weights.W, strict=True) if copy is not own]
        self.first = _grouped(W[0], groups), _grouped(outs[0], groups)
        self.later = list(zip(buffers.hidden, W[1:], outs[1:], strict=True))
        if gradient is not None:
            slopes = [units.slopes for units in buffers.hidden] + [buffers.outputs]
            self.lowest = _grouped(slopes[0], groups), _grouped(gradient.W[0], groups)
            self.higher = list(zip(buffers.hidden, slopes[1:], gradient.W[1:], weights.turned[1:], strict=True))[::-1]

    def forward(self, X: Array) -> Array:
        """Outputs (R, B, K), which the caller may overwrite with the loss's slopes."""
        for W, own in self.copies:
            W[...] = own
        W, Z = self.first
        np.matmul(X, W, out=Z)
        for units, W, Z in self.later:
            units.activate()
            np.matmul(units.with_ones, W, out=Z)
        buffers = self.buffers
        if buffers.bent is not None:
            buffers.bent.apply(buffers.Z, buffers.A)
            np.copyto(buffers.outputs, buffers.A)
        return buffers.outputs

    def backward(self, X: Array) -> None:
        """Write the gradient, after a forward pass whose outputs were overwritten with the loss's slopes."""
        buffers = self.buffers
        if buffers.bent is not None:
            buffers.bent.backward(buffers.Z, buffers.A, buffers.outputs)
        for units, slope, gradient, turned in self.higher:
            np.matmul(units.with_ones.mT, slope, out=gradient)
            spread(slope, turned, units.slopes)
            units.bend()
        slope, gradient = self.lowest
        np.matmul(X.mT, slope, out=gradient)


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


def _grouped(array: Array, groups: int) -> Array:
    """A view (S, R/S, …) of (R, …)."""
    return array.reshape(groups, -1, *array.shape[1:], copy=False)
