"""Workers: those of this machine, and those that cannot be had or used; real processes, a real scheduler."""

from __future__ import annotations

import os
import signal
import socket
from contextlib import closing
from pathlib import Path

import pytest

from gdrun.experiment.engine import fitness, remote, workers
from gdrun.experiment.engine.errors import NoClusterError
from gdrun.experiment.engine.workers import Workers
from gdrun.experiment.training import train_tile
from tests.experiment.clusters import WITHOUT_GDRUN, dask
from tests.experiment.trained import SURFACE, kept, on, tiles_of

SHIELDED = {signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2}


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
