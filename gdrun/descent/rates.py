"""Learning rates of the steps to come, reckoned a block of steps at a time: a schedule costs nothing per step."""

from __future__ import annotations

import numpy as np

from gdrun.descent.parts import Array, Numbers
from gdrun.descent.state import Descent, State

BLOCK = 256


class Rates:
    """The rate of each step, (R, 1), of the runs that are left."""

    def __init__(self, descent: Descent) -> None:
        self.lr, self.scale, self.schedule = descent.optimizer.lr, descent.optimizer.scale, descent.schedule
        self.per_epoch = descent.objective.per_epoch
        self.budget = descent.steps / (1 if self.in_steps else self.per_epoch)
        self.block: Array = np.empty((0, len(self.lr), 1), self.lr.dtype)
        """By step: what lies beside each other is read faster."""
        self.factors: Array | None = None
        """By step: what is left of the rate where gradients are scaled already; None where that is 1."""
        self.start = -1

    @property
    def in_steps(self) -> bool:
        """Whether the schedule counts steps and not epochs."""
        return self.schedule.unit == "steps"

    def at(self, state: State) -> tuple[Numbers, Numbers | None]:
        """The rate of the coming step, and what its heading is still to be multiplied by: None for 1."""
        size = self.per_epoch if state.schedule else BLOCK  # a schedule with a memory changes at each epoch
        place = state.step % size
        if state.step - place != self.start:
            self.start = state.step - place
            self.block, self.factors = self._reckon(size, state)
        return self.block[place], None if self.factors is None else self.factors[place]

    def _reckon(self, size: int, state: State) -> tuple[Array, Array | None]:
        steps = np.arange(self.start, self.start + size)
        times = steps if self.in_steps else steps // self.per_epoch
        t = np.broadcast_to(times.astype(self.lr.dtype), (len(self.lr), size))
        rates = self.schedule.rate(self.lr, t, np.full_like(self.lr, self.budget), state.schedule)
        block = np.ascontiguousarray(rates.T)[:, :, None]
        factors = block if self.scale is None else block / self.scale
        return block, None if np.all(factors == 1) else factors  # a product with 1 would change no bit
