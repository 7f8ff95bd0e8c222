"""Polynomials with bent or flat valleys."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from gdrun.descent.parts import Array, Numbers
from gdrun.descent.sums import inner
from gdrun.descent.surfaces.base import Points, Surface, columns


class Rosenbrock(Surface, kind="rosenbrock"):
    """Σ 100 (xᵢ₊₁ - xᵢ²)² + (1 - xᵢ)²: a curved valley with a flat floor (Rosenbrock 1960)."""

    variables = None
    fewest = 2
    extent = 2.0
    usual_start = (-1.2, 1.0)

    def value(self, x: Array) -> Numbers:
        bend, rest = x[:, 1:] - x[:, :-1] * x[:, :-1], 1 - x[:, :-1]
        return inner(bend, bend) * 100 + inner(rest, rest)

    def gradient(self, x: Array, out: Array) -> None:
        bend = x[:, 1:] - x[:, :-1] * x[:, :-1]
        out[:] = 0
        out[:, :-1] = -400 * x[:, :-1] * bend - 2 * (1 - x[:, :-1])
        out[:, 1:] += 200 * bend

    def minima(self, n: int) -> Points:
        return [(1.0,) * n]


class Beale(Surface, kind="beale"):
    """Σ (cᵢ - x + x yⁱ)² for c = 1.5, 2.25, 2.625: a flat valley with steep walls (Beale 1958)."""

    extent = 4.5
    usual_start = (1.0, 1.0)
    constants: ClassVar = (1.5, 2.25, 2.625)

    def value(self, x: Array) -> Numbers:
        a, b = columns(x)
        powers = (b, b * b, b * b * b)
        errors = [c - a + a * p for c, p in zip(self.constants, powers, strict=True)]
        return np.asarray(errors[0] * errors[0] + errors[1] * errors[1] + errors[2] * errors[2])

    def gradient(self, x: Array, out: Array) -> None:
        a, b = columns(x)
        out[:] = 0
        powers, slopes = (b, b * b, b * b * b), (np.ones_like(b), 2 * b, 3 * b * b)
        for c, p, slope in zip(self.constants, powers, slopes, strict=True):
            error = 2 * (c - a + a * p)
            out[:, :1] += error * (p - 1)
            out[:, 1:] += error * a * slope

    def minima(self, n: int) -> Points:
        return [(3.0, 0.5)]


class Booth(Surface, kind="booth"):
    """(x + 2y - 7)² + (2x + y - 5)²: a slanted bowl of condition number 9."""

    extent = 10.0
    usual_start = (-5.0, -5.0)

    def value(self, x: Array) -> Numbers:
        a, b = columns(x)
        left, right = a + 2 * b - 7, 2 * a + b - 5
        return np.asarray(left * left + right * right)

    def gradient(self, x: Array, out: Array) -> None:
        a, b = columns(x)
        left, right = a + 2 * b - 7, 2 * a + b - 5
        out[:, :1], out[:, 1:] = 2 * left + 4 * right, 4 * left + 2 * right

    def minima(self, n: int) -> Points:
        return [(1.0, 3.0)]


class Himmelblau(Surface, kind="himmelblau"):
    """(x² + y - 11)² + (x + y² - 7)²: four minima of the same depth (Himmelblau 1972)."""

    extent = 5.0
    usual_start = (0.0, 0.0)

    def value(self, x: Array) -> Numbers:
        a, b = columns(x)
        left, right = a * a + b - 11, a + b * b - 7
        return np.asarray(left * left + right * right)

    def gradient(self, x: Array, out: Array) -> None:
        a, b = columns(x)
        left, right = a * a + b - 11, a + b * b - 7
        out[:, :1], out[:, 1:] = 4 * a * left + 2 * right, 2 * left + 4 * b * right

    def minima(self, n: int) -> Points:
        return [
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        ]
