"""Numbers along axes."""

from __future__ import annotations

from math import floor, isclose, log10
from typing import Any

from matplotlib.ticker import LogFormatter, LogLocator, MaxNLocator

DECADES = 1e3
MANY = 1e5
"""From so many times on small ticks stand at 2 and 5 only."""
SMALL, LARGE = 1e-4, 1e5
"""Numbers in between are written out."""
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Plain(LogFormatter):
    """0.6, where matplotlib writes 6 × 10⁻¹; for the ticks that it finds room for."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return f"{x:g}" if super().__call__(x, pos) else ""


class Powers(LogFormatter):
    """10⁻³ as text: a formula of it takes matplotlib many times as long."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        return power(x) if super().__call__(x, pos) else ""


class Within(LogLocator):
    """The ticks between powers of ten that are in sight: each one beyond is made for nothing."""

    def tick_values(self, vmin: float, vmax: float) -> Any:
        return [x for x in super().tick_values(vmin, vmax) if vmin <= x <= vmax]


def power(x: float) -> str:
    """A positive number as a power of ten, or so many times one."""
    exponent = floor(log10(x) + 1e-9)
    factor, ten = x / 10.0**exponent, f"10{str(exponent).translate(RAISED)}"
    return ten if isclose(factor, 1, rel_tol=1e-6) else f"{factor:g}×{ten}"


def plain_ticks(axis: Any) -> None:
    """Write the numbers of a logarithmic axis, those of few decades out; call it when all is drawn."""
    if axis.get_scale() != "log":
        return
    low, high = sorted(axis.get_view_interval())
    form = Plain if SMALL <= low < high <= LARGE and high < DECADES * low else Powers
    axis.set_major_formatter(form())
    axis.set_minor_formatter(form())
    axis.set_minor_locator(Within(subs="auto" if high < MANY * low else (2, 5)))
    if high > DECADES * low:  # small ticks have no numbers there, but room would be looked for
        axis.set_tick_params(which="minor", label1On=False, label2On=False)


def round_ticks(axis: Any, whole: bool) -> None:
    """Round numbers along a linear axis, whole ones where that is asked for."""
    axis.set_major_locator(MaxNLocator("auto", integer=whole, steps=[1, 2, 5, 10]))
