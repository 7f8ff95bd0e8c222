"""Surfaces: functions of one to n variables with known minima, descended on without any data.

A new surface is one class with `value` and `gradient`; points are (R, n), values (R, 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import e, pi
from typing import Any, ClassVar, TypeAlias

import numpy as np

from gdrun.descent.parts import Array, Numbers, Part, setting
from gdrun.descent.sums import inner, total

Points: TypeAlias = list[tuple[float, ...]]


class Surface(Part):
    """Family of surfaces."""

    variables: ClassVar[int | None] = 2
    """How many there are; None: as many as the start has."""
    fewest: ClassVar[int] = 1
    extent: ClassVar[float] = 5.0
    """Half the width of the region worth looking at, around 0."""
    usual_start: ClassVar[tuple[float, ...]] = (4.0, 1.0)

    start: tuple[float, ...] | None = setting(None, help="where the descent begins; left out: a usual place")
    bounds: float | None = setting(None, above=0, help="the path ends further than this from 0 in any variable")
    noise: Numbers = setting(
        0.0, at_least=0, switch=True, help="standard deviation of noise on each gradient component"
    )

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        start, bounds = cls.start_of(settings), cls.bounds_of(settings)
        if cls.variables is not None and len(start) != cls.variables:
            yield "start", f"{cls.kind} has {cls.variables} variables, not {len(start)}"
        elif len(start) < cls.fewest:
            yield "start", f"{cls.kind} has {cls.fewest} or more variables"
        if any(abs(x) > bounds for x in start):
            yield "start", f"lies outside the bounds {bounds:g}"

    @classmethod
    def start_of(cls, settings: Mapping[str, Any]) -> tuple[float, ...]:
        """Where a descent begins, (n,)."""
        start: tuple[float, ...] | None = settings["start"]
        return cls.usual_start if start is None else start

    @classmethod
    def bounds_of(cls, settings: Mapping[str, Any]) -> float:
        """How far from 0 a path may go: as set, or ten times the region worth looking at or the start."""
        bounds: float | None = settings["bounds"]
        return 10 * max([cls.extent, *map(abs, cls.start_of(settings))]) if bounds is None else bounds

    def value(self, x: Array) -> Numbers:
        """The height at the points (R, n), as (R, 1)."""
        raise NotImplementedError

    def gradient(self, x: Array, out: Array) -> None:
        """Write the slope at the points (R, n) into `out`."""
        raise NotImplementedError

    def minima(self, n: int) -> Points:
        """The known minima in n variables, the deepest first; none if the surface has none."""
        raise NotImplementedError


def bowl(count: int) -> Points:
    """A single minimum at the origin."""
    return [(0.0,) * count]


class Quadratic(Surface, kind="quadratic"):
    """½ xᵀA x: a bowl; eigenvalues from 1 to `condition`, spread evenly in their logarithm, or those of a `matrix`."""

    variables = None

    condition: Numbers | None = setting(None, at_least=1, help="largest over smallest curvature (10)")
    matrix: tuple[tuple[float, ...], ...] | None = setting(None, help="A, symmetric, instead of a condition number")

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        yield from super().conflicts(settings)
        matrix, n = settings["matrix"], len(cls.start_of(settings))
        if matrix is None:
            return
        if settings["condition"] is not None:
            yield "condition", "a matrix has a condition number of its own: give one of them"
        if [len(row) for row in matrix] != [n] * n:
            yield "matrix", f"must be {n} × {n}, as start has {n} variables"
        elif tuple(zip(*matrix, strict=True)) != matrix:
            yield "matrix", "must be symmetric"

    def eigenvalues(self, n: int) -> Numbers:
        """Curvature along each variable, (R, n), where there is no matrix."""
        condition = np.full((1, 1), 10.0) if self.condition is None else self.condition
        exponents = np.arange(n, dtype=condition.dtype)[None] / max(n - 1, 1)
        return np.asarray(condition ** (exponents if n > 1 else exponents + 1))

    def slope(self, x: Array) -> Array:
        """A x."""
        if self.matrix is None:
            return np.asarray(x * self.eigenvalues(x.shape[1]), x.dtype)
        return np.asarray(np.matmul(np.array(self.matrix, x.dtype), x[:, :, None])[:, :, 0])

    def value(self, x: Array) -> Numbers:
        return inner(x, self.slope(x)) * 0.5

    def gradient(self, x: Array, out: Array) -> None:
        out[:] = self.slope(x)

    def minima(self, n: int) -> Points:
        definite = self.matrix is None or np.linalg.eigvalsh(np.array(self.matrix)).min() > 0
        return bowl(n) if definite else []


class Saddle(Surface, kind="saddle"):
    """½ (x² - y²): a pass, down without end to both sides of y = 0."""

    usual_start = (4.0, 0.001)

    def value(self, x: Array) -> Numbers:
        a, b = columns(x)
        return (a * a - b * b) * 0.5

    def gradient(self, x: Array, out: Array) -> None:
        out[:, 0], out[:, 1] = x[:, 0], -x[:, 1]

    def minima(self, n: int) -> Points:
        return []


def columns(x: Array) -> list[Array]:
    """The variables of the points (R, n), each as (R, 1)."""
    return [x[:, i : i + 1] for i in range(x.shape[1])]


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


class Rastrigin(Surface, kind="rastrigin"):
    """Σ xᵢ² + 10 (1 - cos 2πxᵢ): a bowl full of dents (Rastrigin 1974)."""

    variables = None
    extent = 5.12
    usual_start = (3.3, -2.2)

    def value(self, x: Array) -> Numbers:
        return total(x * x + 10 * (1 - np.cos(2 * pi * x)))

    def gradient(self, x: Array, out: Array) -> None:
        out[:] = 2 * x + 20 * pi * np.sin(2 * pi * x)

    def minima(self, n: int) -> Points:
        return bowl(n)


class Ackley(Surface, kind="ackley"):
    """An almost flat outer region full of dents and a deep hole in the middle (Ackley 1987)."""

    variables = None
    extent = 5.0
    usual_start = (2.5, 1.5)

    def value(self, x: Array) -> Numbers:
        n = x.shape[1]
        root, waves = np.sqrt(inner(x, x) / n), total(np.cos(2 * pi * x)) / n
        return np.asarray(20 - 20 * np.exp(-0.2 * root) + e - np.exp(waves))

    def gradient(self, x: Array, out: Array) -> None:
        n = x.shape[1]
        root, waves = np.sqrt(inner(x, x) / n), total(np.cos(2 * pi * x)) / n
        towards = 4 * np.exp(-0.2 * root) / np.where(root > 0, root, 1)  # the tip has no slope: 0 is as good as any
        out[:] = x * towards / n + np.sin(2 * pi * x) * (2 * pi / n) * np.exp(waves)

    def minima(self, n: int) -> Points:
        return bowl(n)


class DoubleWell(Surface, kind="double_well"):
    """(x² - 1)² + tilt · x, and ½ y² for further variables: a shallow minimum on the right, a deep one on the left."""

    variables = None
    extent = 2.0
    usual_start = (1.5,)

    tilt: Numbers = setting(0.3, above=0, below=1.5, help="how much deeper the left well is; above 1.54 there is one")

    def value(self, x: Array) -> Numbers:
        a, others = x[:, :1], x[:, 1:]
        well = a * a - 1
        return np.asarray(well * well + self.tilt * a + (inner(others, others) * 0.5 if others.size else 0))

    def gradient(self, x: Array, out: Array) -> None:
        a = x[:, :1]
        out[:] = x
        out[:, :1] = 4 * a * (a * a - 1) + self.tilt

    def minima(self, n: int) -> Points:
        roots = np.sort(np.roots([4, 0, -4, float(np.max(self.tilt))]).real)
        return [(float(roots[0]), *(0.0,) * (n - 1)), (float(roots[2]), *(0.0,) * (n - 1))]


class Plateau(Surface, kind="plateau"):
    """1 - exp(-‖x‖² / (2 width²)): flat and high far away, a hole in the middle."""

    variables = None
    usual_start = (3.0, 2.0)

    width: Numbers = setting(1.0, above=0, help="radius of the hole, where its wall is steepest")

    def value(self, x: Array) -> Numbers:
        return np.asarray(-np.expm1(-inner(x, x) / (2 * self.width * self.width)))

    def gradient(self, x: Array, out: Array) -> None:
        squared = self.width * self.width
        out[:] = x / squared * np.exp(-inner(x, x) / (2 * squared))

    def minima(self, n: int) -> Points:
        return bowl(n)
