"""Where tiles are trained: here, on workers that are asked for, or on workers once that is worth their start."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING, Self

from gdrun.descent.loop import Rows
from gdrun.experiment.engine.amount import FEWEST, Pace, spread, steps_of
from gdrun.experiment.engine.dispatch import Result, train_on
from gdrun.experiment.engine.errors import ClusterError
from gdrun.experiment.engine.news import Watch
from gdrun.experiment.engine.workers import Workers
from gdrun.experiment.problem import Problem
from gdrun.experiment.resources import granted_cores
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.signals import heeded
from gdrun.experiment.training import train_tile
from gdrun.experiment.unfinished.desk import Desk
from gdrun.experiment.unfinished.keeper import Saving

if TYPE_CHECKING:
    from distributed import Client

WORTH = 20.0
"""Seconds of work left for which workers are started."""
ENOUGH = 0.5
"""Seconds of training after which its pace is known."""
BETWEEN_LOOKS = 2.0
"""Seconds between two estimates of what is left."""


class HandoverError(Exception):
    """The tile in hand is for the workers."""


@dataclass
class Engine:
    """Trains tiles; workers are started when they are needed, and ended with it."""

    jobs: int | None = 1
    """Processes; None: this one, and workers for all cores once that is worth it."""
    address: str | None = None
    """Of a Dask scheduler whose workers are to do it."""
    say: Callable[[str], object] = lambda text: None
    workers: Workers | None = field(default=None, init=False)
    pace: Pace = field(default_factory=Pace, init=False)
    looked: float = field(default=float("-inf"), init=False)
    served: list[Desk] = field(default_factory=list, init=False)
    """Whose tiles went to workers."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.workers is not None:
            with heeded():  # a signal that ends this too early would leave workers behind
                self.workers.close()
            for desk in self.served:
                desk.clear()

    @property
    def processes(self) -> int:
        """At most so many train at once on this machine."""
        return granted_cores() if self.jobs is None else self.jobs

    @property
    def elsewhere(self) -> bool:
        """Whether everything is trained on workers."""
        return self.address is not None or (self.processes > 1 and self.jobs is not None)

    def train(self, tiles: Sequence[list[Problem]], watch: Watch, at: Desk | None = None) -> Iterator[Result]:
        """Train what of some tiles is ours, each as it is done; `watch` sees records of tiles under way.

        Raises ClusterError, Interrupted, and WriteError.
        """
        at = at or Desk()
        waiting = deque(tiles)
        if self.elsewhere and self.workers is None:
            self._start()
        while waiting:
            if self.elsewhere or (self.workers is not None and self.workers.there):
                client = self._client()
                if client is not None:
                    self.served.append(at)
                    some = spread(waiting, len(client.nthreads()))  # type: ignore[no-untyped-call]
                    # what is on another machine cannot be saved here: there a tile starts again
                    yield from train_on(client, some, watch, at if self.address is None else replace(at, saving=None))
                    return
            tile = at.take(waiting.popleft())
            if not tile:
                continue
            try:
                finished = self._train_here(tile, waiting, watch, at.saving)
            except HandoverError:
                waiting.appendleft(tile)
            else:
                yield tile, finished

    def _client(self) -> Client | None:
        """The workers; None where nobody asked for them and they cannot be had."""
        assert self.workers is not None
        try:
            return self.workers.client()
        except ClusterError as error:
            if self.elsewhere:
                raise
            self.say(f"{error}; training goes on without")
            self.workers, self.jobs = None, 1
            return None

    def _start(self, why: str = "") -> None:
        self.workers = Workers(self.processes, self.address)
        if self.address is None:
            self.say(f"{self.processes} workers are started{why}")

    def _train_here(
        self, tile: list[Problem], waiting: Sequence[list[Problem]], watch: Watch, saving: Saving | None
    ) -> list[Finished]:
        began, steps = perf_counter(), steps_of(tile[0])
        saved = saving.found(tile) if saving else None
        before = saved.state.step if saved else 0

        def seen(rows: Rows) -> None:
            watch(tile, rows)
            self._consider(tile, waiting, perf_counter() - began, (rows.step - before) / steps)

        finished = train_tile(tile, seen, saving)
        self.pace.note(tile, perf_counter() - began, (steps - before) / steps)
        return finished

    def _consider(self, tile: list[Problem], waiting: Sequence[list[Problem]], spent: float, share: float) -> None:
        """Start workers if they are worth it; raise HandoverError if they had better have the tile in hand."""
        alone = not waiting and len(tile) < 2 * FEWEST
        if self.processes < 2 or share == 0 or alone:
            return
        left = spent * (1 - share) / share
        if self.workers is None:
            if perf_counter() - self.looked > BETWEEN_LOOKS and spent + self.pace.seconds > ENOUGH:
                self.looked = perf_counter()
                left += self.pace.including(tile, spent, share).seconds_for(waiting)
                if left > WORTH:
                    self._start(f": about {left:.0f} s of training are left")
        elif self.workers.there and left > spent:
            raise HandoverError
