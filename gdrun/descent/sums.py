"""Sums over everything but the run, as products with ones: faster than `sum`, and the same bits for any R."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from gdrun.descent.parts import Array, Numbers


@lru_cache(maxsize=64)
def ones(length: int, dtype: np.dtype[Any]) -> Array:
    """So many ones, shared and therefore read-only."""
    row = np.ones(length, dtype)
    row.flags.writeable = False
    return row


def total(values: Array) -> Numbers:
    """Sum of each run's values, (R, …) to (R, 1)."""
    flat = values if values.ndim == 2 else values.reshape(len(values), -1)
    sums: Numbers = np.vecdot(flat, ones(flat.shape[1], flat.dtype))
    return sums[:, None]


def inner(left: Array, right: Array) -> Numbers:
    """Sum of each run's products, (R, …) and (R or 1, …) to (R, 1)."""
    products: Numbers = np.vecdot(left.reshape(len(left), -1), right.reshape(len(right), -1))
    return products[:, None]
