"""Signals at every phase of a command: it saves, says so, ends with their code; the same command goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import chdir, suppress
from pathlib import Path
from typing import Any

import pytest

from gdrun.analysis import ranking
from gdrun.cli import train as cli_train
from gdrun.data import prepare
from gdrun.descent.loop import descend
from gdrun.experiment import comparing, comparison, problem, sources, training
from gdrun.experiment.results import part, tables, writing
from gdrun.experiment.unfinished.checkpoint import read_checkpoint
from gdrun.experiment.unfinished.desk import Desk
from tests.cli.driver import Said, gdrun, listing
from tests.durability.made import COMMANDS, RUNS, Kept, committed, differences, kept, no_half_files, write_configs
from tests.waiting import wait_until

STOPPING = [(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kept]:
    """What commands keep that nothing interrupts."""
    folder = tmp_path_factory.mktemp("whole")
    write_configs(folder)
    with chdir(folder):
        for command in COMMANDS.values():
            gdrun(*command, "--quiet").ok()
    return {name: kept(folder / "results" / name) for name in COMMANDS}


def after(number: int, calls: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """A function that sends a signal before one of its calls."""
    left = [calls]

    def signalling(*args: Any, **options: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), number)
        return function(*args, **options)

    return signalling


def in_training(number: int, step: int) -> Callable[..., Any]:
    """The loop, with one signal after so many steps."""
    sent: list[int] = []

    def loop(descent: Any, state: Any, watch: Any, pause: Callable[[Any], object]) -> Any:
        def look(state: Any) -> None:
            if state.step == step and not sent:
                sent.append(number)
                os.kill(os.getpid(), number)
            pause(state)

        return descend(descent, state, watch, look)

    return loop


PHASES: dict[str, tuple[Any, str, Callable[[int], Any]]] = {
    "reading one": (sources, "prepare", lambda number: after(number, 1, prepare)),
    "reading many": (sources, "prepare", lambda number: after(number, 1, prepare)),
    "planning one": (cli_train, "pose", lambda number: after(number, 1, problem.pose)),
    "planning many": (comparing, "pose", lambda number: after(number, 5, problem.pose)),
    "training one": (training, "descend", lambda number: in_training(number, 100)),
    "training many": (training, "descend", lambda number: in_training(number, 100)),
    "commit of one": (part, "put", lambda number: after(number, 1, tables.put)),
    "commit of many": (part, "put", lambda number: after(number, 2, tables.put)),
    "let go of one": (Desk, "release", lambda number: after(number, 1, Desk.release)),
    "ranking many": (comparison, "rank", lambda number: after(number, 1, ranking.rank)),
    "plan of many": (comparison, "write_text", lambda number: after(number, 1, writing.write_text)),
}
"""Of each what to replace by something that sends a signal."""
SAVING = ("training", "commit", "let go")
"""Phases in which a signal waits until all is saved."""


@pytest.mark.parametrize(("number", "code", "word"), STOPPING)
@pytest.mark.parametrize("phase", PHASES)
def test_a_first_signal_saves_and_ends(
    phase: str, number: int, code: int, word: str, whole: dict[str, Kept], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = phase.rpartition(" ")[2]
    folder = Path("results", name)
    place, function, signalling = PHASES[phase]
    with monkeypatch.context() as patched:
        patched.setattr(place, function, signalling(number))
        patched.setattr(comparing, "SELDOM", float("inf"))  # one commit, however long training takes
        said = gdrun(*COMMANDS[name], "--quiet")
    assert (said.code, said.out) == (code, ""), said
    assert said.err == f"{word}: the same command goes on from here\n"  # what a handler says goes to the real stderr
    before = committed(folder)
    saved = list((folder / "unfinished").glob("t*.npz"))
    assert bool(saved) == phase.startswith("training")
    assert (len(before) == RUNS[name]) == phase.startswith(("commit", "let go", "ranking", "plan of"))
    gdrun(*COMMANDS[name], "--quiet").ok()
    assert not differences(kept(folder), whole[name])
    assert no_half_files(folder)


@pytest.mark.parametrize(("number", "code", "word"), STOPPING)
def test_what_keeps_nothing_does_not_say_that_it_goes_on(
    number: int, code: int, word: str, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gdrun(*COMMANDS["one"], "--quiet").ok()
    before = listing(here)
    monkeypatch.setattr(training, "descend", in_training(number, 100))
    assert gdrun("reproduce", "one/last", "--quiet") == Said(code, "", f"{word}\n")
    assert listing(here) == before


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_a_signal_that_saves_only(number: int, whole: dict[str, Kept], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    loop = in_training(number, 100)

    def looking(descent: Any, state: Any, watch: Any, pause: Callable[[Any], object]) -> Any:
        def look(state: Any) -> None:
            pause(state)
            if state.step % 50 == 0:
                seen.extend(read_checkpoint(path).state.step for path in Path("results/one/unfinished").glob("t*.npz"))

        return loop(descent, state, watch, look)

    monkeypatch.setattr(training, "descend", looking)
    gdrun(*COMMANDS["one"], "--quiet").ok()
    assert set(seen) == {100}
    assert len(seen) == (800 - 100) / 50 + 1
    assert not differences(kept(Path("results/one")), whole["one"])


def test_ignored_signals_stay_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(training, "descend", in_training(signal.SIGINT, 100))
            gdrun(*COMMANDS["one"], "--quiet").ok()
    finally:
        signal.signal(signal.SIGINT, before)


def running(*arguments: str) -> subprocess.Popen[bytes]:
    """A process of its own, and a group of its own."""
    command = [sys.executable, "-m", "gdrun", *arguments, "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


@pytest.fixture
def long_one() -> Iterator[subprocess.Popen[bytes]]:
    """A run that has been training for a moment, and would for hours."""
    process = running(*COMMANDS["one"], "epochs=100000000")
    try:
        wait_until(lambda: [*Path("results").glob("one/unfinished/t*.csv")], process)
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.mark.parametrize(("number", "code", "word"), STOPPING)
def test_a_process_says_at_once_what_it_does(
    number: int, code: int, word: str, long_one: subprocess.Popen[bytes]
) -> None:
    long_one.send_signal(number)
    out, err = long_one.communicate(timeout=60)
    assert (long_one.returncode, out) == (code, b"")
    assert err.decode().splitlines() == [
        f"{word}: saving what is under way; once more to leave at once",
        f"{word}: the same command goes on from here",
    ]
    assert sorted(path.suffix for path in Path("results/one/unfinished").iterdir()) == [
        ".csv",
        ".npz",
        ".runs",
        ".settings",
    ]


def test_a_second_signal_leaves_at_once(long_one: subprocess.Popen[bytes]) -> None:
    os.kill(long_one.pid, signal.SIGSTOP)
    for number in (signal.SIGTERM, signal.SIGINT):  # both wait for it; the one with the lower number comes first
        os.kill(long_one.pid, number)
    os.kill(long_one.pid, signal.SIGCONT)
    long_one.communicate(timeout=60)
    assert long_one.returncode == 143
    assert not [*Path("results/one/unfinished").glob("t*.npz")]
    assert committed(Path("results/one")) == {}


STARTING = """
import os, signal, sys

class Finder:
    def find_spec(self, name, path, target=None):
        if name == sys.argv[1]:
            os.kill(os.getpid(), int(sys.argv.pop(2)))

from gdrun.__main__ import main
sys.meta_path.insert(0, Finder())
main()
"""
"""gdrun with a signal just before a module is imported."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_it_starts_is_its_end_without_a_word(number: int) -> None:
    command = [sys.executable, "-c", STARTING, "gdrun.cli.app", str(int(number)), "--help"]
    done = subprocess.run(command, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-number, b"", b"")
