"""Numbers as people read them."""

from __future__ import annotations

import math


def number(value: float | None, digits: int = 4) -> str:
    """So many significant digits; a dash for nothing."""
    if value is None:
        return "-"
    if not math.isfinite(value):
        return str(value)
    return f"{value:.{digits}g}" if value == 0 or 1e-3 <= abs(value) < 1e6 else f"{value:.{digits - 1}e}"


def share(value: float | None) -> str:
    """An accuracy or R² with three decimals."""
    return "-" if value is None else f"{value:.3f}"


def amount(value: float) -> str:
    """1.1 M, 43 k; what three digits round up to a unit has that unit."""
    if not math.isfinite(value):
        return "-"
    for limit, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if float(f"{value:.3g}") >= limit:
            return f"{value / limit:.3g}{unit}"
    return f"{value:.3g}"


def count(found: int, what: str) -> str:
    """1 run, 2 runs."""
    return f"{found} {what}{'' if found == 1 else 's'}"


def size(held: float) -> str:
    """Bytes: 1.2 MB, 340 kB."""
    return f"{amount(held)}B" if held >= 999.5 else f"{held:.0f} B"


def duration(seconds: float) -> str:
    """0.1 s, 2 min 5 s, 3 h 12 min."""
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"
