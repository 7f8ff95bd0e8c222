"""A fault at each write, sync, rename, append and deletion of a short experiment: 74, nothing lost, the same bits."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gdrun.experiment import comparing
from gdrun.experiment.unfinished import growing, keeper
from tests.cli.driver import gdrun
from tests.durability.faulty import Disk, kind, on
from tests.durability.made import COMMANDS, Kept, committed, differences, kept, no_half_files

SHORT = {
    "one": (*COMMANDS["one"], "epochs=2", "descent={variant: batch}", "--checkpoint", "0", "--quiet"),
    "many": (*COMMANDS["many"], "epochs=2", "compare.seeds=1", "--checkpoint", "0", "--quiet"),
}
KINDS = {
    "one": {"runs.csv", "history.csv", "weights", "checkpoint", "growing", "settings", "list", "claims"},
    "many": {
        "runs.csv",
        "history.csv",
        "weights",
        "checkpoint",
        "growing",
        "settings",
        "list",
        "claims",
        "comparison.json",
    },
}
FAULTS = {
    "only that": lambda at: lambda number: number == at,
    "all from then on": lambda at: lambda number: number >= at,
}


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is saved at each step, and each tile committed by itself."""
    monkeypatch.setattr(keeper, "SHARE", 0)
    monkeypatch.setattr(growing, "SECONDS", 0.0)
    monkeypatch.setattr(growing, "SHARE", 0)
    monkeypatch.setattr(comparing, "SELDOM", float("-inf"))
    monkeypatch.setattr(comparing, "SHARE", 0)


def without_faults(name: str) -> tuple[list[str], Kept]:
    """What a command asks of the disk, and what it keeps."""
    disk = Disk()
    with on(disk):
        gdrun(*SHORT[name]).ok()
    found = kept(Path("results", name))
    shutil.rmtree("results")
    return disk.asked, found


def chosen(name: str, asked: Sequence[str]) -> list[int]:
    """Of the one run each place, of pieces of one file the first and the last; of the many runs one of each sort."""
    sorts = [what.partition(" ")[0] + kind(what) for what in asked]
    if name == "many":
        return sorted({len(sorts) - 1 - sorts[::-1].index(sort) for sort in sorts})
    return [place for place in range(len(sorts)) if len({*sorts[max(0, place - 1) : place + 2]}) > 1]


@pytest.mark.parametrize(("name", "fault"), [("one", "only that"), ("one", "all from then on"), ("many", "only that")])
def test_whatever_fails_nothing_is_lost(name: str, fault: str) -> None:
    asked, whole = without_faults(name)
    assert KINDS[name] <= {kind(what) for what in asked}
    folder = Path("results", name)
    codes: Counter[int] = Counter()
    fails: Callable[[int], Callable[[int], bool]] = FAULTS[fault]
    for place in chosen(name, asked):
        disk = Disk(fails(place))
        with on(disk):
            said = gdrun(*SHORT[name])
        assert len(disk.asked) > place
        codes[said.code] += 1
        told = bool(said.out)  # the ranking of what was compared
        done = (0, name == "many", 0)
        assert (said.code, told, said.err.count("\n")) in {(74, False, 1), done}, (disk.asked[place], said)
        assert said.code == 74 or not differences(kept(folder), whole)
        before = committed(folder)
        again = gdrun(*SHORT[name])
        assert (again.code, again.err) == (0, ""), (disk.asked[place], again)
        assert not (unlike := differences(kept(folder), whole)), (disk.asked[place], unlike)
        assert {run: found for run, found in committed(folder).items() if run in before} == before
        assert no_half_files(folder), (disk.asked[place], sorted(folder.rglob("*")))
        shutil.rmtree("results")
    assert codes[74] > 0.7 * codes.total(), codes
