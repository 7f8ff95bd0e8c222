"""Files that are not as gdrun wrote them: noticed, named, never lost; what is whole of them goes on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest

from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import ResultsWarning
from gdrun.experiment.results.writing import WriteError
from tests.experiment.made import R1, R2, R3, R4, ended, prepared

ALL = [R1, R2, R3]


def swapped(old: str, new: str) -> Callable[[bytes], bytes]:
    def swap(content: bytes) -> bytes:
        assert old.encode() in content
        return content.replace(old.encode(), new.encode("latin-1"), 1)

    return swap


# what happened to runs.csv, the runs that are still read, what the warning says, whether the file has to be set aside
RUNS: dict[str, tuple[Callable[[bytes], bytes], list[str], str | None, bool]] = {
    "cut in its last line": (lambda content: content[:-9], [R1, R2], "line 4: has no end", True),
    "cut before its last newline": (lambda content: content[:-1], [R1, R2], "line 4: has no end", True),
    "cut in its header": (lambda content: content[:9], [], "line 1: has no end", True),
    "cut, then ended": (
        lambda content: content[:-9] + b"\n",
        [R1, R2],
        "line 4: has a quotation mark that is left open",
        True,
    ),
    "cut, then gone on with": (
        lambda content: content[:45] + b"\n" + content[content.index(R2.encode()) :],
        [R2, R3],
        "line 2: has 2 cells under 5 columns",
        True,
    ),
    "a tail of zeros": (lambda content: content + b"\0" * 50, ALL, "line 5: has no end", True),
    "a block of zeros": (swapped("finished", "\0" * 8), [R2, R3], "line 2: is not text", True),
    "undecodable": (swapped("finished", "fínished"), [R2, R3], "line 2: is not text", True),
    "a quote opened": (swapped("finished", '"finished'), [R2, R3], "line 2: has 2 cells under 5 columns", True),
    "a carriage return inside": (swapped("finished", "fini\rshed"), [R2, R3], "line 2: is not text", True),
    "another id": (swapped(R2, "rabcdefabcde"), [R1, R3], "line 3: its config is not that of run rabc", True),
    "no id": (swapped(R2, "4711"), [R1, R3], "line 3: '4711' is not the id of a run", True),
    "another config": (swapped('""2""', '""3""'), [R1, R3], f"line 3: its config is not that of run {R2}", True),
    "several lines": (lambda content: content.replace(b"0.1", b"0,1"), [], "line 2: .*; and 2 more lines$", True),
    "a status of a later gdrun": (swapped("finished", "paused"), [R2, R3], "knows no status 'paused'", False),
    "emptied": (lambda content: b"", [], "is empty", False),
    "blank lines": (lambda content: content.replace(b"\n", b"\n\n"), ALL, None, False),
    "lines as Windows ends them": (lambda content: content.replace(b"\n", b"\r\n"), ALL, None, False),
    "a mark of its encoding": (lambda content: b"\xef\xbb\xbf" + content, ALL, None, False),
    "all cells quoted": (swapped(R2, f'"{R2}"'), ALL, None, False),
    "a setting edited": (swapped("0.1", "0.2"), ALL, None, False),
}
FOREIGN: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "semicolons": (lambda content: content.replace(b",", b";"), "is not a runs.csv of gdrun: its first line begins"),
    "columns moved": (swapped("id,status", "status,id"), "is not a runs.csv of gdrun"),
    "a column less": (swapped(",config", ",settings"), "is not a runs.csv of gdrun"),
    "a column twice": (swapped("cause", "status"), "is not a runs.csv of gdrun"),
    "binary": (lambda content: b"\xff\xfe\x00\n", r"its first line begins with '\?\?\\x00'"),
    "a carriage return": (swapped("status", "sta\rtus"), r"its first line begins with 'id,sta\\rtus"),
    "text": (lambda content: b"my notes\n", "its first line begins with 'my notes'"),
}


def warned(text: str | None) -> AbstractContextManager[Any]:
    return pytest.warns(ResultsWarning, match=text) if text else nullcontext()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1"), ended("2"), ended("3")])
    return folder


@pytest.mark.parametrize("case", RUNS)
def test_runs_that_are_damaged(folder: Folder, case: str) -> None:
    damage, left, warning, damaged = RUNS[case]
    found = damage(folder.runs_file.read_bytes())
    folder.runs_file.write_bytes(found)
    with warned(warning):
        assert list(folder.rows()) == left
    with warned(warning):
        assert list(folder.runs().get("id", [])) == left
    assert folder.runs_file.read_bytes() == found
    with warned("is damaged and was kept as" if damaged else None):
        folder.commit([ended("4")])
    with warned(warning if left and warning and not damaged else None):
        assert list(folder.rows()) == [*left, R4]
    assert [path.read_bytes() for path in folder.path.glob("runs.csv.damaged-*")] == [found] * damaged


@pytest.mark.parametrize("case", FOREIGN)
def test_a_runs_csv_that_is_not_gdruns_is_left_alone(folder: Folder, case: str) -> None:
    damage, warning = FOREIGN[case]
    found = damage(folder.runs_file.read_bytes())
    folder.runs_file.write_bytes(found)
    with warned(warning):
        assert folder.rows() == {}
    with pytest.raises(WriteError, match=f"{warning}.*nothing is written beside it: move it away"):
        folder.prepare()
    with pytest.raises(WriteError, match=warning):
        folder.commit([ended("4")])
    assert folder.runs_file.read_bytes() == found
    assert not folder.weights_file(R4).exists()


def test_a_line_of_a_later_gdrun_stays_where_it_is(folder: Folder) -> None:
    line = f'{R4},paused,,0.1,"{{""run"":""4""}}"\n'
    with folder.runs_file.open("a") as file:
        file.write(line)
    folder.commit([ended("5", note="a new column")])
    assert f'{R4},paused,,0.1,,"{{""run"":""4""}}"\n' in folder.runs_file.read_text()
    with warned("knows no status 'paused'"):
        assert R4 not in folder.rows()


def test_a_quoted_line_is_replaced_as_any_other(folder: Folder) -> None:
    for file in (folder.runs_file, folder.history_file):
        file.write_bytes(file.read_bytes().replace(R2.encode(), f'"{R2}"'.encode()))
    folder.commit([ended("2", points=4)])
    assert list(folder.runs()["id"]) == [R1, R3, R2]
    assert list(folder.history()["run"]).count(R2) == 4


def test_the_same_damage_is_kept_once(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = folder.runs_file.read_bytes()
    for name in "45":
        folder.runs_file.write_bytes(whole[:-1])
        with warned("is damaged"):
            folder.commit([ended(name)])
    assert len(list(folder.path.glob("*.damaged-*"))) == 1


# what happened to history.csv, the steps of runs 1, 2, 3 that are still read, what the warning says, set aside
HISTORY: dict[str, tuple[Callable[[bytes], bytes], list[int], str | None, bool]] = {
    "cut in its last line": (lambda content: content[:-3], [0, 1, 0, 1, 0], "line 7: has no end", True),
    "cut before its last newline": (lambda content: content[:-1], [0, 1, 0, 1, 0], "line 7: has no end", True),
    "cut at a line": (lambda content: content[: content.rindex(b"\n", 0, -1) + 1], [0, 1, 0, 1, 0], None, False),
    "a cell too many": (swapped("0.25", "0,25"), [0, 0, 1, 0, 1], "line 3: has 4 cells under 3 columns", True),
    "a tail of zeros": (lambda content: content + b"\0" * 9, [0, 1, 0, 1, 0, 1], "line 8: has no end", True),
    "undecodable": (swapped("0.25", "0.2é5,"), [0, 0, 1, 0, 1], "line 3: is not text", True),
    "undecodable, with as many commas": (swapped("0.25", "0.2é"), [0, 0, 1, 0, 1], "line 3: is not text", True),
    "a carriage return inside": (swapped("0.25", "0.\r25"), [0, 0, 1, 0, 1], "line 3: is not text", True),
    "a comma in another line": (
        lambda content: swapped("0.25", "0,25")(content).replace(b",0,0.3", b",00.3", 1),
        [0, 1, 0, 1],
        "line 2: has 2 cells under 3 columns; and 1 more lines",
        True,
    ),
    "a quote opened": (swapped("0.25", '"0.25'), [0, 0, 1, 0, 1], "line 3: has a quotation mark that is l", True),
    "a word for a number": (swapped("0.25", "low"), [0, 0, 1, 0, 1], "left out: 1 lines .* is no number", False),
    "blank lines": (lambda content: content.replace(b"\n", b"\n\n"), [0, 1, 0, 1, 0, 1], None, False),
    "all cells quoted": (swapped(R2, f'"{R2}"'), [0, 1, 0, 1, 0, 1], None, False),
    "emptied": (lambda content: b"", [], "is empty", False),
    "not gdrun's": (lambda content: b"a;b\n1;2\n", [], "is not a history.csv of gdrun", False),
}  # fmt: skip


@pytest.mark.parametrize("case", HISTORY)
def test_a_history_that_is_damaged(folder: Folder, case: str) -> None:
    damage, left, warning, damaged = HISTORY[case]
    found = damage(folder.history_file.read_bytes())
    folder.history_file.write_bytes(found)
    with warned(warning):
        assert list(folder.history().get("step", [])) == left
    with warned(warning):
        assert [step for own in folder.records(ALL).values() for step in own["step"]] == left
    assert folder.done() == {*ALL}  # runs.csv decides
    assert folder.history_file.read_bytes() == found
    if case == "not gdrun's":
        with pytest.raises(WriteError, match="is not a history"):
            folder.commit([ended("4")])
        return
    with warned("is damaged and was kept as" if damaged else None):
        folder.commit([ended("4")])
    assert [path.read_bytes() for path in folder.path.glob("history.csv.damaged-*")] == [found] * damaged
    assert [row["step"] for row in folder.recorded(R4)] == ["0", "1"]


def test_records_that_are_missing_are_noticed_and_made_again(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    runs = [ended(name, end_step=1) for name in "12"]
    folder.commit(runs)
    whole = folder.history_file.read_bytes()
    folder.history_file.write_bytes(whole[: whole.rindex(b"\n", 0, -1) + 1])  # as if the last line had never been
    with warned(f"lacks records of 1 runs, --rerun makes them again: {R2}"):
        assert len(folder.history()) == 3
    with warned(f"lacks records of 1 runs, --rerun makes them again: {R2}"):
        assert [len(own["step"]) for own in folder.records([R1, R2]).values()] == [2, 1]
    assert folder.records([R1]).keys() == {R1}
    folder.commit(runs[1:])
    assert folder.history_file.read_bytes() == whole
    assert len(folder.history()) == 4
