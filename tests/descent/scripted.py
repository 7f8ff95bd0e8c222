"""Descents whose losses are written down, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.descent.loop import Outcome
from gdrun.descent.parts import Array, Numbers, Selectable
from tests.descent.setups import Watch, plan, train


@dataclass(frozen=True)
class Scripted(Selectable):
    """Losses as written down, (R, steps + 1): the only parameter counts the steps, its gradient is -1."""

    train: Array
    held_out: Array | None = None
    batch: Array | None = None
    per_epoch: int = 1

    def examples(self, step: int) -> int:
        return step

    def loss_and_gradient(self, parameters: Array, step: int, gradient: Array, scale: Numbers | None = None) -> Numbers:
        gradient[:] = -1 if scale is None else -scale
        batch = np.zeros((len(parameters), 1)) if self.batch is None else self.at(self.batch, parameters)[:, None]
        return batch

    def training(self, parameters: Array) -> dict[str, Array]:
        return {"train_loss": self.at(self.train, parameters)}

    def validation(self, parameters: Array) -> dict[str, Array]:
        return {} if self.held_out is None else {"validation_loss": self.at(self.held_out, parameters)}

    def at(self, script: Array, parameters: Array) -> Array:
        return np.array([line[int(step)] for line, step in zip(script, parameters[:, 0], strict=True)])


def scripted(
    losses: Sequence[Sequence[float]],
    held_out: Sequence[Sequence[float]] | None = None,
    batch: Sequence[Sequence[float]] | None = None,
    per_epoch: int = 1,
    **rest: Any,
) -> tuple[dict[int, Outcome], Watch]:
    """What becomes of runs with these losses; the budget is what is written."""
    held, batches = (None if script is None else np.array(script, float) for script in (held_out, batch))
    objective = Scripted(np.array(losses, float), held, batches, per_epoch)
    steps = rest.pop("steps", objective.train.shape[1] - 1)
    descent = plan(objective, steps, ("gd", [{"lr": 1.0}] * len(losses)), **rest)
    return train(descent, np.zeros((len(losses), 1)))


def ends(outcomes: dict[int, Outcome]) -> list[tuple[str, int]]:
    return [(outcomes[run].status, outcomes[run].step) for run in sorted(outcomes)]
