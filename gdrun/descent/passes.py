"""The forward pass to the outputs and the backward pass to the gradient, for R runs and B examples at a time."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.network import Network
from gdrun.descent.parts import Array


class Weights:
    """Views of each layer's weights W (R, n + 1, k) in a flat (R, P) array, and of W without biases turned round."""

    def __init__(self, network: Network, flat: Array) -> None:
        self.flat = flat
        self.W = network.weights(flat)
        self.turned = [W[:, :-1].swapaxes(1, 2) for W in self.W]


class Pass:
    """Room for the passes: each layer's Z (R, B, k), its A = f(Z) with a column of ones, and its slopes."""

    def __init__(self, network: Network, runs: int, rows: int, dtype: np.dtype[Any]) -> None:
        shapes = [(runs, rows, layer.k) for layer in network.layers]
        self.activations = [ACTIVATIONS[layer.activation] for layer in network.layers]
        self.bends = network.layers[-1].activation != "identity"
        self.Z = [np.empty(shape, dtype) for shape in shapes]
        self.with_ones = [np.ones((runs, rows, layer.k + 1), dtype) for layer in network.layers]
        self.A = [A[:, :, :-1] for A in self.with_ones]
        self.turned = [A.swapaxes(1, 2) for A in self.with_ones]
        self.slopes = [np.empty(shape, dtype) for shape in shapes]

    def forward(self, weights: Weights, X: Array) -> Array:
        """Outputs (R, B, K) for inputs (S, B, n + 1), which the caller may overwrite with the loss's slopes.

        Each of the S inputs goes to R/S neighbouring runs.
        """
        last = len(self.Z) - 1
        for i, (W, Z) in enumerate(zip(weights.W, self.Z, strict=True)):
            product(X, W, Z)
            if i < last:
                self.activations[i].apply(Z, self.A[i])
                X = self.with_ones[i]
        if not self.bends:
            return Z
        self.activations[last].apply(Z, self.A[last])
        np.copyto(self.slopes[last], self.A[last])
        return self.slopes[last]

    def backward(self, weights: Weights, gradient: Weights, X: Array, slope: Array) -> None:
        """Write the gradient for the slopes (R, B, K) of the loss at the outputs, after a forward pass."""
        last = len(self.Z) - 1
        if self.bends:
            self.activations[last].backward(self.Z[last], self.A[last], slope)
        for i in range(last, 0, -1):
            np.matmul(self.turned[i - 1], slope, out=gradient.W[i])
            np.matmul(slope, weights.turned[i], out=self.slopes[i - 1])
            slope = self.slopes[i - 1]
            self.activations[i - 1].backward(self.Z[i - 1], self.A[i - 1], slope)
        product(X.swapaxes(1, 2), slope, gradient.W[0])


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
