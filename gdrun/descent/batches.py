"""Which examples a step sees: all of them, one, or a few, in a fresh order every epoch."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Selectable
from gdrun.descent.streams import Stream, generator

Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Batches(Selectable):
    """Batches of `batch_size` of m examples, of all of them where it is None; the last of an epoch may be short.

    `seeds` (R,) decide each run's order; neighbours that share their seed share their batches.
    """

    m: int
    batch_size: int | None
    replacement: bool
    seeds: NDArray[Any]
    cache: dict[int, Indices] = field(default_factory=dict, compare=False)

    def select(self, runs: NDArray[np.intp]) -> Self:
        """The same for the chosen runs."""
        return replace(self, seeds=self.seeds[runs], cache={})

    @cached_property
    def per_epoch(self) -> int:
        """Steps in an epoch."""
        return 1 if self.batch_size is None else -(-self.m // self.batch_size)

    def examples(self, step: int) -> int:
        """Examples used in the first `step` steps."""
        epochs, rest = divmod(step, self.per_epoch)
        return epochs * self.m + rest * (self.batch_size or 0)

    def steps_for(self, examples: int) -> int:
        """The first step at which so many examples have been used."""
        epochs, rest = divmod(examples, self.m)
        return epochs * self.per_epoch + (-(-rest // self.batch_size) if self.batch_size else bool(rest))

    def size(self, step: int) -> int:
        """How many examples a step sees."""
        if self.batch_size is None:
            return self.m
        return min(self.batch_size, self.m - step % self.per_epoch * self.batch_size)

    def at(self, step: int, most: int = 1) -> Indices:
        """Examples of a step counted from 0, (S, B), for S groups of neighbouring runs.

        Up to `most` steps' are given, (S, n B), as far as the epoch goes and its batches are of one size.
        """
        if self.batch_size is None:
            return np.arange(self.m)[None]
        epoch, batch = divmod(step, self.per_epoch)
        size = self.size(step)
        start = batch * self.batch_size
        count = max(1, min(most, (self.m - start) // size))
        return self.order(epoch)[:, start : start + count * size]

    def order(self, epoch: int) -> Indices:
        """All examples of an epoch in their order, (S, m)."""
        if epoch not in self.cache:
            self.cache.clear()
            self.cache[epoch] = np.stack([self._order(int(seed), epoch) for seed in self.groups])
        return self.cache[epoch]

    @cached_property
    def groups(self) -> NDArray[Any]:
        """The seeds (S,) of S groups of neighbouring runs, all of one size; each run by itself where there are none."""
        runs = len(self.seeds)
        count = 1 + int(np.count_nonzero(self.seeds[1:] != self.seeds[:-1]))
        firsts = self.seeds[:: runs // count] if runs % count == 0 else self.seeds
        even = len(firsts) == count and np.array_equal(np.repeat(firsts, runs // count), self.seeds)
        return firsts if even else self.seeds

    def _order(self, seed: int, epoch: int) -> Indices:
        rng = generator(seed, Stream.ORDER, epoch)
        return rng.integers(self.m, size=self.m) if self.replacement else rng.permutation(self.m)
