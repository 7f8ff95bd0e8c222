"""Tiles sent to workers and their results taken back, whatever becomes of the workers."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from gdrun.experiment.engine.amount import halves
from gdrun.experiment.engine.errors import ClusterError
from gdrun.experiment.engine.fitness import Fitness
from gdrun.experiment.engine.held import Held
from gdrun.experiment.engine.news import News, Watch
from gdrun.experiment.engine.orders import Orders
from gdrun.experiment.engine.remote import packed_tile, unpacked
from gdrun.experiment.environment import environment
from gdrun.experiment.outcome import failed_row
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.results.writing import WriteError
from gdrun.experiment.signals import Interrupted, asked
from gdrun.experiment.unfinished.desk import Desk

if TYPE_CHECKING:
    from distributed import Client, Future

WITHOUT_WORKERS = 60.0
"""Seconds that a sweep waits for a worker when all are gone; one that was killed is back in a few."""
IN_FLIGHT = 2
"""Tiles that a worker has: the one it trains, and the next, so that it never waits."""
GUILTY = 2
"""How often a run must have been alone with a worker that was killed: workers die of other things, too."""
KILLED = "its worker was killed"
Result = tuple[list[Problem], list[Finished]]


@dataclass(frozen=True)
class Sent:
    """A tile on its way."""

    tile: list[Problem]
    worker: str
    number: int
    alone: bool
    """Nothing else is being trained: if its worker dies, no other tile is to blame."""


@dataclass
class Dispatch:
    """Tiles to be trained, those suspected of killing their worker, and those on their way."""

    client: Client
    waiting: deque[list[Problem]]
    watch: Watch
    desk: Desk
    held: Held
    news: News
    suspects: deque[list[Problem]] = field(default_factory=deque)
    sent: dict[Future[list[Finished]], Sent] = field(default_factory=dict)
    deaths: Counter[str] = field(default_factory=Counter)
    """Workers that were killed with a run while nothing else was being trained."""
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def empty(self) -> bool:
        """Whether everything has come back."""
        return not (self.waiting or self.suspects or self.sent)


def train_on(
    client: Client, tiles: Sequence[list[Problem]], watch: Watch = lambda tile, rows: None, at: Desk | None = None
) -> Iterator[Result]:
    """Train tiles on workers, each as it is done. A tile that kills its worker is halved until its one run is found.

    Raises ClusterError, Interrupted, and WriteError.
    """
    from distributed.comm.core import CommClosedError

    at = at or Desk()
    with News(client) as news:
        state = Dispatch(client, deque(tiles), watch, at, Held(client), news)
        try:
            yield from _train(state, Fitness(client), Orders(client, at.saving is not None))
        except (CancelledError, CommClosedError):
            raise ClusterError("the connection to the cluster's scheduler was lost") from None
        finally:
            # a worker somewhere else sees that nobody wants what it trains, and stops
            state.sent.clear()
            state.held.clear()


def _train(state: Dispatch, fitness: Fitness, orders: Orders) -> Iterator[Result]:
    last_worker = perf_counter()
    while not state.empty:
        addresses = fitness.addresses()
        if addresses:
            last_worker = perf_counter()
            _send(state, addresses)
        elif perf_counter() - last_worker > WITHOUT_WORKERS:
            raise ClusterError("the cluster has no workers left")
        for future in _ended(state):
            yield from _result(state, future)
        state.news.tell({sent.number: sent.tile for sent in state.sent.values()}, state.watch)
        orders.pass_on(state.sent)
        if asked.stop is not None:  # what had ended by then still counts
            for future in [future for future in state.sent if future.status == "finished"]:
                yield from _result(state, future)
            raise Interrupted(asked.stop)


def _send(state: Dispatch, addresses: Sequence[str]) -> None:
    """Fill up the workers; suspects go by themselves, when all else is done."""
    busy = Counter(sent.worker for sent in state.sent.values())
    if not state.waiting and any(not busy[address] for address in addresses):
        _recall(state, busy)
    while state.waiting:
        worker = min(addresses, key=lambda address: busy[address])
        if busy[worker] >= IN_FLIGHT:
            return
        _submit(state, state.waiting.popleft(), worker, alone=False)
        busy[worker] += 1
    if state.suspects and not state.sent:
        state.desk.look_again(state.suspects[0])
        _submit(state, state.suspects.popleft(), addresses[0], alone=True)


def _recall(state: Dispatch, busy: Counter[str]) -> None:
    """Take back a tile that waits behind another while a worker has nothing to do."""
    # the last one first: of one before it that has just begun there may be no news yet
    for future, sent in reversed(state.sent.items()):
        if busy[sent.worker] > 1 and sent.number not in state.news.begun:
            del state.sent[future]
            busy[sent.worker] -= 1
            state.waiting.append(sent.tile)
            return


def _submit(state: Dispatch, tile: list[Problem], worker: str, alone: bool) -> None:
    tile = state.desk.take(tile)
    if not tile:
        return
    number = next(state.numbers)
    packed = packed_tile(tile, state.news.topic, number, state.desk.saving)
    # Dask by itself would queue everything where the data are, and leave a worker that came later without work
    options: dict[str, Any] = {"workers": [worker], "allow_other_workers": True, "pure": False}
    future = state.client.submit(unpacked(), packed, state.held.of(tile[0]), **options)
    state.sent[future] = Sent(tile, worker, number, alone)


def _ended(state: Dispatch) -> list[Future[list[Finished]]]:
    """The tiles that ended within a second, which is how soon a worker that came is seen."""
    from distributed import wait

    if not state.sent:
        sleep(0.1)
        return []
    try:
        ended = wait(list(state.sent), timeout=1, return_when="FIRST_COMPLETED")  # type: ignore[no-untyped-call]
        return list(ended.done)
    except TimeoutError:
        return []


def _result(state: Dispatch, future: Future[list[Finished]]) -> Iterator[Result]:
    from distributed import KilledWorker

    try:
        finished = future.result(timeout=WITHOUT_WORKERS)
    except TimeoutError:  # it had ended, and its worker died before we had it: it is trained again
        return
    except KilledWorker as error:
        sent = state.sent.pop(future)
        state.held.clear()  # they may have gone with the worker
        if error.task == future.key:
            yield from _killed(state, sent)
        else:  # while the data were on their way to it
            state.suspects.append(sent.tile)
    except (WriteError, CancelledError):
        raise
    except Exception as error:  # training's own errors are results, so it never began
        message = str(error).partition("\n")[0]
        raise ClusterError(f"a worker cannot train: {type(error).__name__}: {message}") from None
    else:
        sent = state.sent.pop(future)
        left = (*state.waiting, *state.suspects, *(other.tile for other in state.sent.values()))
        state.held.drop(sent.tile[0], (tile[0] for tile in left))
        commit = environment()["git_commit"]  # of where the results are written, which a worker may not know
        yield sent.tile, [replace(run, row={**run.row, "git_commit": commit}) for run in finished]


def _killed(state: Dispatch, sent: Sent) -> Iterator[Result]:
    """Suspect the tile, which may only have been near; halve the guilty; a guilty run has failed."""
    tile = sent.tile
    if not sent.alone:
        state.suspects.append(tile)
        return
    if len(tile) > 1:
        state.suspects.extendleft(reversed(halves(tile)))
        return
    state.deaths[tile[0].id] += 1
    if state.deaths[tile[0].id] < GUILTY:
        state.suspects.append(tile)
    else:
        made = {**environment(), "started": datetime.now(UTC).isoformat(timespec="seconds")}
        yield tile, [Finished(tile[0].id, failed_row(tile[0], KILLED, made), [])]
