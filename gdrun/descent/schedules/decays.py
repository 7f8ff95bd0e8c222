"""Schedules that fall without an end, and the one that does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gdrun.descent.parts import Numbers, setting
from gdrun.descent.schedules.base import Schedule, State


class Constant(Schedule, kind="constant"):
    """The same rate throughout."""

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        return np.ones_like(t)


class Step(Schedule, kind="step"):
    """Multiplied by a factor every so often (torch StepLR)."""

    every: Numbers = setting(above=0, example=10, help="time between two drops")
    decay: Numbers = setting(0.1, above=0, at_most=1, help="factor of each drop")

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        drops: Numbers = self.decay ** np.floor(t / self.every)
        return drops


class MultiStep(Schedule, kind="multistep"):
    """Multiplied by a factor at given times (torch MultiStepLR)."""

    milestones: tuple[float, ...] = setting(at_least=0, example=[10, 20], help="times of the drops")
    decay: Numbers = setting(0.1, above=0, at_most=1, help="factor of each drop")

    @classmethod
    def conflicts(cls, settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        if list(settings["milestones"]) != sorted(settings["milestones"]):
            yield "milestones", "must be in ascending order"

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        passed = np.searchsorted(np.array(self.milestones, t.dtype), t, side="right").astype(t.dtype)
        drops: Numbers = self.decay**passed
        return drops


class Exponential(Schedule, kind="exponential"):
    """Multiplied by a factor each epoch or step (torch ExponentialLR)."""

    decay: Numbers = setting(above=0, at_most=1, example=0.95, help="factor of each epoch or step")

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        decayed: Numbers = self.decay**t
        return decayed


class InverseTime(Schedule, kind="inverse_time"):
    """1 / (1 + decay · t): fast enough to settle, slow enough to arrive (Robbins & Monro 1951)."""

    decay: Numbers = setting(above=0, example=0.1, help="the rate is halved at t = 1/decay")

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        decayed: Numbers = 1 / (1 + self.decay * t)
        return decayed
