"""Descending on a surface: no data, every step is an epoch, and the gradient may be noisy."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array, Numbers, Selectable
from gdrun.descent.streams import Stream, generator
from gdrun.descent.surfaces import Surface

NOISE_BLOCK = 1024
"""Steps for which noise is drawn at once."""


@dataclass(frozen=True)
class SurfaceObjective(Selectable):
    """A surface as the objective of R runs; the seeds (R,) decide the noise."""

    surface: Surface
    seeds: NDArray[Any]
    per_epoch: int = 1
    noise: dict[int, Array] = field(default_factory=dict, compare=False, repr=False)
    """The current block's, (R, steps, n)."""

    def select(self, runs: NDArray[np.intp]) -> Self:
        """The same for the chosen runs."""
        return replace(super().select(runs), noise={})

    def examples(self, step: int) -> int:
        """Evaluations of the gradient."""
        return step

    def loss_and_gradient(self, parameters: Array, step: int, gradient: Array, scale: Numbers | None = None) -> Numbers:
        """The height (R, 1); writes the slope (R, n) with its noise, times the scale (R, 1) where given."""
        self.surface.gradient(parameters, gradient)
        if np.any(self.surface.noise):
            gradient += self.surface.noise * self._noise(step, parameters)
        if scale is not None:
            gradient *= scale
        return self.surface.value(parameters)

    def _noise(self, step: int, parameters: Array) -> Array:
        block, place = divmod(step, NOISE_BLOCK)
        if block not in self.noise:
            self.noise.clear()
            shape = (NOISE_BLOCK, parameters.shape[1])
            drawn = [generator(int(seed), Stream.NOISE, block).normal(size=shape) for seed in self.seeds]
            self.noise[block] = np.array(drawn, parameters.dtype)
        return self.noise[block][:, place]

    def training(self, parameters: Array) -> dict[str, Array]:
        """The height."""
        return {"train_loss": self.surface.value(parameters)[:, 0]}

    def validation(self, parameters: Array) -> dict[str, Array]:
        """Nothing: a surface has no examples to hold out."""
        return {}
