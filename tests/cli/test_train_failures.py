"""`gdrun train` of runs that diverge or fail: what is said, what is kept, what is tried again."""

from __future__ import annotations

from typing import Any

import pytest

from gdrun.experiment import training
from gdrun.experiment.results.folder import Folder
from tests.cli.driver import BOWL, CLASSES, DIVERGES, LINE, RESULTS, gdrun, last, listing, objects, write


def test_a_diverged_run_keeps_its_curve() -> None:
    write(diverges=DIVERGES)
    said = gdrun("train", "diverges.yaml")
    row, history = last("diverges"), Folder(RESULTS / "diverges").history()
    assert row["status"] == "diverged"
    assert said.out.startswith(f"diverged at step {row['end_step']}: {row['cause']}")
    assert list(history["step"]) == list(range(int(row["end_step"]) + 1))
    assert (history["train_loss"].diff().iloc[1:] > 0).all()
    assert history["train_loss"].iloc[-1] > 1000 * history["train_loss"].iloc[0]
    assert (RESULTS / "diverges" / "weights" / f"{row['id']}.npz").is_file()


def test_a_run_that_overflows_is_diverged_however_it_is_shown() -> None:
    write(c=CLASSES)
    for display in ([], ["--quiet", "--rerun"]):
        said = gdrun("train", "c.yaml", "optimizer.lr=1e300", "model={kind: mlp, hidden: [4]}", *display)
        assert said.code == 3, said
    row = last("c")
    assert row["status"] == "diverged"
    assert row["final_train_accuracy"] == row["final_validation_accuracy"] == "nan"
    assert Folder(RESULTS / "c").history().iloc[-1][["train_loss", "validation_loss"]].isna().all()


@pytest.mark.parametrize("error", [MemoryError("no room"), FloatingPointError("no room")])
def test_a_failed_run_says_so_and_is_tried_again(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    write(line=LINE, bowl=BOWL)

    def descend(*arguments: Any) -> Any:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(training, "descend", descend)
        said = gdrun("train", "line.yaml", "--quiet")
        other = gdrun("train", "line.yaml", "bowl.yaml", "--format", "json")
    row = last("line")
    cause = f"{type(error).__name__}: no room"
    assert (said.code, said.out, said.err) == (1, "", f"{row['id']} failed: {cause}\n")
    assert (row["status"], row["cause"], row["optimizer.lr"]) == ("failed", cause, "0.1")
    assert other.code == 1
    assert [one["status"] for one in objects(other.out)] == ["failed", "failed"]
    assert "failed" in gdrun("show", "line").ok()
    assert gdrun("train", "line.yaml").ok().startswith("finished: ")
    assert [one["status"] for one in Folder(RESULTS / "line").rows().values()] == ["finished"]


def test_a_run_that_fails_on_the_way_keeps_what_it_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def evaluations(*arguments: Any) -> Any:
        raise ValueError("on the way")

    write(line=LINE)
    monkeypatch.setattr("gdrun.experiment.training.evaluations", evaluations)
    said = gdrun("train", "line.yaml")
    assert said.code == 1
    assert said.out.startswith("failed: ValueError: on the way")
    assert "weights" not in said.out
    assert list(Folder(RESULTS / "line").history()["epoch"]) == [0, 1, 2, 3]


def test_a_display_that_fails_is_not_a_run_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    write(line=LINE)

    def see(progress: Any, rows: Any) -> bool:
        raise KeyError("display")

    with monkeypatch.context() as patched:
        patched.setattr("gdrun.cli.progress.Progress.see", see)
        said = gdrun("train", "line.yaml")
    assert said.code == 1
    assert "internal error: KeyError" in said.err
    assert listing(RESULTS / "line") == {}
