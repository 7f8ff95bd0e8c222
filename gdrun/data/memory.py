"""How much memory data take, reckoned before it is taken: what declares itself larger than all there is, is refused."""

from __future__ import annotations

import math

from gdrun.data.table import DataError

UNLIMITED = math.inf
COPIES = 3
"""Of all numbers: as read, as split, and as a network's examples."""
COLUMN = 1000
"""Bytes that are kept of each column beside its numbers: its names, and how it is read."""
TEXT = 10
"""Bytes per byte of CSV text, at least: a cell is a Python object (10 for long numbers, 24 for short ones)."""


def check_bytes(size: int, most: float, source: str, setting: str | None) -> None:
    """DataError for a file of more bytes than can be read."""
    if size > most:
        raise DataError(f"{source}: over {_amount(most)}, more than is read here", setting)


def check_table(m: int, features: int, memory: float, source: str, setting: str | None) -> None:
    """DataError for features (m, F) that take more than the bytes of `memory`."""
    needed = features * (COPIES * 8 * m + COLUMN)
    if needed > memory:
        raise DataError(
            f"{source}: {m} × {features} numbers take {_amount(needed)} of memory, and there are {_amount(memory)}",
            setting,
        )


def _amount(size: float) -> str:
    return f"{size / 1e9:.3g} GB" if size >= 999.5e6 else f"{size / 1e6:.3g} MB"
