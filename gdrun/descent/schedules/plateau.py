"""The schedule that looks at the loss."""

from __future__ import annotations

import numpy as np

from gdrun.descent.parts import Numbers, setting
from gdrun.descent.schedules.base import Schedule, State


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
