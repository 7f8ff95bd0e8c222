"""A run's records as columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdrun.descent.parts import Array


@dataclass(frozen=True)
class History:
    """A run's records, (n,) each, as recorded; `validation_loss` is NaN where there is none."""

    step: Array
    epoch: Array
    lr: Array
    train_loss: Array
    validation_loss: Array
    status: str
    noisy: bool
    """Whether steps saw a part of the examples, or gradients with noise."""
    lowest: float | None = None
    """The lowest training loss there is, where that is known."""

    @property
    def excess(self) -> Array | None:
        """The training loss above the lowest."""
        return None if self.lowest is None else self.train_loss - self.lowest

    @property
    def last_half(self) -> Array:
        """The training loss in the second half of the records."""
        return self.train_loss[len(self.train_loss) // 2 :]


def history(rows: Sequence[Mapping[str, Any]], status: str, noisy: bool, lowest: float | None = None) -> History | None:
    """A history from the rows of one run, cells None where empty; None if there are none with a training loss."""
    kept = [row for row in rows if row.get("train_loss") is not None]
    if not kept:
        return None
    names = ("step", "epoch", "lr", "train_loss", "validation_loss")
    step, epoch, lr, train, validation = (
        np.array([np.nan if row.get(name) is None else row[name] for row in kept], float) for name in names
    )
    return History(step, epoch, lr, train, validation, status, noisy, lowest)
