"""`gdrun check` of sweeps: what is compared, what is done, what the rest takes; all that is wrong; nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gdrun.cli import planning
from tests.cli.driver import BOWL, LINE, gdrun, listing

SWEEP = """\
dataset: {kind: blobs, examples: 60, classes: 3}
model: softmax
epochs: 3
optimizer: {kind: gd, lr: 0.1}
compare:
  seeds: 3
  candidates:
    - optimizer: {kind: gd, lr: {log: [1e-3, 10, 5]}}
    - optimizer: {kind: adam, lr: [0.01, 0.1]}
      label: Adam
    - optimizer: {kind: gd, lr: 10}
      descent: {variant: batch}
      label: all at once
"""


@pytest.fixture(autouse=True)
def sweep(here: Path) -> Path:
    file = here / "sweep.yaml"
    file.write_text(SWEEP)
    return file


def plan_of(text: str) -> str:
    (line,) = (line for line in text.splitlines() if line.startswith("# plan: "))
    return line.removeprefix("# plan: ")


def test_the_plan_of_a_sweep(here: Path) -> None:
    before = listing(here)
    text = gdrun("check", "sweep.yaml").ok()
    lines = text.splitlines()
    assert lines[0] == "# sweep: 24 runs of 3 candidates; what they share:"
    assert "dataset: {kind: blobs, seed: 0," in text
    assert "\nepochs: 3\n" in text
    assert "\noptimizer: {weight_decay: 0.0, clip_norm: null, clip_value: null}\n" in text
    assert "\nseed:" not in text
    assert "compare" not in text
    assert [line for line in lines if " runs: " in line] == [
        "# minibatch, gd, 15 runs: descent.variant minibatch · optimizer.kind gd · "
        "optimizer.lr 0.001 … 10 (5 values) · seed 0, 1, 2",
        "# Adam, 6 runs: descent.variant minibatch · optimizer.kind adam · optimizer.lr 0.01, 0.1 · seed 0, 1, 2",
        "# all at once, 3 runs: descent.variant batch · optimizer.kind gd · optimizer.lr 10 · seed 0, 1, 2",
    ]
    assert "# examples: training 48 · validation 12 · features: 2" in text
    assert plan_of(text) == "24 runs, 0 done already; 24 to train in 3 stacks, 3 tiles; to results/sweep"
    assert re.search(
        r"^# cost: (less than 0\.1 s|about .+) in one process; a tile holds about [\d.]+ kB beside [\d.]+ kB of data, "
        r"of [\d.]+ [MG]B granted$",
        text,
        re.MULTILINE,
    )
    assert listing(here) == before


def test_what_is_done_already() -> None:
    gdrun("compare", "sweep.yaml", "--quiet").ok()
    before = listing(Path())
    text = gdrun("check", "sweep.yaml").ok()
    assert plan_of(text) == "24 runs, 24 done already; in results/sweep"
    assert "# cost" not in text
    assert plan_of(gdrun("check", "sweep.yaml", "compare.seeds=5").ok()).startswith(
        "40 runs, 24 done already; 16 to train in 3 stacks, 3 tiles"
    )
    assert plan_of(gdrun("check", "sweep.yaml", "--results", "other").ok()).startswith("24 runs, 0 done already")
    assert listing(Path()) == before


def test_what_takes_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(LINE)
    quick = gdrun("check", "line.yaml", "optimizer.lr=0.01,0.1")
    assert quick.err == ""
    monkeypatch.setattr("gdrun.cli.patience.FIRST", 0)
    slow = gdrun("check", "line.yaml", "optimizer.lr=0.01,0.1")
    said = ("expanding the sweep: ", "posing 2 runs: ", "looking at what 2 runs share, predicting and planning them: ")
    assert all(text in slow.err for text in said)
    assert [line for line in slow.out.splitlines() if "cost" not in line] == [
        line for line in quick.out.splitlines() if "cost" not in line
    ]
    assert gdrun("compare", "line.yaml", "optimizer.lr=0.01,0.1", "--quiet").err == ""


def test_grids_on_the_command_line() -> None:
    Path("line.yaml").write_text(LINE)
    text = gdrun("check", "line.yaml", "optimizer.lr=0.01,0.1", "seed=0..3", "--name", "mine").ok()
    assert text.startswith("# mine: 8 runs; what they share:\n")
    assert "# all settings, 8 runs: optimizer.lr 0.01, 0.1 · seed 0, 1, 2, 3\n" in text
    assert plan_of(text) == "8 runs, 0 done already; 8 to train in 1 stack, 1 tile; to results/mine"
    text = gdrun("check", "line.yaml", "dataset.seed=0,1,2").ok()
    assert "# data (the first of 3 datasets or splits)\n" in text


def test_several_files_are_candidates_if_they_have_a_name_and_experiments_if_not() -> None:
    Path("a.yaml").write_text(LINE)
    Path("b.yaml").write_text(LINE.replace("gd, lr", "momentum, lr"))
    together = gdrun("check", "a.yaml", "b.yaml", "--name", "both").ok()
    assert together.startswith("# both: 2 runs of 2 candidates")
    assert "# a, 1 run: optimizer.kind gd\n# b, 1 run: optimizer.kind momentum\n" in together
    apart = gdrun("check", "a.yaml", "b.yaml", "sweep.yaml").ok()
    assert [line for line in apart.splitlines() if "to results/" in line] == [
        line
        for file in ("a", "b", "sweep")
        for line in gdrun("check", f"{file}.yaml").ok().splitlines()
        if "to results/" in line
    ]


def test_everything_wrong_with_any_candidate_of_any_file(sweep: Path) -> None:
    before = listing(Path())
    sweep.write_text(
        SWEEP.replace("lr: [0.01, 0.1]", "lr: [0.01, -0.1], momentum: 0.9").replace("lr: 10}", "rate: 10}")
    )
    Path("other.yaml").write_text(LINE.replace("epochs: 3", "epochs: 0"))
    Path("unfit.yaml").write_text(SWEEP.replace("- optimizer: {kind: gd, lr: 10}", "- model: linear"))
    said = gdrun("check", "sweep.yaml", "other.yaml", "unfit.yaml", "none.yaml")
    assert (said.code, said.out) == (2, "")
    places = [":".join(line.split(":")[:2]) for line in said.err.splitlines()]
    assert sorted(places) == [
        "none.yaml: cannot be read",
        "other.yaml:4",
        "sweep.yaml:11",
        "sweep.yaml:9",
        "sweep.yaml:9",
        "unfit.yaml:11",
    ]
    assert listing(Path()).keys() == {*before, "other.yaml", "unfit.yaml"}


def test_a_run_that_does_not_fit_is_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(LINE)
    monkeypatch.setattr(planning, "held", lambda problem: 3_000_000)
    hint = "# hint: a run holds about 3 MB, more than the 2 MB granted (--memory)"
    for arguments in (["line.yaml"], ["sweep.yaml"]):
        text = gdrun("check", *arguments, "--memory", "0.002").ok()
        assert hint in text.splitlines()
        assert "# cost" not in text
        assert "# hint" not in gdrun("check", *arguments, "--memory", "1").ok()
    monkeypatch.setattr(planning, "default_memory", lambda: 2_000_000)
    monkeypatch.setattr(planning, "granted_memory", lambda: 8_000_000)
    assert hint in gdrun("check", "sweep.yaml").ok()
    assert "# hint" not in gdrun("check", "line.yaml").ok()  # a single run may have all there is


def test_a_surface_has_no_data() -> None:
    Path("bowl.yaml").write_text(BOWL)
    text = gdrun("check", "bowl.yaml", "optimizer.lr=0.01,0.02").ok()
    assert "# data" not in text
    assert "of data" not in text
    assert plan_of(text) == "2 runs, 0 done already; 2 to train in 1 stack, 1 tile; to results/bowl"


def test_memory_makes_more_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdrun.experiment.tiles.held", lambda problem: 600_000)
    assert "24 to train in 3 stacks, 24 tiles" in gdrun("check", "sweep.yaml", "--memory", "0.001").ok()
