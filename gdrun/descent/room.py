"""Arrays that are used again in every step and evaluation, by the shape that they are for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gdrun.descent.batches import Indices
from gdrun.descent.examples import Examples
from gdrun.descent.losses import Targets
from gdrun.descent.memory import Block
from gdrun.descent.network import Network
from gdrun.descent.parts import Array
from gdrun.descent.passes import Pass, Weights


@dataclass
class Room:
    """Room for the passes of one network, for batches, and views of weights."""

    passes: dict[tuple[int, int], Pass] = field(default_factory=dict)
    batches: dict[tuple[int, ...], Array] = field(default_factory=dict)
    views: dict[str, Weights] = field(default_factory=dict)
    block: Block = field(default_factory=Block)

    def weights(self, network: Network, name: str, flat: Array) -> Weights:
        """Views into a flat array (R, P), the same as long as it is the same array."""
        views = self.views.get(name)
        if views is None or views.flat is not flat:
            views = self.views[name] = Weights(network, flat)
        return views

    def passing(self, network: Network, runs: int, rows: slice, like: Array) -> Pass:
        """Room for a pass of so many runs and rows."""
        shape = runs, rows.stop - rows.start
        room = self.passes.get(shape)
        if room is None:
            room = self.passes[shape] = Pass(network, *shape, like.dtype, self.block)
        return room

    def gathered(self, train: Examples, chosen: Indices, runs: int) -> tuple[Array, Targets]:
        """Chosen (S, B) examples: inputs (S, B, F + 1), each for R/S neighbouring runs, and targets (R or 1, B, 1)."""
        groups = len(chosen)
        if groups > 1:
            chosen = np.ascontiguousarray(chosen)
        X = self.batches.get(chosen.shape)
        if X is None:
            X = self.batches[chosen.shape] = self.block.empty((*chosen.shape, train.X.shape[1]), train.X.dtype)
        train.X.take(chosen, axis=0, out=X, mode="clip")
        targets = train.targets.take(chosen, axis=0)
        return X, np.repeat(targets, runs // groups, axis=0) if 1 < groups < runs else targets
