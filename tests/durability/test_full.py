"""A real disk of 1 MB, full at each page of what is written: 74, nothing lost, no half file, the same bits afterwards.

Where nobody may mount one, `test_faults.py` has the same with errors that are made.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import pytest

from gdrun.experiment import comparing
from gdrun.experiment.unfinished import growing, keeper
from tests.cli.driver import gdrun
from tests.durability.made import COMMANDS, committed, differences, half_files, kept, no_half_files

PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
SHORT = {
    "one": (*COMMANDS["one"], "epochs=2", "descent={variant: batch}"),
    "many": (*COMMANDS["many"], "epochs=2", "compare.seeds=1"),
}
STEPS = {"one": 1, "many": 2}
"""Pages by which the room grows."""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path_factory.mktemp("disk")
    command = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if not sys.platform.startswith("linux") or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is saved at each step, and each tile committed by itself."""
    monkeypatch.setattr(keeper, "SHARE", 0)
    monkeypatch.setattr(growing, "SECONDS", 0.0)
    monkeypatch.setattr(growing, "SHARE", 0)
    monkeypatch.setattr(comparing, "SELDOM", float("-inf"))
    monkeypatch.setattr(comparing, "SHARE", 0)


def leave(pages: int, disk: Path) -> None:
    """Fill a disk but for so many pages."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file, pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        file.writelines(repeat(bytes(PAGE)))
    os.truncate(ballast, ballast.stat().st_size - pages * PAGE)


@pytest.mark.parametrize("name", SHORT)
def test_wherever_the_disk_is_full_nothing_is_lost(name: str, disk: Path) -> None:
    command = (*SHORT[name], "--checkpoint", "0", "--quiet")
    for more in (["seed=7"], []):
        gdrun(*command, *more, "--results", "whole").ok()
    codes: Counter[int] = Counter()
    pages = 0
    while not codes[0]:
        results = disk / f"{name}-{pages}"
        folder = results / name
        gdrun(*command, "seed=7", "--results", results).ok()
        before = committed(folder)
        leave(pages, disk)
        said = gdrun(*command, "--results", results)
        codes[said.code] += 1
        told = bool(said.out)  # the ranking of what was compared
        assert (said.code, told, said.err.count("\n")) in {(74, False, 1), (0, name == "many", 0)}, (pages, said)
        after = committed(folder)
        assert {run: after[run] for run in before} == before
        assert not half_files(folder), pages
        (disk / "ballast").unlink()
        assert gdrun(*command, "--results", results).code == 0
        assert not (unlike := differences(kept(folder), kept(Path("whole", name)))), (pages, unlike)
        assert no_half_files(folder)
        gdrun("remove", name, "--yes", "--results", results).ok()
        pages += STEPS[name]
    assert codes[74] > 9, codes
