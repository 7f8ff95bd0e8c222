"""The examples of a stack's batches: those of several steps are gathered at once, which takes fewer calls."""

from __future__ import annotations

import sys

from gdrun.descent.batches import Batches, Indices
from gdrun.descent.examples import Examples
from gdrun.descent.losses import Targets, located
from gdrun.descent.memory import Block
from gdrun.descent.parts import Array

AHEAD_BYTES, AHEAD_STEPS = 1 << 21, 256
"""So many batches are gathered at once as take about so much room, but not more than so many, and one at least."""


class Loader:
    """Hands out the batches of R runs, or parts of them where they are large."""

    def __init__(self, train: Examples, batches: Batches, block: Block) -> None:
        self.train, self.batches, self.block = train, batches, block
        self.buffers: dict[tuple[int, ...], Array] = {}
        self.steps, self.rows = range(0), slice(0)
        self.parts: list[tuple[Array, Targets]] = []
        """These rows of the batches of these steps; with all examples in each step, one for all."""

    @property
    def groups(self) -> int:
        """S, how many groups of neighbouring runs have batches of their own."""
        return 1 if self.batches.batch_size is None else len(self.batches.groups)

    def part(self, step: int, rows: slice, outputs: Array) -> tuple[Array, Targets]:
        """Rows of a step's batch: inputs (S, 1, B, F + 1), each for R/S neighbouring runs, and their targets.

        The targets are `located` among outputs (R, B, K).
        """
        if step not in self.steps or rows != self.rows:
            self._load(step, rows, outputs)
        return self.parts[(step - self.steps.start) % len(self.parts)]

    def _load(self, step: int, rows: slice, outputs: Array) -> None:
        if self.batches.batch_size is None:
            count, X, targets = sys.maxsize, self.train.X[None, None, rows], self.train.targets[None, None, rows]
        else:
            chosen = self._chosen(step, rows)
            count, X, targets = len(chosen), self._inputs(chosen), self.train.targets.take(chosen, axis=0)
        self.steps, self.rows = range(step, step + count), rows
        self.parts = list(zip(X[:, :, None], located(targets, outputs), strict=True))

    def _chosen(self, step: int, rows: slice) -> Indices:
        """Examples (n, S, B): of as many steps as there is room for, where all rows of a batch are wanted."""
        size = rows.stop - rows.start
        if size < self.batches.size(step):
            return self.batches.at(step)[None, :, rows]
        each = self.groups * self.train.X[0].nbytes + len(self.batches.seeds) * self.train.targets.itemsize
        chosen = self.batches.at(step, min(AHEAD_STEPS, AHEAD_BYTES // (each * size)))
        return chosen.reshape(len(chosen), -1, size).transpose(1, 0, 2)

    def _inputs(self, chosen: Indices) -> Array:
        if chosen.shape not in self.buffers:
            self.buffers[chosen.shape] = self.block.empty((*chosen.shape, self.train.X.shape[1]), self.train.X.dtype)
        return self.train.X.take(chosen, axis=0, out=self.buffers[chosen.shape], mode="clip")  # "raise" would copy
