"""`gdrun show` marks runs that have not ended: running, interrupted and stale."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdrun.descent.loop import descend
from gdrun.experiment import training
from gdrun.experiment.environment import environment
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.unfinished import growing, standing
from gdrun.experiment.unfinished.claims import Claims
from gdrun.experiment.unfinished.underway import with_unfinished
from tests.cli.driver import Said, gdrun
from tests.durability.made import COMMANDS

ONE = Path("results/one")


def stopped_at(step: int, monkeypatch: pytest.MonkeyPatch, *more: str) -> Said:
    """`gdrun train one.yaml`, terminated after so many steps."""

    def until(descent: Any, state: Any, watch: Any, pause: Any) -> Any:
        def look(state: Any) -> None:
            if state.step == step:
                os.kill(os.getpid(), signal.SIGTERM)
            pause(state)

        return descend(descent, state, watch, look)

    with monkeypatch.context() as patched:
        patched.setattr(training, "descend", until)
        patched.setattr(growing, "SECONDS", 0.0)
        patched.setattr(growing, "SHARE", 0)
        said = gdrun(*COMMANDS["one"], *more)
    assert said.code == 143
    return said


def marks() -> dict[str, Any]:
    """What the list of experiments says of one."""
    (row,) = json.loads(gdrun("show", "--format", "json").ok())
    return {name: row[name] for name in ("runs", "running", "interrupted", "stale")}


def listed() -> list[tuple[str, Any]]:
    """Status and step of the runs of one."""
    rows = json.loads(gdrun("show", "one", "--format", "json").ok())
    return [(row["status"], row["end_step"]) for row in rows]


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped_at(17, monkeypatch)
    assert marks() == {"runs": 0, "running": 0, "interrupted": 1, "stale": 0}
    assert listed() == [("interrupted", 17)]
    said = gdrun("show", "one")
    (csv,) = (ONE / "unfinished").glob("t*.csv")
    assert said.err == (
        f"1 run interrupted, saved at step 17: the same command goes on from there; history so far: {csv}\n"
    )
    assert csv.read_text().startswith("run,epoch,step,")
    assert "interrupted" in gdrun("show").ok()
    gdrun(*COMMANDS["one"]).ok()
    assert marks() == {"runs": 1, "running": 0, "interrupted": 0, "stale": 0}
    assert "interrupted" not in gdrun("show").ok()


def test_running(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped_at(17, monkeypatch)
    (row,) = json.loads(gdrun("show", "one", "--format", "json").ok())
    claims = Claims(ONE)
    claims.take([row["id"], "r00000000000"])
    assert marks() == {"runs": 0, "running": 2, "interrupted": 0, "stale": 0}
    assert sorted(listed(), key=str) == [("running", 17), ("running", None)]
    claims.leave()
    assert marks() == {"runs": 0, "running": 0, "interrupted": 1, "stale": 0}


def test_what_has_not_ended_is_drawn_as_far_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    often = "record={every: 5, unit: steps}"
    stopped_at(17, monkeypatch, often)
    found = with_unfinished(Folder(ONE))
    ((run, row),) = found.typed_rows().items()
    history = found.history()
    assert set(history["run"]) == {run}
    last = history.iloc[-1]
    assert (row["status"], row["end_step"], row["final_train_loss"]) == ("running", last["step"], last["train_loss"])
    assert last["step"] == 15
    records = found.records([run])[run]
    for name in ("step", "train_loss", "batch_loss"):  # the last is empty at the start
        np.testing.assert_array_equal(records[name], history[name])
    assert gdrun("plot", "one", "curves").ok() == f"{ONE / 'curves.png'}\n"
    gdrun("report", "one").ok()
    page = (ONE / "report.html").read_text()
    assert "One run, which has not ended." in page
    assert f"it has not ended: {last['train_loss']:.4g} is its training loss at step 15" in page
    assert "surface: no run of one has ended" in page  # and none is trained for its path
    (csv,) = (ONE / "unfinished").glob("t*.csv")
    whole = len(history)
    csv.write_text(csv.read_text()[:-5])  # a line that is being written
    assert len(with_unfinished(Folder(ONE)).history()) == whole - 1
    gdrun(*COMMANDS["one"], often).ok()
    assert type(with_unfinished(Folder(ONE))) is Folder


def test_stale(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped_at(17, monkeypatch)
    other = {**environment(), "numpy": "1.0"}
    with monkeypatch.context() as patched:
        patched.setattr(standing, "environment", lambda: other)
        assert marks() == {"runs": 0, "running": 0, "interrupted": 0, "stale": 1}
        assert listed() == [("stale", 17)]
        assert "1 run stale, saved at step 17, saved with numpy 2." in gdrun("show", "one").err
    (saved,) = (ONE / "unfinished").glob("*.npz")
    saved.write_bytes(saved.read_bytes()[:-1])
    assert listed() == [("stale", None)]
    saved.unlink()
    assert listed() == [("stale", None)]
    assert "nothing was saved of them" in gdrun("show", "one").err
    gdrun(*COMMANDS["one"]).ok()
    assert not (ONE / "unfinished").exists()


def test_what_ended_is_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    gdrun(*COMMANDS["one"]).ok()
    stopped_at(17, monkeypatch, "--rerun")
    assert marks() == {"runs": 1, "running": 0, "interrupted": 0, "stale": 0}
    assert listed() == [("finished", 840)]


def test_an_interrupted_experiment_can_be_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped_at(17, monkeypatch)
    gdrun("remove", "one", "--yes").ok()
    assert not ONE.exists()
