"""Numbers along logarithmic axes."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import LogFormatter

DECADES = 1e3
SMALL, LARGE = 1e-4, 1e5
"""Numbers in between are written out."""


class Plain(LogFormatter):
    """0.6, where matplotlib writes 6 × 10⁻¹; for the ticks that it finds room for."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


def plain_ticks(axis: Any) -> None:
    """Write the numbers of an axis of few decades out; call it when all is drawn."""
    low, high = sorted(axis.get_view_interval())
    if axis.get_scale() == "log" and SMALL <= low < high <= LARGE and high < DECADES * low:
        axis.set_major_formatter(Plain())
        axis.set_minor_formatter(Plain())
