"""Activation functions: a new one is one pair of functions and a row in ACTIVATIONS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from gdrun.descent.parts import Array

LEAK = 0.01


@dataclass(frozen=True)
class Activation:
    """`apply(Z, out)` writes A = f(Z); `backward(Z, A, slope)` multiplies `slope` by f'(Z) and may overwrite Z."""

    summary: str
    apply: Callable[[Array, Array], None]
    backward: Callable[[Array, Array, Array], None]
    initial: str = "xavier"
    """Initial weights that suit it."""


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
    np.subtract(1, A, out=Z)
    Z *= A
    slope *= Z


def _tanh(Z: Array, out: Array) -> None:
    np.tanh(Z, out=out)


def _tanh_backward(Z: Array, A: Array, slope: Array) -> None:
    np.multiply(A, A, out=Z)
    np.subtract(1, Z, out=Z)
    slope *= Z


def _relu(Z: Array, out: Array) -> None:
    np.maximum(Z, 0, out=out)


def _relu_backward(Z: Array, A: Array, slope: Array) -> None:
    np.copyto(Z, np.greater(Z, 0))  # greater into floats would take twice as long
    slope *= Z


def _leaky_relu(Z: Array, out: Array) -> None:
    np.multiply(Z, LEAK, out=out)
    np.maximum(Z, out, out=out)


def _leaky_relu_backward(Z: Array, A: Array, slope: Array) -> None:
    np.greater(Z, 0, out=Z)
    np.maximum(Z, LEAK, out=Z)
    slope *= Z


def _elu(Z: Array, out: Array) -> None:
    np.minimum(Z, 0, out=out)
    np.expm1(out, out=out)
    out += np.maximum(Z, 0)


def _elu_backward(Z: Array, A: Array, slope: Array) -> None:
    np.minimum(A, 0, out=Z)
    Z += 1
    slope *= Z


def _gelu(Z: Array, out: Array) -> None:
    from scipy.special import erf

    np.multiply(Z, 1 / sqrt(2), out=out)
    erf(out, out=out)
    out += 1
    out *= Z
    out *= 0.5


def _gelu_backward(Z: Array, A: Array, slope: Array) -> None:
    from scipy.special import erf

    density = np.exp(Z * Z * -0.5) * (1 / sqrt(2 * pi))
    slope *= (erf(Z * (1 / sqrt(2))) + 1) * 0.5 + Z * density


def _softplus(Z: Array, out: Array) -> None:
    np.abs(Z, out=out)
    np.negative(out, out=out)
    np.exp(out, out=out)
    np.log1p(out, out=out)
    out += np.maximum(Z, 0)


def _softplus_backward(Z: Array, A: Array, slope: Array) -> None:
    np.negative(A, out=Z)
    np.expm1(Z, out=Z)
    slope *= Z
    np.negative(slope, out=slope)


ACTIVATIONS = {
    "identity": Activation("z: the unit stays linear", _identity, _identity_backward),
    "sigmoid": Activation("1 / (1 + exp(-z)), between 0 and 1", _sigmoid, _sigmoid_backward),
    "tanh": Activation("between -1 and 1", _tanh, _tanh_backward),
    "relu": Activation("max(z, 0)", _relu, _relu_backward, initial="he"),
    "leaky_relu": Activation("z, or 0.01 z where z < 0", _leaky_relu, _leaky_relu_backward, initial="he"),
    "elu": Activation("z, or exp(z) - 1 where z < 0 (Clevert et al. 2016)", _elu, _elu_backward, initial="he"),
    "gelu": Activation("z Φ(z), exact (Hendrycks & Gimpel 2016)", _gelu, _gelu_backward, initial="he"),
    "softplus": Activation("log(1 + exp(z)), a smooth relu", _softplus, _softplus_backward),
}
