"""How long the gradient is in each layer: where it vanishes or explodes on its way back."""

from __future__ import annotations

from dataclasses import dataclass

from gdrun.descent.objectives import DataObjective
from gdrun.descent.optimizers import norm
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent, State


@dataclass(frozen=True)
class Layers:
    """Measured every so many epochs or steps, on the coming step's batch."""

    every: int

    def read(self, descent: Descent, state: State, gradient: Array) -> dict[str, Array]:
        """`gradient_norm_1` (R,), the length of the gradient's part in the first layer, `gradient_norm_2`, …"""
        assert isinstance(descent.objective, DataObjective)
        parts = descent.objective.network.weights(descent.optimizer.unscaled(gradient))
        return {f"gradient_norm_{number}": norm(part)[:, 0] for number, part in enumerate(parts, 1)}
