"""A real Dask cluster on loopback: a scheduler and its workers, each a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

WITHOUT_GDRUN = "import sys; sys.modules['gdrun'] = None; "
"""What Python does first in a process that is to be without it."""


@dataclass(frozen=True)
class Cluster:
    """A scheduler with workers of two threads."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: tuple[subprocess.Popen[bytes], ...]


@contextmanager
def dask(folder: Path, scheduler: str = "", worker: str = "", workers: int = 1) -> Iterator[Cluster]:
    """A cluster that ends with the context; what Python does first in its scheduler, and in each worker."""
    file = folder / "scheduler.json"
    common = ["--scheduler-file", str(file), "--no-dashboard", "--host", "127.0.0.1"]
    working = ["worker", "--no-nanny", "--nthreads", "2", "--local-directory", str(folder), *common]
    with (folder / "log").open("w") as log:
        processes = [
            subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", f"{first}from dask.__main__ import main; main()", *arguments],
                stdout=log,
                stderr=log,
                cwd=folder,
            )
            for first, arguments in (
                (scheduler, ["scheduler", "--port", "0", *common]),
                *[(worker, working)] * workers,
            )
        ]
        try:
            yield Cluster(_address(file), processes[0], tuple(processes[1:]))
        finally:
            for process in reversed(processes):
                process.kill()
                process.wait(20)


def _address(file: Path) -> str:
    for _ in range(600):
        if file.exists() and (text := file.read_text()):
            return str(json.loads(text)["address"])
        time.sleep(0.1)
    raise AssertionError("no scheduler")
