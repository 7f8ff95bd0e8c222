"""Kill gdrun at random instants, again and again until it is done; then compare with what was never killed.

    python -m tests.durability.kill --times 200

Processes are forked from one that has imported everything, so that most instants are not of Python's start.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path

import psutil

from tests.durability.made import COMMANDS, RUNS, Kept, committed, differences, kept, no_half_files, write_configs

OFTEN = "0.01"
"""Seconds between two checkpoints."""
COMMANDS_OF = {
    "train": ("one", (*COMMANDS["one"], "--checkpoint", OFTEN)),
    "compare": ("many", (*COMMANDS["many"], "--checkpoint", OFTEN)),
    "jobs": ("many", ("compare", "many.yaml", "--jobs", "2", "--checkpoint", OFTEN, "epochs=300")),
}
PATIENCE = 120.0
PRELOADED = ("gdrun.cli.train", "gdrun.cli.compare", "pandas", "scipy.stats", "threadpoolctl")


@dataclass
class Tally:
    """What came of it."""

    kills: int = 0
    stories: int = 0
    """How often a command was killed until it was done."""
    unfinished: int = 0
    """Kills after which something was saved of what was in training."""
    between: int = 0
    """Kills after which some runs of a comparison were committed and others were not."""
    orphans: list[float] = field(default_factory=list)
    """Seconds after which the last worker had ended, of each kill."""


def start(arguments: Sequence[str], folder: Path, before: Callable[[], object] = lambda: None) -> int:
    """The process id of `gdrun ARGUMENTS`, in a folder; what it does before."""
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for stream in (1, 2):
            os.dup2(log, stream)
        from gdrun.cli.app import run
        from gdrun.experiment import comparing

        comparing.SELDOM, comparing.SHARE = 0.0, 0  # commits as often as they may
        before()
        sys.argv = ["gdrun", *arguments]
        code = run()
    finally:
        os._exit(code)


def ended(process: int, within: float) -> int | None:
    """How a process ended; None if it has not."""
    deadline = time.monotonic() + within
    while True:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= deadline:
            return None
        time.sleep(min(0.002, max(0.0, deadline - time.monotonic())))


def kill(process: int) -> float:
    """Kill a process; seconds until the last of its children had ended by itself."""
    children = psutil.Process(process).children(recursive=True)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    began = time.monotonic()
    _, alive = psutil.wait_procs(children, PATIENCE)
    assert not alive, alive
    return time.monotonic() - began


def uninterrupted(what: str, folder: Path) -> tuple[Kept, float]:
    """What a command keeps that nobody kills, and how long it takes."""
    name, arguments = COMMANDS_OF[what]
    write_configs(folder)
    began = time.monotonic()
    code = ended(start(arguments, folder), PATIENCE)
    assert code == 0, (folder / "log").read_text()
    found = kept(folder / "results" / name)
    assert len(found.runs) == RUNS[name]
    return found, time.monotonic() - began


def story(
    what: str, folder: Path, whole: Kept, longest: float, chance: random.Random, tally: Tally, times: int
) -> None:
    """Kill a command until it is done, or so often."""
    name, arguments = COMMANDS_OF[what]
    results = folder / "results" / name
    write_configs(folder)
    before = committed(results)
    while tally.kills < times:
        process = start(arguments, folder)
        code = ended(process, chance.uniform(0, longest))
        if code is not None:
            assert code == 0, (folder / "log").read_text()
            break
        tally.orphans.append(kill(process))
        tally.kills += 1
        now = committed(results)
        assert {run: now.get(run) for run in before} == before, "a committed run was lost"
        before = now
        tally.unfinished += any((results / "unfinished").glob("t*.npz"))
        tally.between += 0 < len(now) < RUNS[name]
    else:
        code = ended(start(arguments, folder), PATIENCE)
        assert code == 0, (folder / "log").read_text()
    assert not (unlike := differences(kept(results), whole)), unlike
    assert no_half_files(results), sorted(results.rglob("*"))
    tally.stories += 1


def kill_often(what: str, times: int, seed: int) -> Tally:
    """Kill a command so often."""
    chance, tally = random.Random(f"{what} {seed}"), Tally()
    with tempfile.TemporaryDirectory() as there:
        first = Path(there, "whole")
        first.mkdir()
        whole, seconds = uninterrupted(what, first)
        while tally.kills < times:
            folder = Path(there, f"{tally.stories}")
            folder.mkdir()
            story(what, folder, whole, seconds, chance, tally, times)
    return tally


def shares(times: int) -> dict[str, int]:
    """How many times each command is killed: few with two jobs, whose workers take seconds to start."""
    jobs = times // 10
    return {"train": (times - jobs) // 2, "compare": (times - jobs + 1) // 2, "jobs": jobs}


def preload() -> None:
    """Import what commands need, so that they begin at once."""
    for name in PRELOADED:
        import_module(name)
    warnings.simplefilter("error")


def main() -> None:
    """Print a line per command."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=COMMANDS_OF)
    given = parser.parse_args()
    preload()
    wanted = {given.only: given.times} if given.only else shares(given.times)
    for what, times in wanted.items():
        if times:
            found = kill_often(what, times, given.seed)
            print(
                f"{what}: {found.kills} kills in {found.stories} stories, {found.unfinished} with something saved, "
                f"{found.between} between commits; the last worker ended after {max(found.orphans):.1f} s; "
                "nothing lost, nothing twice, the same bits",
                flush=True,
            )


if __name__ == "__main__":
    main()
