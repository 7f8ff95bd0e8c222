"""Examples as the loop wants them, and how they are cut into chunks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array


@dataclass(frozen=True)
class Examples:
    """Features with a column of ones (m, F + 1), targets (m, K), and class numbers (m,) where there are classes."""

    X: Array
    Y: Array
    labels: NDArray[np.intp] | None

    @cached_property
    def by_output(self) -> Array:
        """The targets as a network's outputs lie in memory, (K, m)."""
        return np.ascontiguousarray(self.Y.T)

    @property
    def m(self) -> int:
        """Number of examples."""
        return len(self.X)

    def targets(self, rows: slice) -> Array:
        """The targets (1, B, K) of some examples, in memory as `by_output`."""
        return self.by_output[:, None, rows].transpose(1, 2, 0)


def chunks(count: int, most: int) -> list[slice]:
    """About equal chunks of at most so many rows; none has a single row unless there is only one."""
    number = -(-count // most)
    edges = [count * i // number for i in range(number + 1)]
    return [slice(start, stop) for start, stop in pairwise(edges)]
