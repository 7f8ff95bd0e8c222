"""Training on Dask workers: real processes, a real scheduler on loopback, a real kill -9."""

from __future__ import annotations

import os
import pickle
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, Worker, WorkerPlugin

from gdrun.descent.loop import Rows
from gdrun.experiment.comparing import plan
from gdrun.experiment.engine import dispatch, engine, fitness, remote, workers
from gdrun.experiment.engine.amount import Pace, amount, spread
from gdrun.experiment.engine.dispatch import train_on
from gdrun.experiment.engine.engine import Engine
from gdrun.experiment.engine.errors import ClusterError, NoClusterError
from gdrun.experiment.engine.workers import Workers
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.sources import Sources
from gdrun.experiment.tiles import tiles
from gdrun.experiment.training import train_tile
from gdrun.experiment.unfinished.keeper import Saving
from tests.experiment.clusters import dask
from tests.experiment.sweep_cases import sweep_of

BLOBS = """\
dataset: {kind: blobs, examples: 400}
model: softmax
optimizer: {kind: gd, lr: 0.1}
epochs: 4
compare: {candidates: [{optimizer: {kind: gd, lr: 0.1}}, {optimizer: {kind: momentum, lr: 0.1}}], seeds: 3}
"""
SURFACE = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
optimizer: {kind: gd, lr: 0.05}
steps: 20
"""
TIMES = ("seconds", "started")
SHIELDED = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2}
WITHOUT_GDRUN = "import sys; sys.modules['gdrun'] = None; "
Result = tuple[dict[str, Any], list[dict[str, Any]], dict[str, bytes]]


def tiles_of(text: str, *overrides: str, size: int = 64) -> list[list[Problem]]:
    problems = [cell.problem for cell in plan(sweep_of(text, *overrides), Sources()).cells]
    return [tile[at : at + size] for tile in tiles(problems, 1 << 30) for at in range(0, len(tile), size)]


def kept(runs: Sequence[Finished]) -> dict[str, Result]:
    """All that is kept of runs, times aside."""
    return {run.id: (_timeless(run.row), [_timeless(row) for row in run.history], _bytes(run)) for run in runs}


def _timeless(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in TIMES}


def _bytes(run: Finished) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in {**run.weights, **run.path}.items()}


def here(cut: Sequence[list[Problem]]) -> dict[str, Result]:
    """What the runs are in this process."""
    return kept([run for tile in cut for run in train_tile(tile)])


def on(client: Client, cut: Sequence[list[Problem]], between: Callable[[], object] = lambda: None) -> list[Finished]:
    """The runs that came back, each with its own tile; something may happen after the first ones."""
    found: list[Finished] = []
    for tile, finished in train_on(client, cut):
        assert [problem.id for problem in tile] == [run.id for run in finished]
        if not found:
            between()
        found += finished
    return found


@pytest.fixture(scope="module")
def two_jobs() -> Iterator[Client]:
    with closing(Workers(2, None)) as started:
        yield started.client()


def test_the_same_bits_in_process_on_two_jobs_and_on_a_cluster(two_jobs: Client, tmp_path: Path) -> None:
    cut = tiles_of(BLOBS, "optimizer.lr=[0.1,0.3]", size=4)
    assert [len(tile) for tile in cut] == [4, 2, 4, 2]
    alone = here(cut)
    assert all(row["status"] == "finished" for row, _, _ in alone.values())
    assert kept(on(two_jobs, cut)) == alone
    with dask(tmp_path, scheduler=WITHOUT_GDRUN) as cluster, closing(Workers(1, cluster.address)) as elsewhere:
        assert kept(on(elsewhere.client(), cut)) == alone  # the commit included: it is ours, not the workers'


def test_data_are_sent_once_and_not_with_every_tile(two_jobs: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = tiles_of(BLOBS, "dataset.examples=5000", size=1)
    submit = two_jobs.submit
    sizes: list[int] = []
    data: list[int] = []

    def seen(function: Any, packed: bytes, *args: Any, **options: Any) -> Any:
        (data if function is pickle.loads else sizes).append(len(packed))
        return submit(function, packed, *args, **options)

    monkeypatch.setattr(two_jobs, "submit", seen)
    assert len(on(two_jobs, cut)) == len(cut) <= len(sizes)  # at the end one may go to another worker, too
    assert len(data) == 1
    assert max(sizes) < 10_000 < 100_000 < data[0]


def test_workers_forget_data_that_nobody_needs_any_more(two_jobs: Client) -> None:
    cut = tiles_of(BLOBS, "dataset.seed=[0,1,2]")
    assert len({id(problem.data) for tile in cut for problem in tile}) == 3
    for place, _ in enumerate(train_on(two_jobs, cut), 1):
        if place == len(cut):
            wait_until(lambda: not held_by(two_jobs))


def held_by(client: Client) -> list[str]:
    """The data that a cluster has."""
    return client.run_on_scheduler(  # type: ignore[no-any-return, no-untyped-call]
        lambda dask_scheduler: [
            str(key) for key, task in dask_scheduler.tasks.items() if str(key).startswith("loads") and task.who_has
        ]
    )


def wait_until(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_workers_tell_how_far_they_are(two_jobs: Client) -> None:
    two_jobs.run(setattr, remote, "BETWEEN_NEWS", 0.0)
    cut = tiles_of(BLOBS, "epochs=30", size=3)
    seen: list[tuple[list[str], Rows]] = []
    results = [
        [problem.id for problem in tile]
        for tile, _ in train_on(two_jobs, cut, lambda tile, rows: seen.append(([one.id for one in tile], rows)))
    ]
    assert sorted(results) == sorted([one.id for one in tile] for tile in cut)
    two_jobs.run(setattr, remote, "BETWEEN_NEWS", 1.0)
    assert seen
    for ids, rows in seen:
        assert ids in results
        assert rows.runs.tolist() == [0, 1, 2]
        assert 0 <= rows.step <= 30 * 10
        assert rows.examples == rows.step * 32


def test_killed_workers_lose_no_run(two_jobs: Client) -> None:
    cut = tiles_of(BLOBS, "optimizer.lr=[0.1,0.3]", "epochs=60", size=2)
    killed = two_jobs.run(os.getpid).values()

    def kill() -> None:
        for pid in killed:
            os.kill(pid, signal.SIGKILL)

    assert len(killed) == 2
    found = on(two_jobs, cut, kill)
    assert kept(found) == here(cut)
    assert not set(killed) & set(two_jobs.run(os.getpid).values())


class Deadly(WorkerPlugin):
    """On every worker, also those that come later: to train one certain run is its end."""

    def __init__(self, run: str) -> None:
        self.run = run

    def setup(self, worker: Worker) -> None:
        def train(
            problems: Sequence[Problem], watch: Callable[[Rows], object], saving: Saving | None
        ) -> list[Finished]:
            if self.run in [problem.id for problem in problems]:
                os.kill(os.getpid(), signal.SIGKILL)
            return train_tile(problems, watch, saving)

        vars(remote)["train_tile"] = train

    def teardown(self, worker: Worker) -> None:
        vars(remote)["train_tile"] = train_tile


def test_a_run_that_kills_its_worker_fails_alone(two_jobs: Client) -> None:
    cut = tiles_of(BLOBS, size=3)
    assert [len(tile) for tile in cut] == [3, 3]
    alone = here(cut)
    deadly = cut[0][1].id
    two_jobs.register_plugin(Deadly(deadly), name="deadly")
    try:
        found = kept(on(two_jobs, cut))
    finally:
        two_jobs.unregister_worker_plugin("deadly")  # type: ignore[no-untyped-call]
    row, history, weights = found.pop(deadly)
    assert (row["status"], row["cause"], history, weights) == ("failed", "its worker was killed", [], {})
    assert row["config"] == alone.pop(deadly)[0]["config"]
    assert found == alone


def test_what_goes_wrong_in_training_is_a_failed_row(two_jobs: Client) -> None:
    (tile,) = tiles_of(SURFACE, "seed=[0,1]")
    broken = [*tile, *tiles_of(BLOBS)[0]]  # of two structures
    found = on(two_jobs, [broken, tile])
    assert {str(run.row["status"]) for run in found} == {"failed", "finished"}


def test_local_workers_are_set_up_for_numpy_and_leave_nothing() -> None:
    (tile,) = tiles_of(SURFACE)
    with closing(Workers(1, None)) as started:
        client = started.client()
        (pid,) = client.run(os.getpid).values()
        for name, value in (("MALLOC_TRIM_THRESHOLD_", None), ("OPENBLAS_NUM_THREADS", "1")):
            assert set(client.run(os.environ.get, name).values()) == {value}
        assert [*client.run(signal.pthread_sigmask, signal.SIG_BLOCK, ()).values()] == [SHIELDED]
        assert kept(on(client, [tile])) == kept(train_tile(tile))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{free}", "nonsense", "foo://127.0.0.1:1"])
def test_a_cluster_that_is_not_there_is_one_line(
    address: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert workers.CONNECT < 10
    monkeypatch.setattr(workers, "CONNECT", 1.0)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = address.format(free=server.getsockname()[1])
    with closing(Workers(1, address)) as started, pytest.raises(NoClusterError) as error:
        started.client()
    assert str(error.value).startswith(f"--cluster {address}: ")
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


def test_workers_without_gdrun_are_refused(tmp_path: Path) -> None:
    message = r"^the worker tcp://\S+ cannot use gdrun \d\S+: .*No module named 'gdrun\S*'"
    with (
        dask(tmp_path, worker=WITHOUT_GDRUN) as cluster,
        closing(Workers(1, cluster.address)) as started,
        pytest.raises(NoClusterError, match=message),
    ):
        on(started.client(), tiles_of(SURFACE))


def test_workers_of_other_versions_are_refused() -> None:
    ours = remote.versions()
    fitness.check("tcp://a:1", ours)
    with pytest.raises(NoClusterError) as error:
        fitness.check("tcp://a:1", {**ours, "numpy": "1.0", "gdrun": "0.0"})
    said = f"gdrun 0.0 instead of {ours['gdrun']}, numpy 1.0 instead of {ours['numpy']}"
    assert str(error.value) == f"the worker tcp://a:1 has {said}: its bits would differ"


def test_a_cluster_without_workers_is_one_line(two_jobs: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "WITHOUT_WORKERS", 0.3)
    monkeypatch.setattr(two_jobs, "nthreads", dict)
    with pytest.raises(ClusterError, match=r"^the cluster has no workers left$"):
        on(two_jobs, tiles_of(SURFACE))


class Unwanted:
    """Workers that nobody should have started."""

    def __init__(self, jobs: int, address: str | None) -> None:
        raise AssertionError("workers were started")


@pytest.mark.parametrize(
    ("jobs", "cores", "worth"), [(1, 8, 0.0), (None, 1, 0.0), (None, 8, 1000.0)], ids=["one", "one core", "little"]
)
def test_in_process_where_workers_are_not_wanted_or_not_worth_it(
    jobs: int | None, cores: int, worth: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "Workers", Unwanted)
    monkeypatch.setattr(engine, "granted_cores", lambda: cores)
    monkeypatch.setattr(engine, "WORTH", worth)
    monkeypatch.setattr(engine, "ENOUGH", 0.0)
    cut = tiles_of(BLOBS, size=2)
    said: list[str] = []
    with Engine(jobs, None, said.append) as here_alone:
        found = [run for _, finished in here_alone.train(cut, lambda tile, rows: None) for run in finished]
    assert [run.id for run in found] == [problem.id for tile in cut for problem in tile]
    assert not said


def test_workers_take_over_once_that_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "granted_cores", lambda: 2)
    monkeypatch.setattr(engine, "WORTH", 0.0)
    monkeypatch.setattr(engine, "ENOUGH", 0.0)
    cut = tiles_of(BLOBS, "optimizer.lr=[0.1,0.3]", size=2)
    cut[1] = tiles_of(BLOBS, "epochs=1000000")[0][:1]  # would never be done here, or there
    said: list[str] = []
    found: list[Finished] = []
    trained = Engine(None, None, said.append)
    with trained:
        for _, finished in trained.train(cut, lambda tile, rows: None):
            found += finished
            if len(found) == sum(map(len, cut)) - 1:
                break
    assert len(said) == 1
    assert said[0].startswith("2 workers are started: about ")
    assert kept(found) == here([cut[0], *cut[2:]])


def test_workers_that_cannot_be_had_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Workers):
        there = True

        def __init__(self, jobs: int, address: str | None) -> None:
            pass

        def client(self) -> Client:
            raise ClusterError("workers could not be started: no sockets")

        def close(self) -> None:
            pass

    monkeypatch.setattr(engine, "Workers", Failing)
    monkeypatch.setattr(engine, "granted_cores", lambda: 2)
    monkeypatch.setattr(engine, "WORTH", 0.0)
    monkeypatch.setattr(engine, "ENOUGH", 0.0)
    cut = tiles_of(BLOBS, size=2)
    said: list[str] = []
    with Engine(None, None, said.append) as trained:
        found = [run for _, finished in trained.train(cut, lambda tile, rows: None) for run in finished]
    assert kept(found) == here(cut)
    assert said[1:] == ["workers could not be started: no sockets; training goes on without"]
    with Engine(2) as asked, pytest.raises(ClusterError, match="no sockets"):
        list(asked.train(cut, lambda tile, rows: None))


def test_tiles_are_spread_over_workers_the_largest_first() -> None:
    (tile,) = tiles_of(SURFACE, "seed=0..63")
    small = tiles_of(SURFACE, "seed=[0,1]", "steps=10")
    cut = spread([*small, tile], 2)
    assert [len(each) for each in cut] == [8] * 8 + [2]
    assert [one.id for each in cut[:-1] for one in each] == [one.id for one in tile]
    assert spread([tile[:15]], 100) == [tile[:15]]  # halves would be too few to share the cost of a step


def test_the_work_in_a_tile_and_how_long_it_takes() -> None:
    (tile,) = tiles_of(BLOBS.partition("compare")[0], "seed=0..9")
    parameters, batch, steps = 3 * 3, 32, 4 * 10  # 320 for training, in batches of 32
    assert tile[0].variables == parameters
    assert amount(tile) == steps * (1e5 + 10 * batch * parameters)
    (surface,) = tiles_of(SURFACE, "seed=0..9")
    assert amount(surface) == 20 * (1e5 + 10 * 2)
    pace = Pace()
    pace.note(tile, 2.0, share=0.5)
    assert pace.seconds_for([tile]) == pytest.approx(4.0)
    assert pace.seconds_for([surface]) == pytest.approx(4.0 * amount(surface) / amount(tile))
    assert pace.including(surface, 1.0, 1.0).seconds_for([surface, tile]) == pytest.approx(5.0)
    assert pace.seconds == 2.0
