"""The split into training, validation and test part."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gdrun.data.dataset import SPLIT, generator
from gdrun.data.table import DataError

Rows = NDArray[np.intp]


def split(labels: NDArray[np.generic], validation: float, test: float, seed: int) -> tuple[Rows, Rows, Rows]:
    """Rows of the training, validation and test part, in random order: all of them, each once.

    `labels` (m,) gives each example's class, all equal for regression: every class is divided in proportion, as
    closely as whole numbers allow, and keeps a training example. Parts are rounded up to whole examples. Raises
    DataError where a part that was asked for would be empty.
    """
    if validation + test >= 1:
        raise DataError(f"validation {validation:g} and test {test:g} leave nothing to train on", "validation")
    _, classes, totals = np.unique(labels, return_inverse=True, return_counts=True)
    taken_test = _shares(totals, totals - 1, test)
    taken_validation = _shares(totals, totals - 1 - taken_test, validation)
    for name, share, taken in (("test", test, taken_test), ("validation", validation, taken_validation)):
        if share > 0 and not taken.any():
            raise DataError(f"{name} {share:g} of {len(labels)} examples: too few to leave any", name)
    order = generator(seed, SPLIT).permutation(len(labels))
    part = np.zeros(len(labels), int)
    for number, (for_test, for_validation) in enumerate(zip(taken_test, taken_validation, strict=True)):
        rows = order[classes[order] == number]
        part[rows[:for_test]] = 2
        part[rows[for_test : for_test + for_validation]] = 1
    parts = part[order]
    return order[parts == 0], order[parts == 1], order[parts == 2]


def _shares(totals: NDArray[np.intp], most: NDArray[np.intp], share: float) -> NDArray[np.intp]:
    """How many examples of each class (k,) make up a share of them all: the largest remainders are rounded up."""
    wanted = totals * share
    taken: NDArray[np.intp] = np.minimum(np.floor(np.round(wanted, 9)).astype(int), most)
    # Rounding first: 0.07 × 100 is 7.000000000000001 in floating point.
    for _ in range(math.ceil(round(float(totals.sum() * share), 9)) - int(taken.sum())):
        owed = np.where(taken < most, wanted - taken, -np.inf)
        if np.isinf(owed.max()):
            break
        taken[owed.argmax()] += 1
    return taken
