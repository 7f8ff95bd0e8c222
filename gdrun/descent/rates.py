"""Learning rates of the steps to come, reckoned a block of steps at a time: a schedule costs nothing per step."""

from __future__ import annotations

import numpy as np

from gdrun.descent.parts import Array, Numbers
from gdrun.descent.state import Descent, State

BLOCK = 256


class Rates:
    """The rate of each step, (R, 1), of the runs that are left."""

    def __init__(self, descent: Descent) -> None:
        self.lr, self.schedule = descent.optimizer.lr, descent.schedule
        self.per_epoch = descent.objective.per_epoch
        self.budget = descent.steps / (1 if self.in_steps else self.per_epoch)
        self.block: Array = np.empty((0, len(self.lr), 1), self.lr.dtype)
        """By step: what lies beside each other is read faster."""
        self.start = -1

    @property
    def in_steps(self) -> bool:
        """Whether the schedule counts steps and not epochs."""
        return self.schedule.unit == "steps"

    def at(self, state: State) -> Numbers:
        """The rate of the coming step."""
        size = self.per_epoch if state.schedule else BLOCK  # a schedule with a memory changes at each epoch
        start = state.step // size * size
        if start != self.start:
            self.start, self.block = start, self._reckon(start, size, state)
        return np.asarray(self.block[state.step - start])

    def _reckon(self, start: int, size: int, state: State) -> Array:
        steps = np.arange(start, start + size)
        times = steps if self.in_steps else steps // self.per_epoch
        t = np.broadcast_to(times.astype(self.lr.dtype), (len(self.lr), size))
        rates = self.schedule.rate(self.lr, t, np.full_like(self.lr, self.budget), state.schedule)
        return np.ascontiguousarray(rates.T)[:, :, None]
