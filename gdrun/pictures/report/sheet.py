"""What a figure of curves shows, how high it reaches, and by what names the page finds its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from gdrun.pictures.candidates import Panel
from gdrun.pictures.report.chart import key_of, paint_of
from gdrun.pictures.series import Axis, Curve, ceiling, drawn_values

WORDS = {"train": "training", "validation": "validation"}


@dataclass(frozen=True)
class Sheet:
    """What a figure shows, and how."""

    panel: Panel
    quantity: str
    curves: Sequence[Curve]
    axis: Axis
    scale: str = "linear"
    sources: dict[str, Any] = field(default_factory=dict)
    """What is drawn on both scales."""

    @property
    def log(self) -> bool:
        """Whether the scale is logarithmic."""
        return self.scale == "log"

    @property
    def top(self) -> float:
        """How high diverged runs are drawn."""
        return ceiling(self.curves, self.log) if self.quantity == "loss" else float("inf")

    @property
    def parts(self) -> list[str]:
        """The parts of the data there are."""
        return [part for part in WORDS if part in {curve.part for curve in self.curves}]

    def heights(self) -> tuple[float, float]:
        """The lowest and highest value that is shown."""
        ends = [min(float(lost.y.max()), self.top) for curve in self.curves for lost in curve.lost]
        usual = np.concatenate([curve.middle for curve in self.curves]) if self.log else np.empty(0)
        # on a logarithmic scale a band may reach far down below its median
        usual = usual if usual.any() else drawn_values(self.curves)
        starts = [float(lost.y[0]) for curve in self.curves for lost in curve.lost]
        values = np.concatenate([usual, starts, ends if self.quantity == "loss" else []])
        values = values[values > 0] if self.log else values
        return (float(values.min()), float(values.max())) if len(values) else (0.1, 1.0)

    def key(self, curve: Curve) -> str:
        """Of the legend."""
        return key_of(curve.candidate, self.panel)

    def column(self, part: str) -> str:
        """The quantity on a part of the data, as the table of history has it."""
        return f"{part}_{self.quantity}"

    def tag(self, curve: Curve) -> dict[str, Any]:
        """What the page's script finds a line by."""
        return {"key": self.key(curve), "part": curve.part, "paint": paint_of(curve.candidate)}
