"""The data that workers hold: sent once, whatever the number of tiles, and forgotten when no tile needs them."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gdrun.experiment.engine.remote import Shared, packed_data
from gdrun.experiment.problem import Problem

if TYPE_CHECKING:
    from distributed import Client, Future


@dataclass
class Held:
    """Data by the identity of what they are here."""

    client: Client
    futures: dict[tuple[int, int], Future[Shared]] = field(default_factory=dict)

    def of(self, problem: Problem) -> Future[Shared] | None:
        """The data of a problem. As a task, since scattered data would be lost with the worker that has them."""
        key = _data_of(problem)
        if key is None:
            return None
        if key not in self.futures or self.futures[key].status == "error":
            self.futures[key] = self.client.submit(pickle.loads, packed_data(problem), pure=False)
        return self.futures[key]

    def drop(self, problem: Problem, left: Iterable[Problem]) -> None:
        """Let workers forget a problem's data if no other one that is left has the same."""
        key = _data_of(problem)
        if key in self.futures and not any(_data_of(other) == key for other in left):
            del self.futures[key]

    def clear(self) -> None:
        """Let them forget all: who was killed has forgotten by itself."""
        self.futures.clear()


def _data_of(problem: Problem) -> tuple[int, int] | None:
    return None if problem.data is None else (id(problem.data), id(problem.train))
