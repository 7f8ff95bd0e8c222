"""Commits, which runs.csv decides; what is done, removed, best and last."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gdrun.experiment import comparing
from gdrun.experiment.comparing import Commits, train_all
from gdrun.experiment.results.experiments import experiments
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.memory import Memory
from gdrun.experiment.results.writing import WriteError
from gdrun.experiment.runs import find_run
from gdrun.experiment.training import train_tile
from gdrun.experiment.unfinished.desk import Desk
from tests.experiment.made import R1, R2, R3, R4, ended, prepared, rows_of
from tests.experiment.trained import BLOBS, tiles_of


def test_a_commit_writes_runs_csv_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    real = Path.replace

    def replace(self: Path, other: Path) -> Path:
        written.append(str(other))
        return real(self, other)

    monkeypatch.setattr(Path, "replace", replace)
    prepared(tmp_path / "e").commit([ended("1"), ended("2")])
    names = [name.removeprefix(f"{tmp_path}/e/") for name in written]
    arrays = {f"{what}/{run}.npz" for what in ("weights", "paths") for run in (R1, R2)}
    assert (set(names[:4]), names[4:]) == (arrays, ["history.csv", "runs.csv"])


def test_runs_csv_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1")])
    real = Path.replace

    def replace(self: Path, other: Path) -> Path:
        if other.name == "runs.csv":
            raise OSError(errno.EROFS, "Read-only file system")
        return real(self, other)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        with pytest.raises(WriteError, match=r"runs\.csv: cannot be written: Read-only"):
            folder.commit([ended("2", points=5)])
    assert list(folder.rows()) == [R1]
    assert folder.done() == {R1}
    assert [row["run"] for row in rows_of(folder.history_file)].count(R2) == 5
    assert list(folder.history()["run"]) == [R1, R1]
    assert folder.row(R2) is None
    folder.commit([ended("2", points=3)])
    assert list(folder.history()["run"]) == [R1, R1, R2, R2, R2]
    assert len(rows_of(folder.history_file)) == 5


def test_a_failed_run_is_not_done_and_is_replaced(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1", status="failed", points=0), ended("2")])
    assert folder.done() == {R2}
    folder.commit([ended("1", status="diverged")])
    assert folder.done() == {R1, R2}
    assert list(folder.rows()) == [R2, R1]


def test_a_failure_does_not_take_the_place_of_a_result(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1", status="diverged")])
    folder.commit([ended("1", status="failed", points=0), ended("2", status="failed", points=0)])
    assert {run: row["status"] for run, row in folder.rows().items()} == {R1: "diverged", R2: "failed"}
    assert list(folder.history()["run"]) == [R1, R1]


def test_remove_takes_rows_and_files(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    folder.commit([ended("1"), ended("2")])
    folder.remove(R1)
    assert sorted(str(path.relative_to(folder.path)) for path in folder.path.rglob("[!.]*.*")) == [
        "history.csv", f"paths/{R2}.npz", "runs.csv", f"weights/{R2}.npz"
    ]  # fmt: skip
    assert set(folder.history()["run"]) == set(folder.rows()) == {R2}


def test_experiments_are_folders_with_runs(tmp_path: Path) -> None:
    prepared(tmp_path / "b").commit([ended("1")])
    prepared(tmp_path / "a").commit([ended("1")])
    (tmp_path / "empty").mkdir()
    (tmp_path / "README.md").write_text("")
    assert [folder.name for folder in experiments(tmp_path)] == ["a", "b"]
    assert experiments(tmp_path / "none") == []
    assert Folder(tmp_path / "none").rows() == {}
    assert len(Folder(tmp_path / "none").history()) == len(Folder(tmp_path / "none").runs()) == 0


LOSSES = [("1", "finished", 0.5), ("2", "diverged", 0.1), ("3", "stopped", 0.3), ("4", "failed", None)]


def test_best_is_the_lowest_loss_of_what_neither_diverged_nor_failed(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "e")
    for run, status, loss in LOSSES:
        folder.commit([ended(run, status=status, final_validation_loss=loss)])
    assert find_run("e/best", tmp_path)[1]["id"] == R3
    assert find_run("e/last", tmp_path)[1]["id"] == R4


def test_what_is_done_is_committed_while_the_last_tile_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(comparing, "perf_counter", lambda: now)
    cut = tiles_of(BLOBS.partition("compare")[0], "optimizer.lr=[0.1,0.2]", size=1)
    memory = Memory()
    done: list[int] = []

    class Here:
        def train(self, tiles: Any, watch: Any, desk: Desk) -> Iterator[Any]:
            nonlocal now
            yield tiles[0], train_tile(tiles[0])
            for time in (4.9, 5.1):
                now = time
                watch(tiles[1], None)
                done.append(len(memory.ended))

    commits = Commits(memory, Desk(), "weights", [], now)
    assert len(list(train_all(cut, commits, lambda tile, rows: None, Here()))) == 1  # type: ignore[arg-type]
    assert done == [0, 1]
