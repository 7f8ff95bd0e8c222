"""Learning-rate schedules: the factor on the base rate at a time t, counted in epochs or in steps from 0.

A new schedule is one class with a `factor`. Times, factors and settings are (R, 1). Only `plateau` keeps a state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import numpy as np

from gdrun.descent.parts import Array, Numbers, Part, setting

State = dict[str, Array]


class Schedule(Part):
    """Family of schedules; without a length of their own they last for the budget less the warm-up."""

    warmup: Numbers = setting(0.0, at_least=0, help="the rate first rises for so long: lr · (t + 1) / (warmup + 1)")
    unit: Literal["epochs", "steps"] | None = setting(
        None, help="what times are counted in; left out: as the budget is"
    )

    def state(self, runs: int, dtype: np.dtype[np.floating]) -> State:
        """What is remembered before the first step."""
        return {}

    def observe(self, state: State, loss: Numbers) -> None:
        """Take note of the loss, (R, 1), once per epoch."""

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        """The factor on the base rate at `t` after the warm-up, for a schedule that lasts for `length`."""
        raise NotImplementedError

    def rate(self, lr: Numbers, t: Numbers, budget: Numbers, state: State) -> Numbers:
        """The learning rate at time `t` of a run that lasts for `budget`."""
        rising = (t + 1) / (self.warmup + 1)
        after = np.maximum(t - self.warmup, 0)
        length = np.maximum(budget - self.warmup, 1)
        return np.asarray(lr * np.where(t < self.warmup, rising, self.factor(after, length, state)), lr.dtype)


def progress(t: Numbers, length: Numbers) -> Numbers:
    """The share of the schedule that is over, from 0 to 1."""
    share: Numbers = np.minimum(t / length, 1)
    return share


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


class Lasting(Schedule):
    """Schedules that end."""

    length: Numbers | None = setting(None, above=0, help="how long it lasts; left out: the budget less the warm-up")

    def lasts(self, length: Numbers) -> Numbers:
        """Its own length, or the rest of the budget."""
        return length if self.length is None else self.length


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


def half_cosine(share: Numbers, start: Numbers, end: Numbers) -> Numbers:
    """From start to end along half a cosine wave."""
    bent: Numbers = end + (start - end) * (1 + np.cos(np.pi * share)) / 2
    return bent


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


class Plateau(Schedule, kind="plateau"):
    """Lowered when the validation loss no longer falls, once per epoch (torch ReduceLROnPlateau)."""

    decay: Numbers = setting(0.1, above=0, below=1, help="factor of each drop")
    patience: Numbers = setting(10.0, at_least=0, help="epochs without improvement that are let pass")
    threshold: Numbers = setting(1e-4, at_least=0, below=1, help="relative improvement that counts")
    cooldown: Numbers = setting(0.0, at_least=0, help="epochs after a drop in which nothing is counted")
    end: Numbers = setting(0.0, at_least=0, at_most=1, help="lowest rate, as a share of lr")

    def state(self, runs: int, dtype: np.dtype[np.floating]) -> State:
        empty = np.zeros((runs, 1), dtype)
        return {"factor": empty + 1, "best": empty + np.inf, "bad_epochs": empty.copy(), "cooling": empty.copy()}

    def observe(self, state: State, loss: Numbers) -> None:
        better = loss < state["best"] * (1 - np.copysign(self.threshold, state["best"]))
        state["best"][:] = np.where(better, loss, state["best"])
        counted = np.where(better, 0, state["bad_epochs"] + 1)
        cooling = state["cooling"] > 0
        bad_epochs = np.where(cooling, 0, counted)
        dropped = bad_epochs > self.patience
        lowered = np.maximum(state["factor"] * self.decay, self.end)
        state["factor"][:] = np.where(dropped, lowered, state["factor"])
        state["cooling"][:] = np.where(dropped, self.cooldown, np.maximum(state["cooling"] - 1, 0))
        state["bad_epochs"][:] = np.where(dropped, 0, bad_epochs)

    def factor(self, t: Numbers, length: Numbers, state: State) -> Numbers:
        return state["factor"]
