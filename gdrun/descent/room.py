"""Arrays that are used again in every step and evaluation, by the shape that they are for, and views of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gdrun.descent.memory import Block
from gdrun.descent.network import Network
from gdrun.descent.parts import Array, Numbers
from gdrun.descent.passes import Buffers, Pass, Weights


@dataclass
class Room:
    """Room for the passes of one network."""

    buffers: dict[tuple[int, int], Buffers] = field(default_factory=dict)
    passes: dict[int, Pass] = field(default_factory=dict)
    views: dict[str, Weights] = field(default_factory=dict)
    scales: dict[tuple[int, float], tuple[Numbers | None, Array]] = field(default_factory=dict)
    summand: Array | None = None
    block: Block = field(default_factory=Block)

    def training(self, network: Network, rows: int, groups: int, parameters: Array, gradient: Array) -> Pass:
        """The pass of so many rows from parameters (R, P) to gradient, made anew where these are other arrays."""
        known = self.passes.get(rows)
        if known and known.gradient and known.weights.flat is parameters and known.gradient.flat is gradient:
            return known
        buffers = self.buffer(network, len(parameters), rows, parameters.dtype)
        made = Pass(buffers, self.weights(network, "parameters", parameters), Weights(network, gradient), groups)
        self.passes[rows] = made
        return made

    def weights(self, network: Network, name: str, flat: Array) -> Weights:
        """Views into a flat array (R, P), made anew where it is another array."""
        views = self.views.get(name)
        if views is None or views.flat is not flat:
            views = self.views[name] = Weights(network, flat)
        return views

    def buffer(self, network: Network, runs: int, rows: int, dtype: np.dtype[Any]) -> Buffers:
        """Room for what is computed of so many runs and rows."""
        room = self.buffers.get((runs, rows))
        if room is None:
            room = self.buffers[runs, rows] = Buffers(network, runs, rows, dtype, self.block)
        return room

    def scale(self, scale: Numbers | None, share: float, rows: int, dtype: np.dtype[Any]) -> Array:
        """What the slopes of an example are multiplied by: its share, (1, 1, 1), or also its run's scale, (R, B, 1)."""
        known = self.scales.get((rows, share))
        if known is None or known[0] is not scale:
            each = np.full((1, 1), share, dtype) if scale is None else np.repeat(scale * share, rows, axis=1)
            known = self.scales[rows, share] = scale, each[:, :, None]
        return known[1]

    def part(self, gradient: Array) -> Array:
        """Room for a summand of the gradient."""
        if self.summand is None or self.summand.shape != gradient.shape:
            self.summand = np.empty_like(gradient)
        return self.summand
