"""Workers end with a gdrun that is killed, also those that have hardly begun."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.waiting import wait_until

PARENT = """
import os, sys, time
from multiprocessing import get_context
from gdrun.experiment.engine.orphans import ending_with_us

if __name__ == "__main__":
    sys.path.insert(0, os.getcwd())
    import slow
    with ending_with_us():
        child = get_context("spawn").Process(target=slow.nothing)
        child.start()
        print(child.pid, flush=True)
        time.sleep(600)
"""
SLOW = """
import os, time
from pathlib import Path

if os.getppid() != {tests}:
    Path("importing").touch()
    time.sleep(600)

def nothing(): pass
"""
"""A module that takes ten minutes to import, but not in the process that the tests start."""


def watches(child: psutil.Process) -> bool:
    """Whether it is a worker that looks after its parent, and not what asks git for the commit and has gone."""
    try:
        return "os.getppid()" in " ".join(child.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def gone(children: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(children, 60)[1]


def test_a_worker_that_is_still_importing_ends(here: Path) -> None:
    Path("slow.py").write_text(SLOW.format(tests=os.getpid()))
    Path("parent.py").write_text(PARENT)
    parent = subprocess.Popen([sys.executable, "parent.py"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    child = None
    try:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        wait_until(Path("importing").exists)
        parent.kill()
        assert gone([child])
    finally:
        for process in filter(None, (parent, child)):
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                process.kill()
        parent.communicate()


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_no_worker_outlives_a_gdrun_that_is_killed_while_they_start(share: float, here: Path) -> None:
    command = [sys.executable, "-m", "gdrun", "compare", "many.yaml", "epochs=100000000", "--jobs", "2", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    children: list[psutil.Process] = []

    def both_watch() -> bool:
        children[:] = psutil.Process(process.pid).children(recursive=True)
        return sum(map(watches, children)) >= 2

    try:
        wait_until(both_watch)
        time.sleep(share)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert gone(children)
    finally:
        for each in (process, *children):
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                each.kill()
