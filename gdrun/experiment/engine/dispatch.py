"""Tiles sent to workers and their results taken back, whatever becomes of the workers."""

from __future__ import annotations

import pickle
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Any

from gdrun.descent.loop import Rows
from gdrun.experiment.engine.amount import halves
from gdrun.experiment.engine.errors import ClusterError
from gdrun.experiment.engine.fitness import Fitness
from gdrun.experiment.engine.remote import Shared, heed, packed_data, packed_tile, rows_of, unpacked
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
TO_SAVE = 20.0
"""Seconds that workers have to save what they train."""
KILLED = "its worker was killed"
Watch = Callable[[Sequence[Problem], Rows], object]
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
    saves: int
    """How many times signals have asked to save all tiles, as far as workers know."""
    suspects: deque[list[Problem]] = field(default_factory=deque)
    sent: dict[Future[list[Finished]], Sent] = field(default_factory=dict)
    held: dict[tuple[int, int], Future[Shared]] = field(default_factory=dict)
    """The data that workers hold, by the identity of what they are here."""
    deaths: Counter[str] = field(default_factory=Counter)
    """Workers that were killed with a run while nothing else was being trained."""
    news: deque[dict[str, Any]] = field(default_factory=deque)
    begun: set[int] = field(default_factory=set)
    """Numbers of the tiles of which there was news."""
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def empty(self) -> bool:
        """Whether everything has come back."""
        return not (self.waiting or self.suspects or self.sent)

    @property
    def topic(self) -> str:
        """Under which workers tell how far they are."""
        return f"gdrun-{self.client.id}"


def train_on(
    client: Client, tiles: Sequence[list[Problem]], watch: Watch = lambda tile, rows: None, at: Desk | None = None
) -> Iterator[Result]:
    """Train tiles on workers, each as it is done. A tile that kills its worker is halved until its one run is found.

    Raises ClusterError, Interrupted, and WriteError.
    """
    state, fitness = Dispatch(client, deque(tiles), watch, at or Desk(), asked.saves), Fitness(client)
    client.subscribe_topic(state.topic, lambda event: state.news.append(event[1]))  # type: ignore[no-untyped-call]
    last_worker = perf_counter()
    try:
        while not state.empty:
            addresses = fitness.addresses()
            if addresses:
                last_worker = perf_counter()
                _send(state, addresses)
            elif perf_counter() - last_worker > WITHOUT_WORKERS:
                raise ClusterError("the cluster has no workers left")
            for future in _ended(state):
                yield from _result(state, future)
            _tell(state)
            yield from _heed_signals(state)
    finally:
        # what is being trained goes on to its end on a worker somewhere else, and is dropped there
        client.unsubscribe_topic(state.topic)  # type: ignore[no-untyped-call]
        state.sent.clear()
        state.held.clear()


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
    for future, sent in state.sent.items():
        if busy[sent.worker] > 1 and sent.number not in state.begun:
            del state.sent[future]
            busy[sent.worker] -= 1
            state.waiting.append(sent.tile)
            return


def _submit(state: Dispatch, tile: list[Problem], worker: str, alone: bool) -> None:
    tile = state.desk.take(tile)
    if not tile:
        return
    number = next(state.numbers)
    packed = packed_tile(tile, state.topic, number, state.desk.saving)
    # Dask by itself would queue everything where the data are, and leave a worker that came later without work
    options: dict[str, Any] = {"workers": [worker], "allow_other_workers": True, "pure": False}
    future = state.client.submit(unpacked(), packed, _held(state, tile[0]), **options)
    state.sent[future] = Sent(tile, worker, number, alone)


def _held(state: Dispatch, problem: Problem) -> Future[Shared] | None:
    """The data on the workers. As a task, since scattered data would be lost with the worker that has them."""
    key = _data_of(problem)
    if key is None:
        return None
    if key not in state.held or state.held[key].status == "error":
        state.held[key] = state.client.submit(pickle.loads, packed_data(problem), pure=False)
    return state.held[key]


def _data_of(problem: Problem) -> tuple[int, int] | None:
    return None if problem.data is None else (id(problem.data), id(problem.train))


def _ended(state: Dispatch) -> list[Future[list[Finished]]]:
    """The tiles that ended within a second, which is how soon a worker that came is seen."""
    from distributed import wait
    from distributed.client import FutureCancelledError

    if not state.sent:
        sleep(0.1)
        return []
    try:
        ended = wait(list(state.sent), timeout=1, return_when="FIRST_COMPLETED")  # type: ignore[no-untyped-call]
        return list(ended.done)
    except TimeoutError:
        return []
    except FutureCancelledError:
        raise ClusterError("the connection to the cluster's scheduler was lost") from None


def _heed_signals(state: Dispatch) -> Iterator[Result]:
    """Let workers save what they train, and stop, if that is asked for: what had ended by then still counts."""
    from distributed import wait
    from distributed.client import FutureCancelledError

    if asked.saves == state.saves and asked.stop is None:
        return
    state.saves = asked.saves
    if state.desk.saving is not None:
        with suppress(OSError, TimeoutError):  # a worker without a connection saves nothing
            state.client.run(heed, asked.stop, asked.saves, on_error="ignore")
    if asked.stop is None:
        return
    if state.desk.saving is not None and state.sent:
        with suppress(TimeoutError, FutureCancelledError):
            wait(list(state.sent), timeout=TO_SAVE)  # type: ignore[no-untyped-call]
    for future in [future for future in state.sent if future.status == "finished"]:
        yield from _result(state, future)
    raise Interrupted(asked.stop)


def _tell(state: Dispatch) -> None:
    """Pass on how far tiles are that are still on their way."""
    tiles = {sent.number: sent.tile for sent in state.sent.values()}
    while state.news:
        message = state.news.popleft()
        state.begun.add(message["tile"])
        if message["tile"] in tiles:
            state.watch(tiles[message["tile"]], rows_of(message))


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
    except WriteError:
        raise
    except Exception as error:  # training's own errors are results, so it never began
        message = str(error).partition("\n")[0]
        raise ClusterError(f"a worker cannot train: {type(error).__name__}: {message}") from None
    else:
        sent = state.sent.pop(future)
        _drop_data(state, sent.tile[0])
        commit = environment()["git_commit"]  # of where the results are written, which a worker may not know
        yield sent.tile, [replace(run, row={**run.row, "git_commit": commit}) for run in finished]


def _drop_data(state: Dispatch, problem: Problem) -> None:
    """Let workers forget data that no other tile needs."""
    left = (*state.waiting, *state.suspects, *(sent.tile for sent in state.sent.values()))
    key = _data_of(problem)
    if key in state.held and not any(_data_of(tile[0]) == key for tile in left):
        del state.held[key]


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
