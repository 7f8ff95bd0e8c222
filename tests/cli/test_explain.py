"""`gdrun explain`: of a run, and of many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gdrun.experiment import training
from gdrun.experiment.config import load
from gdrun.experiment.explanation.experiment import _measured_edge
from gdrun.experiment.problem import pose
from tests.cli.driver import BOWL, DIVERGES, LINE, gdrun, listing

BATCH = LINE.replace("epochs: 3", "descent: batch\nepochs: 30")


def test_of_one_run() -> None:
    Path("bowl.yaml").write_text(DIVERGES)
    summary = gdrun("train", "bowl.yaml").out
    before = listing(Path())
    lines = gdrun("explain", "bowl").ok().splitlines()
    assert lines[0].startswith("bowl/r")
    assert lines[1] in summary.splitlines()  # the summary ends with the first sentence
    assert "next: gdrun explain bowl/r" in summary
    assert lines[2:] == [
        "why: lr 0.2 is 2 times the largest stable rate, 0.1 (L 20)",
        lines[3],
        "try: optimizer.lr=0.05",
    ]
    assert gdrun("explain", "bowl/last").ok().splitlines() == lines
    assert listing(Path()) == before


def test_of_many_runs() -> None:
    Path("line.yaml").write_text(BATCH)
    gdrun("compare", "line.yaml", "optimizer.lr=0.1,0.5,1,2,4,8", "seed=0..3", "--quiet").ok()
    lines = gdrun("explain", "line").ok().splitlines()
    train = pose(load("line.yaml")).train
    assert train is not None
    edge = 2 / np.linalg.eigvalsh(train.X.T @ train.X / train.m)[-1]
    stable = [rate for rate in (0.1, 0.5, 1, 2, 4, 8) if rate < edge]
    unstable = [rate for rate in (0.1, 0.5, 1, 2, 4, 8) if rate > edge]
    assert lines[0] == f"24 runs: {4 * len(stable)} finished, {4 * len(unstable)} diverged"
    assert lines[1] == (
        f"gd: runs diverged from lr {unstable[0]:g} on, none up to {stable[-1]:g}; predicted above {edge:.4g}"
    )
    assert lines[2].startswith("optimizer.lr explains ")
    assert f", {4 * len(unstable)} runs that diverged, failed or reached 0 left out; lowest at " in lines[2]
    assert "less than 5% each by itself: seed" in lines
    assert lines[-1] == "of one run: gdrun explain line/best"


def test_the_edge_of_each_kind_of_run() -> None:
    Path("bowl.yaml").write_text(BOWL.replace("steps: 10", "steps: 200"))
    gdrun("compare", "bowl.yaml", "optimizer={kind: momentum, lr: 0.1}", "optimizer.momentum=0,0.5", "--quiet",
          "optimizer.lr=0.09,0.11,0.14,0.16").ok()  # fmt: skip
    lines = gdrun("explain", "bowl").ok().splitlines()
    assert "optimizer.momentum 0.0: runs diverged from lr 0.11 on, none up to 0.09; predicted above 0.1" in lines
    assert "optimizer.momentum 0.5: runs diverged from lr 0.16 on, none up to 0.14; predicted above 0.15" in lines


@pytest.mark.parametrize("wanted", ["none", "bowl/none"])
def test_what_is_not_there(wanted: str) -> None:
    Path("bowl.yaml").write_text(BOWL)
    gdrun("train", "bowl.yaml", "--quiet").ok()
    said = gdrun("explain", wanted)
    assert (said.code, said.out, len(said.err.splitlines())) == (2, "", 1)


def test_of_the_compared_runs_alone_each_kind_has_its_edge() -> None:
    Path("bowl.yaml").write_text(BOWL)
    gdrun("train", "bowl.yaml", "optimizer.lr=7", "--quiet", "--allow-diverged").ok()
    gdrun("compare", "bowl.yaml", "optimizer={kind: momentum, lr: 0.1}", "optimizer.lr=0.01,0.02", "--quiet",
          "optimizer.momentum=0,0.1,0.2,0.3,0.4,0.5").ok()  # fmt: skip
    lines = gdrun("explain", "bowl").ok().splitlines()
    assert lines[0] == "12 runs: 12 finished"
    assert sum("none diverged, up to lr 0.02; predicted above 0." in line for line in lines) == 4
    assert "2 more kinds of runs differ in their rates alone: their edges were not computed" in lines


def test_no_edge_where_none_is_known() -> None:
    Path("line.csv").write_text("x,y\n" + "".join(f"{i},{i % 5 + i / 7:.3f}\n" for i in range(40)))
    Path("line.yaml").write_text(
        BATCH.replace("{kind: linear, examples: 40}", "{kind: csv, path: line.csv, target: y}")
    )
    gdrun("compare", "line.yaml", "optimizer.lr=0.1,0.2", "dataset.seed=0,1", "--quiet").ok()
    (edge,) = (line for line in gdrun("explain", "line").ok().splitlines() if line.startswith("gd: "))
    assert "predicted above" in edge
    Path("line.csv").unlink()
    assert "gd: none diverged, up to lr 0.2; its data cannot be read again" in gdrun("explain", "line").ok()
    Path("adam.yaml").write_text(BATCH.replace("{kind: gd, lr: 0.1}", "adam"))
    gdrun("compare", "adam.yaml", "optimizer.lr=0.1,0.2", "--quiet").ok()
    assert "no edge is predicted: adam adapts the rate of each parameter" in gdrun("explain", "adam").ok()


def test_the_measured_edge_is_below_every_rate_that_diverged_once() -> None:
    ended = [("0.1", "finished"), ("0.2", "finished"), ("0.2", "diverged"), ("0.3", "finished"), ("0.4", "failed")]
    group = [{"optimizer.lr": lr, "status": status} for lr, status in ended]
    assert _measured_edge(group) == "runs diverged from lr 0.2 on, none up to 0.1"
    assert _measured_edge(group[-1:]) == "all failed"


def test_a_run_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("bowl.yaml").write_text(BOWL)
    monkeypatch.setattr(training, "descend", None)
    assert gdrun("train", "bowl.yaml", "--quiet").code == 1
    (_, failed) = gdrun("explain", "bowl").ok().splitlines()
    assert failed.startswith("it failed: TypeError: ")
