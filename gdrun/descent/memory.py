"""Where a stack's arrays lie: one behind the other in large pages of memory."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array

BLOCK_BYTES = 1 << 23
PAGE = 1 << 21
"""Bytes of a large page."""
LINE = 64
"""Bytes of a cache line."""


class Block:
    """Memory that is handed out piece by piece.

    NumPy asks for large pages where an array is this large. What lies in one page does not push itself out of the
    processor's cache, as what lies in many small ones does by chance.
    """

    def __init__(self) -> None:
        self.free: NDArray[np.uint8] = np.empty(0, np.uint8)

    def empty(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
        """An array with nothing in it yet."""
        size = prod(shape) * dtype.itemsize
        taken = -(-size // LINE) * LINE
        if taken > len(self.free):
            self.free = _paged(max(taken, BLOCK_BYTES))
        piece, self.free = self.free[:size], self.free[taken:]
        return piece.view(dtype).reshape(shape)

    def copy(self, array: Array) -> Array:
        """An array moved in here."""
        moved = self.empty(array.shape, array.dtype)
        moved[...] = array
        return moved


def _paged(size: int) -> NDArray[np.uint8]:
    """Bytes from the beginning of a page on; NumPy begins 16 bytes into a line, and many accesses then take two."""
    wide = np.empty(size + PAGE, np.uint8)
    address: int = wide.__array_interface__["data"][0]
    return wide[-address % PAGE :][:size]
