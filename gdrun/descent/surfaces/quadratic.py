"""A bowl of any condition number, and a saddle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gdrun.descent.parts import Array, Numbers, setting
from gdrun.descent.sums import inner
from gdrun.descent.surfaces.base import Points, Surface, bowl, columns


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
