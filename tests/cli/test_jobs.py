"""`gdrun compare --jobs` and `--cluster`: the same results, and no process left whatever ends it."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from gdrun.experiment.engine import workers
from gdrun.experiment.results.folder import Folder
from tests.cli.driver import gdrun, process
from tests.waiting import wait_until

SMALL = """\
dataset: {kind: blobs, examples: 60}
model: softmax
epochs: 3
optimizer: {kind: gd, lr: 0.1}
compare: {seeds: 2, candidates: [{optimizer: {lr: [0.01, 0.1]}}, {optimizer: {kind: momentum, lr: 0.1}}]}
"""
LONG = """\
dataset: {kind: blobs, examples: 60}
model: softmax
epochs: 3
optimizer: {kind: gd, lr: 0.1}
compare: {candidates: [{epochs: 3}, {epochs: 4}, {epochs: 100000000}]}
"""
LONG_RUNS = Path("results/long")
TIMES = ("seconds", "started")


def bits(file: Path) -> list[list[tuple[str, str]]]:
    """A table's rows in one order, without the times."""
    with file.open(newline="") as opened:
        rows = [
            sorted((name, text) for name, text in row.items() if name not in TIMES) for row in csv.DictReader(opened)
        ]
    return sorted(rows)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--jobs", "0"), "--jobs"),
        (("--jobs", "-1"), "--jobs"),
        (("--jobs", "x"), "--jobs"),
        (("--jobs", "2", "--cluster", "tcp://127.0.0.1:1"), "one of the two"),
        (("--cluster", "tcp://127.0.0.1:1"), "--cluster tcp://127.0.0.1:1: no Dask scheduler answers there"),
        (("--cluster", "nowhere"), "--cluster nowhere: "),
    ],
)
def test_wrong_usage(arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "CONNECT", 1.0)
    Path("small.yaml").write_text(SMALL)
    found = gdrun("compare", "small.yaml", "--quiet", *arguments)
    assert found.code == 2
    assert said in found.err
    assert not Path("results").exists() or not list(Path("results").rglob("*.csv"))


def test_two_jobs_write_what_one_writes(here: Path) -> None:
    Path("small.yaml").write_text(SMALL)
    one = process("compare", "small.yaml", "--jobs", "1", "--results", "one", folder=here)
    two = process("compare", "small.yaml", "--jobs", "2", "--results", "two", folder=here)
    assert (one.code, two.code, two.out) == (0, 0, one.out)
    assert "2 workers are started" in two.err
    assert "workers" not in one.err
    for file in ("small/runs.csv", "small/history.csv"):
        assert bits(Path("two", file)) == bits(Path("one", file))


def done() -> set[str]:
    """The epochs of the runs that have ended."""
    return {row["epochs"] for row in Folder(LONG_RUNS).rows().values()}


def killed(started: subprocess.Popen[bytes], children: Iterable[psutil.Process]) -> None:
    """Whatever has become of the test: nothing of it goes on beside the next one."""
    started.kill()
    started.communicate()
    for child in children:
        with suppress(psutil.NoSuchProcess):
            child.kill()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)],
    ids=str,
)
def test_nothing_that_is_done_is_lost_and_no_process_left(number: signal.Signals, code: int, here: Path) -> None:
    Path("long.yaml").write_text(LONG)
    command = [sys.executable, "-m", "gdrun", "compare", "long.yaml", "--jobs", "2", "--quiet"]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    children: list[psutil.Process] = []
    unfinished = LONG_RUNS / "unfinished"

    def only_the_long_one_is_left() -> bool:
        return done() == {"3", "4"} and any(unfinished.glob("t*.csv"))

    try:
        wait_until(only_the_long_one_is_left, started)
        children += psutil.Process(started.pid).children(recursive=True)
        if number == signal.SIGINT:
            os.killpg(started.pid, number)  # as a terminal does
        else:
            started.send_signal(number)
        out, err = started.communicate(timeout=60)
        assert (started.returncode, out) == (code, b"")
        assert b"resource_tracker" not in err
        assert not psutil.wait_procs(children, 60)[1]
    finally:
        killed(started, children)
    if number != signal.SIGKILL:
        assert {line.split(":")[0] for line in err.decode().splitlines()} == {
            {130: "interrupted", 143: "terminated"}[code]
        }
        assert done() == {"3", "4"}
