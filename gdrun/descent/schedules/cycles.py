"""Schedules that rise again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np

from gdrun.descent.parts import Numbers, setting
from gdrun.descent.schedules.base import Lasting, Schedule, State, half_cosine


class CosineRestarts(Schedule, kind="cosine_restarts"):
    """Cosine that starts again each period (Loshchilov & Hutter 2017; torch CosineAnnealingWarmRestarts)."""

    period: Numbers = setting(above=0, example=10, help="length of the first period")
    growth: Numbers = setting(1.0, at_least=1, help="each period is so many times as long as the one before")
    end: Numbers = setting(0.0, at_least=0, at_most=1, help="lowest rate, as a share of lr")

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        period = self.period + np.zeros_like(t)
        rest = np.where(self.growth == 1, np.mod(t, period), t)
        while np.any(over := rest >= period):
            rest = np.where(over, rest - period, rest)
            period = np.where(over, period * self.growth, period)
        return half_cosine(rest / period, np.ones_like(t), self.end)


class Cyclic(Schedule, kind="cyclic"):
    """Rises and falls between a low rate and lr (Smith 2017; torch CyclicLR)."""

    rise: Numbers = setting(above=0, example=5, help="time from the low rate up to lr")
    fall: Numbers | None = setting(None, above=0, help="time back down; left out: as the rise")
    low: Numbers = setting(0.1, at_least=0, at_most=1, help="lowest rate, as a share of lr")
    shrink: Literal["none", "halve", "exponential"] = setting("none", help="what happens to the height of the cycles")
    decay: Numbers = setting(1.0, above=0, at_most=1, help="factor of the height each epoch or step, if exponential")

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if settings["decay"] != 1 and settings["shrink"] != "exponential":
            yield "decay", "is for shrink: exponential"

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        fall = self.rise if self.fall is None else self.fall
        cycle, rest = np.divmod(t, self.rise + fall)
        height = np.where(rest <= self.rise, rest / self.rise, (self.rise + fall - rest) / fall)
        if self.shrink == "halve":
            height = height * np.full_like(t, 0.5) ** cycle
        elif self.shrink == "exponential":
            height = height * self.decay**t
        cycled: Numbers = self.low + (1 - self.low) * height
        return cycled


class OneCycle(Lasting, kind="one_cycle"):
    """One rise to lr, one long fall to almost nothing (Smith & Topin 2018; torch OneCycleLR, momentum left alone)."""

    rise: Numbers = setting(0.3, above=0, below=1, help="share of the time spent rising")
    start: Numbers = setting(0.04, above=0, at_most=1, help="first rate, as a share of lr")
    end: Numbers = setting(4e-6, at_least=0, at_most=1, help="last rate, as a share of lr")

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        last = np.maximum(self.lasts(length) - 1, 1)
        top = self.rise * (last + 1) - 1
        one = np.ones_like(t)
        rising = half_cosine(t / np.where(top > 0, top, 1), self.start, one)
        falling = half_cosine(np.minimum((t - top) / (last - top), 1), one, self.end)
        return np.where(t < top, rising, falling)
