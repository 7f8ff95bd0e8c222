"""Interrupted with two jobs and gone on with by one, and the reverse; workers that die go on from what they saved."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest

from gdrun.experiment.engine.dispatch import train_on
from gdrun.experiment.engine.engine import Engine
from gdrun.experiment.engine.workers import Workers
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.training import train_tile
from gdrun.experiment.unfinished.desk import desk
from tests.cli.driver import gdrun
from tests.durability.made import committed, differences, kept, no_half_files
from tests.experiment.trained import BLOBS, tiles_of
from tests.experiment.trained import here as in_process
from tests.experiment.trained import kept as kept_of
from tests.waiting import wait_until

FOLDER = Path("results/many")


def command(jobs: int) -> list[str]:
    return ["compare", "many.yaml", "epochs=300", "--jobs", str(jobs), "--checkpoint", "0.05"]


def interrupted(jobs: int, number: int) -> tuple[int, list[psutil.Process]]:
    """The exit code of a comparison that met a signal after two checkpoints, and its children."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gdrun", *command(jobs), "--quiet"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        wait_until(lambda: len([*FOLDER.glob("unfinished/t*.npz")]) >= jobs, process)
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        process.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return process.returncode, children


@pytest.mark.parametrize(
    ("first", "then", "number", "code"),
    [(2, 1, signal.SIGTERM, 143), (1, 2, signal.SIGINT, 130)],
    ids=["two, then one", "one, then two"],
)
def test_it_goes_on_whatever_the_jobs_were(first: int, then: int, number: int, code: int) -> None:
    ended, children = interrupted(first, number)
    assert ended == code
    assert not psutil.wait_procs(children, 60)[1]
    before = committed(FOLDER)
    assert len(before) < 14
    assert list((FOLDER / "unfinished").glob("t*.npz"))
    said = gdrun(*command(then))
    assert said.code == 0, said
    assert "going on where they were saved: " in said.err
    now = committed(FOLDER)
    assert {run: now[run] for run in before} == before
    assert no_half_files(FOLDER)
    gdrun(*command(1), "--results", "whole").ok()
    assert not differences(kept(FOLDER), kept(Path("whole/many")))


def test_a_worker_that_dies_goes_on_from_what_it_had_saved() -> None:
    (tile,) = tiles_of(BLOBS.partition("compare")[0], "epochs=2000", "optimizer.lr=[0.1,0.2]")
    folder = Folder(Path("results/one"))
    folder.prepare()
    killed: list[int] = []

    def kill_once_saved(client: Any) -> None:
        wait_until(lambda: [*Path("results/one/unfinished").glob("t*.npz")])
        (pid,) = client.run(os.getpid).values()
        killed.append(pid)
        os.kill(pid, signal.SIGKILL)

    with closing(Workers(1, None)) as started, desk(folder, 0.1) as at:
        client = started.client()
        killer = Thread(target=kill_once_saved, args=[client])
        killer.start()
        found = [run for _, finished in train_on(client, [tile], at=at) for run in finished]
        killer.join()
        assert {*client.run(os.getpid).values()}.isdisjoint(killed)
    assert at.saving is not None
    assert {run for run, saved in at.saving.begun.items() if saved.state.step} == {problem.id for problem in tile}
    assert kept_of(found) == in_process([tile])


def test_what_a_slower_worker_saved_of_a_tile_that_was_taken_back_goes_with_the_workers(tmp_path: Path) -> None:
    """It is trained twice, to the same bits; the second one saves it once more when the first one is committed."""
    cut = tiles_of(BLOBS)
    folder = Folder(tmp_path / "twice")
    folder.prepare()
    with Engine(2) as engine, desk(folder, 0.0) as at:
        for tile, finished in engine.train(cut, lambda tile, rows: None, at):
            folder.commit(finished)
            at.release([problem.id for problem in tile])
        train_tile(cut[0], saving=at.saving)
        assert list((folder.path / "unfinished").glob("t*.npz"))
    assert no_half_files(folder.path)
    assert len(folder.rows()) == 6
