"""Surfaces on which a descent ends elsewhere, or nowhere: many minima, two of them, a plain."""

from __future__ import annotations

from math import e, pi

import numpy as np

from gdrun.descent.parts import Array, Numbers, setting
from gdrun.descent.sums import inner, total
from gdrun.descent.surfaces.base import Points, Surface, bowl


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
