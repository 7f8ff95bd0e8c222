"""`gdrun explain`: of a run, and of many."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gdrun.experiment.config import load
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
