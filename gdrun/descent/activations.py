"""Activation functions: a new one is one pair of functions and a row in ACTIVATIONS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import pi, sqrt

import numpy as np

from gdrun.descent.parts import Array

LEAK = 0.01


@dataclass(frozen=True)
class Activation:
    """`apply(Z, out)` writes A = f(Z), over Z if that is `out`; `backward(Z, A, slope)` multiplies `slope` by f'(Z).

    Unless it is `from_input`, f' is told from A alone, and Z may be lost. Z and A may be overwritten.
    """

    summary: str
    apply: Callable[[Array, Array], None]
    backward: Callable[[Array, Array, Array], None]
    initial: str = "xavier"
    """Initial weights that suit it."""
    from_input: bool = False

    @cached_property
    def keeps_one(self) -> bool:
        """Whether a 1 stays 1 in A, through f and the way back: a column of ones is then written once."""
        one, after = np.ones(1), np.ones(1)
        self.apply(np.ones(1), one)
        self.apply(np.ones(1), after)
        self.backward(np.ones(1), after, np.zeros(1))
        return bool(one[0] == after[0] == 1)


def _identity(Z: Array, out: Array) -> None:
    np.copyto(out, Z)


def _identity_backward(Z: Array, A: Array, slope: Array) -> None:
    pass  # f' is 1


def _sigmoid(Z: Array, out: Array) -> None:
    np.negative(Z, out=out)
    np.exp(out, out=out)
    out += 1
    np.reciprocal(out, out=out)


def _sigmoid_backward(Z: Array, A: Array, slope: Array) -> None:
    slope *= A
    np.subtract(1, A, out=A)
    slope *= A


def _tanh(Z: Array, out: Array) -> None:
    np.tanh(Z, out=out)


def _tanh_backward(Z: Array, A: Array, slope: Array) -> None:
    A *= A
    np.subtract(1, A, out=A)
    slope *= A


def _relu(Z: Array, out: Array) -> None:
    np.maximum(Z, 0, out=out)


def _relu_backward(Z: Array, A: Array, slope: Array) -> None:
    np.copyto(A, np.greater(A, 0))  # a product with booleans would turn them into numbers piece by piece
    slope *= A


def _leaky_relu(Z: Array, out: Array) -> None:
    np.maximum(Z, Z * LEAK, out=out)


def _leaky_relu_backward(Z: Array, A: Array, slope: Array) -> None:
    np.greater(A, 0, out=A)
    np.maximum(A, LEAK, out=A)
    slope *= A


def _elu(Z: Array, out: Array) -> None:
    positive = np.maximum(Z, 0)
    np.minimum(Z, 0, out=out)
    np.expm1(out, out=out)
    out += positive


def _elu_backward(Z: Array, A: Array, slope: Array) -> None:
    np.minimum(A, 0, out=A)
    A += 1
    slope *= A


def _gelu(Z: Array, out: Array) -> None:
    from scipy.special import erf

    share = Z * (1 / sqrt(2))
    erf(share, out=share)
    share += 1
    np.multiply(Z, share, out=out)
    out *= 0.5


def _gelu_backward(Z: Array, A: Array, slope: Array) -> None:
    from scipy.special import erf

    density = np.exp(Z * Z * -0.5) * (1 / sqrt(2 * pi))
    slope *= (erf(Z * (1 / sqrt(2))) + 1) * 0.5 + Z * density


def _softplus(Z: Array, out: Array) -> None:
    positive = np.maximum(Z, 0)
    np.abs(Z, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    out += positive


def _softplus_backward(Z: Array, A: Array, slope: Array) -> None:
    np.negative(A, out=A)
    np.expm1(A, out=A)
    slope *= A
    np.negative(slope, out=slope)


ACTIVATIONS = {
    "identity": Activation("z: the unit stays linear", _identity, _identity_backward),
    "sigmoid": Activation("1 / (1 + exp(-z)), between 0 and 1", _sigmoid, _sigmoid_backward),
    "tanh": Activation("between -1 and 1", _tanh, _tanh_backward),
    "relu": Activation("max(z, 0)", _relu, _relu_backward, initial="he"),
    "leaky_relu": Activation("z, or 0.01 z where z < 0", _leaky_relu, _leaky_relu_backward, initial="he"),
    "elu": Activation("z, or exp(z) - 1 where z < 0 (Clevert et al. 2016)", _elu, _elu_backward, initial="he"),
    "gelu": Activation("z Φ(z), exact (Hendrycks & Gimpel 2016)", _gelu, _gelu_backward, initial="he", from_input=True),
    "softplus": Activation("log(1 + exp(z)), a smooth relu", _softplus, _softplus_backward),
}
