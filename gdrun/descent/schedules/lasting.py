"""Schedules that end, with the budget or before."""

from __future__ import annotations

import numpy as np

from gdrun.descent.parts import Numbers, setting
from gdrun.descent.schedules.base import Lasting, State, half_cosine, progress


class Polynomial(Lasting, kind="polynomial"):
    """Falls to its end as (1 - t/length)^power (torch PolynomialLR)."""

    power: Numbers = setting(1.0, above=0, help="exponent")
    end: Numbers = setting(0.0, at_least=0, at_most=1, help="last rate, as a share of lr")

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        rest = 1 - progress(t, self.lasts(length))
        exponent = np.zeros_like(rest) + self.power  # a broadcast 2 or 0.5 would be squared or rooted: other bits
        fallen: Numbers = self.end + (1 - self.end) * rest**exponent
        return fallen


class Linear(Lasting, kind="linear"):
    """Goes in a straight line from one share of lr to another (torch LinearLR)."""

    start: Numbers = setting(1.0, at_least=0, help="first rate, as a share of lr")
    end: Numbers = setting(0.0, at_least=0, help="last rate, as a share of lr")

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        straight: Numbers = self.start + (self.end - self.start) * progress(t, self.lasts(length))
        return straight


class Cosine(Lasting, kind="cosine"):
    """Falls like half a cosine wave (Loshchilov & Hutter 2017; torch CosineAnnealingLR)."""

    end: Numbers = setting(0.0, at_least=0, at_most=1, help="last rate, as a share of lr")

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        return half_cosine(progress(t, self.lasts(length)), np.ones_like(t), self.end)
