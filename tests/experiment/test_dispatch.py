"""Tiles sent to Dask workers: real processes, a real scheduler on loopback, a real kill -9."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, Worker, WorkerPlugin

from gdrun.descent.loop import Rows
from gdrun.experiment.engine import dispatch, remote
from gdrun.experiment.engine.dispatch import train_on
from gdrun.experiment.engine.errors import ClusterError
from gdrun.experiment.engine.held import Held
from gdrun.experiment.engine.news import News
from gdrun.experiment.engine.remote import packed_tile, unpacked
from gdrun.experiment.engine.workers import Workers
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.training import train_tile
from gdrun.experiment.unfinished.keeper import Saving
from tests.experiment.clusters import WITHOUT_GDRUN, dask
from tests.experiment.trained import BLOBS, SURFACE, here, kept, on, tiles_of
from tests.waiting import wait_until


@pytest.fixture(scope="module")
def started() -> Iterator[Client]:
    with closing(Workers(2, None)) as workers:
        yield workers.client()


@pytest.fixture
def two_jobs(started: Client) -> Client:
    started.wait_for_workers(2, timeout=60)  # one that another test has killed comes back
    return started


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


def test_workers_tell_how_far_they_are(two_jobs: Client) -> None:
    two_jobs.run(setattr, remote, "BETWEEN_NEWS", 0.0)
    cut = tiles_of(BLOBS, "epochs=300", size=3)  # long enough for news to arrive before the results
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
        assert 0 <= rows.step <= 300 * 10
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


class Before(WorkerPlugin):
    """On every worker, also those that come later: what is done before a tile is trained."""

    def __init__(self, what: Callable[[list[str]], object]) -> None:
        self.what = what

    def setup(self, worker: Worker) -> None:
        def train(
            problems: Sequence[Problem], watch: Callable[[Rows], object], saving: Saving | None
        ) -> list[Finished]:
            self.what([problem.id for problem in problems])
            return train_tile(problems, watch, saving)

        vars(remote)["train_tile"] = train

    def teardown(self, worker: Worker) -> None:
        vars(remote)["train_tile"] = train_tile


@contextmanager
def before_each(client: Client, what: Callable[[list[str]], object]) -> Iterator[None]:
    """Do it with the runs of a tile, on its worker."""
    client.register_plugin(Before(what), name="before")
    try:
        yield
    finally:
        client.unregister_worker_plugin("before")  # type: ignore[no-untyped-call]


def test_a_run_that_kills_its_worker_fails_alone(two_jobs: Client) -> None:
    cut = tiles_of(BLOBS, size=3)
    assert [len(tile) for tile in cut] == [3, 3]
    alone = here(cut)
    deadly = cut[0][1].id

    def die(runs: list[str]) -> None:
        if deadly in runs:
            os.kill(os.getpid(), signal.SIGKILL)

    with before_each(two_jobs, die):
        found = kept(on(two_jobs, cut))
    row, history, weights = found.pop(deadly)
    assert (row["status"], row["cause"], history, weights) == ("failed", "its worker was killed", [], {})
    assert row["config"] == alone.pop(deadly)[0]["config"]
    assert found == alone


def test_a_tile_that_others_wait_behind_is_not_taken_back_though_there_is_no_news_of_it(
    two_jobs: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The first worker is slow to begin; the second one is to take what waits there, and not what is first."""
    monkeypatch.setattr(News, "tell", lambda news, tiles, watch: None)
    cut = tiles_of(BLOBS.partition("compare")[0], "optimizer.lr=[0.1,0.2,0.3]", size=1)
    first, trained = cut[0][0].id, str(tmp_path / "trained")

    def slowly(runs: list[str]) -> None:
        with Path(trained).open("a") as file:
            file.write("".join(f"{run}\n" for run in runs))
        time.sleep(1.0 if first in runs else 0.0)

    with before_each(two_jobs, slowly):
        assert kept(on(two_jobs, cut)) == here(cut)
    assert Path(trained).read_text().split().count(first) == 1


def test_a_tile_that_nobody_wants_any_more_is_left(two_jobs: Client) -> None:
    (endless,) = tiles_of(BLOBS.partition("compare")[0], "epochs=100000000")
    packed = packed_tile(endless, "nobody listens", 0, None)
    future = two_jobs.submit(unpacked(), packed, Held(two_jobs).of(endless[0]), pure=False)

    def training() -> bool:
        return any(two_jobs.run(lambda dask_worker: bool(dask_worker.state.executing)).values())

    wait_until(training)
    time.sleep(1.0)  # so that it descends, and does not only begin
    assert training()
    del future
    wait_until(lambda: not training())


def test_what_goes_wrong_in_training_is_a_failed_row(two_jobs: Client) -> None:
    (tile,) = tiles_of(SURFACE, "seed=[0,1]")
    broken = [*tile, *tiles_of(BLOBS)[0]]  # of two structures
    found = on(two_jobs, [broken, tile])
    assert {str(run.row["status"]) for run in found} == {"failed", "finished"}


def test_a_cluster_without_workers_is_one_line(two_jobs: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch, "WITHOUT_WORKERS", 0.3)
    monkeypatch.setattr(two_jobs, "nthreads", dict)
    with pytest.raises(ClusterError, match=r"^the cluster has no workers left$"):
        on(two_jobs, tiles_of(SURFACE))
