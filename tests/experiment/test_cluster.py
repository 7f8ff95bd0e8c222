"""Training on Dask workers: real processes, a real scheduler on loopback, a real kill -9."""

from __future__ import annotations

import json
import os
import pickle
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, Worker, WorkerPlugin

from gdrun.experiment import cluster
from gdrun.experiment.cluster import ClusterError, train_on, workers
from gdrun.experiment.comparing import plan
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.sources import Sources
from gdrun.experiment.tiles import tiles
from gdrun.experiment.training import train_tile
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
Result = tuple[dict[str, Any], list[dict[str, Any]], dict[str, bytes]]


def tiles_of(text: str, *overrides: str, size: int = 64) -> list[list[Problem]]:
    problems = plan(sweep_of(text, *overrides), Sources()).missing(set())
    return [tile[at : at + size] for tile in tiles(problems, 1 << 30) for at in range(0, len(tile), size)]


def kept(runs: Sequence[Finished]) -> dict[str, Result]:
    """All that is kept of runs, times aside."""
    return {run.id: (_timeless(run.row), [_timeless(row) for row in run.history], _bytes(run)) for run in runs}


def _timeless(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in TIMES}


def _bytes(run: Finished) -> dict[str, bytes]:
    return {name: array.tobytes() for name, array in {**run.weights, **run.path}.items()}


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
    with workers(2, None) as client:
        yield client


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers of two threads, which knows nothing of gdrun's settings."""
    folder = tmp_path_factory.mktemp("dask")
    file = folder / "scheduler.json"
    dask = [sys.executable, "-W", "ignore", "-m", "dask"]
    common = ["--scheduler-file", str(file), "--no-dashboard", "--host", "127.0.0.1"]
    with (folder / "log").open("w") as log:
        scheduler = subprocess.Popen([*dask, "scheduler", "--port", "0", *common], stdout=log, stderr=log)
        there = ["worker", "--nworkers", "2", "--nthreads", "2", "--local-directory", str(folder), *common]
        worker = subprocess.Popen([*dask, *there], stdout=log, stderr=log)
        try:
            yield _address(file)
        finally:
            for process in (worker, scheduler):
                process.terminate()
                process.wait(20)


def _address(file: Path) -> str:
    for _ in range(300):
        if file.exists() and (text := file.read_text()):
            return str(json.loads(text)["address"])
        time.sleep(0.1)
    raise AssertionError("no scheduler")


def test_the_same_bits_in_process_on_two_jobs_and_on_a_cluster(two_jobs: Client, elsewhere: str) -> None:
    cut = tiles_of(BLOBS, "optimizer.lr=[0.1,0.3]", size=4)
    assert [len(tile) for tile in cut] == [4, 2, 4, 2]
    here = kept([run for tile in cut for run in train_tile(tile)])
    assert all(row["status"] == "finished" for row, _, _ in here.values())
    assert kept(on(two_jobs, cut)) == here
    with workers(None, elsewhere) as client:
        assert kept(on(client, cut)) == here


def test_data_are_sent_once_and_not_with_every_tile(two_jobs: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    cut = tiles_of(BLOBS, "dataset.examples=5000", size=1)
    submit = two_jobs.submit
    sizes: list[int] = []
    data: list[int] = []

    def seen(function: Any, *args: Any, **options: Any) -> Any:
        (data if function is cluster.hold else sizes).append(len(pickle.dumps(args[0])))
        return submit(function, *args, **options)

    monkeypatch.setattr(two_jobs, "submit", seen)
    assert len(on(two_jobs, cut)) == len(cut) == len(sizes)
    assert len(data) == 1
    assert max(sizes) < 10_000 < 100_000 < data[0]


def test_killed_workers_lose_no_run(two_jobs: Client) -> None:
    cut = tiles_of(BLOBS, "optimizer.lr=[0.1,0.3]", "epochs=150", size=2)
    killed = two_jobs.run(os.getpid).values()

    def kill() -> None:
        for pid in killed:
            os.kill(pid, signal.SIGKILL)

    assert len(killed) == 2
    found = on(two_jobs, cut, kill)
    assert kept(found) == kept([run for tile in cut for run in train_tile(tile)])
    assert not set(killed) & set(two_jobs.run(os.getpid).values())


class Deadly(WorkerPlugin):
    """On every worker, also those that come later: to train one certain run is its end."""

    def __init__(self, run: str) -> None:
        self.run = run

    def setup(self, worker: Worker) -> None:
        def train(problems: Sequence[Problem]) -> list[Finished]:
            if self.run in [problem.id for problem in problems]:
                os.kill(os.getpid(), signal.SIGKILL)
            return train_tile(problems)

        vars(cluster)["train_tile"] = train

    def teardown(self, worker: Worker) -> None:
        vars(cluster)["train_tile"] = train_tile


def test_a_run_that_kills_its_worker_fails_alone(two_jobs: Client) -> None:
    cut = tiles_of(BLOBS, size=3)
    assert [len(tile) for tile in cut] == [3, 3]
    here = kept([run for tile in cut for run in train_tile(tile)])
    deadly = cut[0][1].id
    two_jobs.register_plugin(Deadly(deadly), name="deadly")
    try:
        found = kept(on(two_jobs, cut))
    finally:
        two_jobs.unregister_worker_plugin("deadly")  # type: ignore[no-untyped-call]
    row, history, weights = found.pop(deadly)
    assert (row["status"], row["cause"], history, weights) == ("failed", "its worker was killed", [], {})
    assert row["config"] == here.pop(deadly)[0]["config"]
    assert found == here


def test_what_goes_wrong_in_training_is_a_failed_row(two_jobs: Client) -> None:
    (tile,) = tiles_of(SURFACE, "seed=[0,1]")
    broken = [*tile, *tiles_of(BLOBS)[0]]  # of two structures
    found = on(two_jobs, [broken, tile])
    assert sorted(str(run.row["status"]) for run in found) == ["failed"] * len(broken) + ["finished"] * 2


def test_local_workers_are_set_up_for_numpy_and_leave_nothing() -> None:
    (tile,) = tiles_of(SURFACE)
    with workers(1, None) as client:
        (pid,) = client.run(os.getpid).values()
        for name, value in (("MALLOC_TRIM_THRESHOLD_", None), ("OPENBLAS_NUM_THREADS", "1")):
            assert set(client.run(os.environ.get, name).values()) == {value}
        assert kept(on(client, [tile])) == kept(train_tile(tile))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:{free}", "nonsense", "foo://127.0.0.1:1"])
def test_a_cluster_that_is_not_there_is_one_line(
    address: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster.CONNECT < 10
    monkeypatch.setattr(cluster, "CONNECT", 1.0)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        address = address.format(free=server.getsockname()[1])
    start = time.monotonic()
    with pytest.raises(ClusterError) as error, workers(None, address):
        pass
    assert time.monotonic() - start < 4
    assert str(error.value).startswith(f"--cluster {address}: ")
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")
