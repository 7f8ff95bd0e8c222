"""What all schedules share: warm-up, unit, and how long they last."""

from __future__ import annotations

from typing import Literal

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


class Lasting(Schedule):
    """Schedules that end."""

    length: Numbers | None = setting(None, above=0, help="how long it lasts; left out: the budget less the warm-up")

    def lasts(self, length: Numbers) -> Numbers:
        """Its own length, or the rest of the budget."""
        return length if self.length is None else self.length


def progress(t: Numbers, length: Numbers) -> Numbers:
    """The share of the schedule that is over, from 0 to 1."""
    share: Numbers = np.minimum(t / length, 1)
    return share


def half_cosine(share: Numbers, start: Numbers, end: Numbers) -> Numbers:
    """From start to end along half a cosine wave."""
    bent: Numbers = end + (start - end) * (1 + np.cos(np.pi * share)) / 2
    return bent
