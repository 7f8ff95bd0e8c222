"""The gradient-noise scale: up to about which batch size more examples a step are worth it (McCandlish et al. 2018)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gdrun.analysis.curvature.hessian import whole_training
from gdrun.descent.batches import Batches, Indices
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.room import Room

SAMPLE = 2048
"""Most examples whose gradients are looked at."""
BLOCK = 32


@dataclass(frozen=True)
class NoiseScale:
    """How much the examples' gradients differ, at one place in parameter space.

    A batch of b examples drawn with replacement has a gradient of variance `variance`/b around the full one.
    """

    variance: float
    """tr Σ: the trace of the covariance of the examples' gradients."""
    squared_gradient: float
    """|G|² of the full gradient, as a mean over the examples, penalty included."""
    m: int
    sampled: int
    """Examples whose gradients were looked at."""

    @property
    def scale(self) -> float:
        """B = tr Σ / |G|²: the batch size at which noise and gradient are as long as each other; inf without slope."""
        if self.squared_gradient == 0:
            return inf if self.variance > 0 else 0.0
        return self.variance / self.squared_gradient

    @property
    def worthwhile(self) -> int:
        """The batch size, of m at most, that takes twice the fewest steps and twice the fewest examples: about B."""
        return int(max(1, min(self.m, round(min(self.scale, self.m)))))

    def steps(self, batch_size: int) -> float:
        """Steps for the same progress, each at its best rate, over those with full gradients: 1 + B/b (equation 2.7).

        Without replacement a batch of all m has no noise: 1 + B (1/b - 1/m) m/(m - 1).
        """
        if self.m < 2 or batch_size >= self.m:
            return 1.0
        return 1 + self.scale / batch_size * (self.m - batch_size) / (self.m - 1)


@dataclass(frozen=True)
class Singly(Batches):
    """Batches of one chosen example for each run."""

    chosen: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))

    def select(self, runs: NDArray[np.intp]) -> Self:
        """The same for the chosen runs."""
        return replace(self, seeds=self.seeds[runs], chosen=self.chosen[runs])

    @property
    def groups(self) -> NDArray[Any]:
        """Each run by itself."""
        return self.seeds

    def at(self, step: int, most: int = 1) -> Indices:
        """The run's example (R, 1), whatever the step."""
        return self.chosen[:, None]


def noise_scale(objective: DataObjective, parameters: Array) -> NoiseScale:
    """The noise scale of one run at its parameters (P,), from the examples' own gradients or those of a sample."""
    with np.errstate(all="ignore"):
        return _measured(objective, parameters)


def _measured(objective: DataObjective, parameters: Array) -> NoiseScale:
    exact, point = whole_training(objective), np.array(parameters, np.float64)[None]
    m = exact.train.m
    full = np.empty_like(point)
    exact.loss_and_gradient(point, 0, full)
    share = 1.0 if exact.loss.averaged else 1 / m
    sample = np.arange(m) if m <= SAMPLE else np.random.default_rng(0).choice(m, SAMPLE, replace=False)
    gradients = Gradients(exact, point)
    mean, squares = np.zeros(point.shape[1]), 0.0
    for start in range(0, len(sample), BLOCK):
        own = gradients.of(sample[start : start + BLOCK])
        mean += own.sum(axis=0)
        squares += float(np.vdot(own, own))
    mean /= len(sample)
    spread = squares - len(sample) * float(np.vdot(mean, mean))
    # The examples are the whole population, or a sample of it: its variance is estimated without bias.
    variance = max(spread, 0.0) / max(len(sample) - (len(sample) < m), 1)
    return NoiseScale(variance, float(np.vdot(full, full)) * share**2, m, len(sample))


class Gradients:
    """Gradients of single examples at one point, a block of them as a stack; the penalty is the same in all."""

    def __init__(self, objective: DataObjective, point: Array) -> None:
        self.objective, self.point = objective.select(np.zeros(BLOCK, np.intp)), np.repeat(point, BLOCK, axis=0)

    def of(self, examples: NDArray[np.intp]) -> Array:
        """Gradients (n, P) of at most BLOCK examples."""
        filled = np.resize(examples, BLOCK)
        batches = Singly(self.objective.train.m, 1, False, self.objective.batches.seeds, chosen=filled)
        single = replace(self.objective, batches=batches, room=Room())
        found = np.empty_like(self.point)
        single.loss_and_gradient(self.point, 0, found)
        return found[: len(examples)]
