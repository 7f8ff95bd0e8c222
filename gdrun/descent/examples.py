"""Examples as the loop wants them, and how they are cut into chunks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array


@dataclass(frozen=True)
class Examples:
    """Features with a column of ones (m, F + 1), targets (m, K), classes one-hot, and class numbers (m,) of classes."""

    X: Array
    Y: Array
    labels: NDArray[np.intp] | None

    @cached_property
    def targets(self) -> NDArray[Any]:
        """What the outputs are to be, (m, 1): the class numbers where every class has its output."""
        return self.Y if self.Y.shape[1] == 1 else self.Y.argmax(axis=1)[:, None]

    @property
    def m(self) -> int:
        """Number of examples."""
        return len(self.X)


def chunks(count: int, most: int) -> list[slice]:
    """About equal chunks of at most so many rows; none has a single row unless there is only one."""
    number = -(-count // most)
    edges = [count * i // number for i in range(number + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]
