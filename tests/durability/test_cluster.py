"""A cluster of which a part dies on the way: nothing that came back is lost, the same command goes on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.driver import gdrun
from tests.durability.made import committed, differences, kept, no_half_files
from tests.experiment.clusters import Cluster, dask
from tests.waiting import wait_until

THREE = """\
dataset: {kind: blobs, examples: 60, classes: 3}
model: softmax
optimizer: {kind: gd, lr: 0.1}
record: {every: 500}
compare: {candidates: [{epochs: 3, seed: [0, 1]}, {epochs: 4000}]}
"""
"""A tile of two runs that ends at once, and one that takes seconds."""
AT_ONCE = """
from gdrun.experiment import comparing
from gdrun.experiment.engine import workers
comparing.SELDOM, comparing.SHARE, workers.CONNECT = float("-inf"), 0, 60.0
from gdrun.__main__ import main
main()
"""
"""gdrun, which commits what has ended at once, and is patient where much else is running."""
FOLDER = Path("results/three")


@contextmanager
def in_the_middle(cluster: Cluster) -> Iterator[subprocess.Popen[bytes]]:
    """A comparison on a cluster of which one run is left."""
    command = [sys.executable, "-c", AT_ONCE, "compare", "three.yaml", "--quiet", "--cluster", cluster.address]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: len(committed(FOLDER)) >= 2, process)
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def three(here: Path) -> Path:
    Path("three.yaml").write_text(THREE)
    return here


def test_a_scheduler_that_dies(three: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with dask(tmp_path_factory.mktemp("cluster"), workers=2) as cluster, in_the_middle(cluster) as process:
        before = committed(FOLDER)
        cluster.scheduler.kill()
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (1, b"", b"the connection to the cluster's scheduler was lost\n")
    assert committed(FOLDER) == before
    assert len(before) == 2
    assert no_half_files(FOLDER)
    goes_on(before)


def test_workers_that_die(three: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    with dask(tmp_path_factory.mktemp("cluster"), workers=3) as cluster, in_the_middle(cluster) as process:
        before = committed(FOLDER)
        for worker in cluster.workers[:2]:
            worker.kill()
        out, err = process.communicate(timeout=120)
        assert (process.returncode, out[:4], err) == (0, b"rank", b"")
    goes_on(before)


def goes_on(before: dict[str, object]) -> None:
    """The same command ends with all that there was before, in the bits that it has without."""
    gdrun("compare", "three.yaml", "--quiet", "--jobs", "1").ok()
    now = committed(FOLDER)
    assert {run: now[run] for run in before} == before
    gdrun("compare", "three.yaml", "--quiet", "--jobs", "1", "--results", "whole").ok()
    assert not differences(kept(FOLDER), kept(Path("whole/three")))
    assert no_half_files(FOLDER)
