"""Who is told how the training of a plan goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, TypeAlias

from gdrun.descent.loop import Rows
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.unfinished.checkpoint import Checkpoint
from gdrun.experiment.work import Work


class Onlooker(Protocol):
    """Who is told how the training goes."""

    def see(self, tile: Sequence[Problem], rows: Rows) -> None:
        """Some runs of a tile have a record."""

    def end(self, finished: Sequence[Finished]) -> None:
        """A tile has ended."""

    def go_on(self, saved: Sequence[Checkpoint]) -> None:
        """Some runs go on from where they were saved."""

    def wait(self, runs: int) -> None:
        """So many runs are being trained by another process."""


Look: TypeAlias = Callable[[Work], AbstractContextManager[Onlooker]]
"""Makes the onlooker of a piece of work, for as long as that lasts."""


class Nobody:
    """Looks away."""

    def see(self, tile: Sequence[Problem], rows: Rows) -> None:
        """Nothing."""

    def end(self, finished: Sequence[Finished]) -> None:
        """Nothing."""

    def go_on(self, saved: Sequence[Checkpoint]) -> None:
        """Nothing."""

    def wait(self, runs: int) -> None:
        """Nothing."""


@contextmanager
def unseen(work: Work) -> Iterator[Nobody]:
    """Nobody looks on."""
    yield Nobody()
