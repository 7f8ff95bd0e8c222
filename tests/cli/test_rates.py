"""Learning rates that nobody gave: named in the error, or a range of them in a sweep."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from gdrun.experiment.foresight import rates
from tests.cli.driver import BOWL, LINE, gdrun, listing


def rates_of(name: str) -> list[float]:
    with (Path("results") / name / "runs.csv").open() as file:
        return [float(row["optimizer.lr"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    ("optimizer", "advice"),
    [
        ("{kind: gd}", "required: there is no default; the curvature suggests 0.05 (the largest stable one: 0.1)"),
        ("gd", "required: there is no default; the curvature suggests 0.05 (the largest stable one: 0.1)"),
        # 2 (1 + β)/L = 0.15, half of it, and a velocity of 2 steps
        ("{kind: momentum, momentum: 0.5}", "the curvature suggests 0.04 (the largest stable one: 0.15)"),
        ("{kind: gd, lr: auto}", "one value here; the curvature suggests 0.05 (the largest stable one: 0.1)"),
        ("{kind: adam, lr: auto}", "one value here; the usual one of adam is 0.001"),
    ],
)
@pytest.mark.parametrize("command", ["train", "check", "compare"])
def test_a_missing_rate_is_suggested(optimizer: str, advice: str, command: str) -> None:
    if "auto" in optimizer and command != "train":
        pytest.skip("a grid there")
    Path("bowl.yaml").write_text(BOWL.replace("{kind: gd, lr: 0.05}", optimizer))
    before = listing(Path())
    said = gdrun(command, "bowl.yaml")
    assert said.code == 2
    assert len(said.err.splitlines()) == 1
    assert said.err.strip().endswith(advice)
    assert "bowl.yaml:2:" in said.err
    assert listing(Path()) == before


def test_no_rate_is_suggested_where_more_is_wrong_or_another_value() -> None:
    Path("bowl.yaml").write_text(BOWL.replace("{kind: gd, lr: 0.05}", "{kind: gd, weight_decay: -1}"))
    said = gdrun("train", "bowl.yaml")
    assert (said.code, "curvature" in said.err, len(said.err.splitlines())) == (2, False, 2)
    Path("bowl.yaml").write_text(BOWL.replace("0.05", "-1"))
    assert "curvature" not in gdrun("train", "bowl.yaml").err
    Path("bowl.yaml").write_text(BOWL.replace("{kind: gd, lr: 0.05}", "{kind: gd, lr: 0.1, weight_decay: auto}"))
    assert "auto is a range, for optimizer.lr" in gdrun("train", "bowl.yaml").err
    assert "weight_decay: auto is a range, for optimizer.lr" in gdrun("compare", "bowl.yaml").err


def test_auto_is_the_suggested_range_as_numbers() -> None:
    Path("bowl.yaml").write_text(BOWL)
    gdrun("compare", "bowl.yaml", "optimizer.lr=auto", "--quiet").ok()
    # from a hundredth of 2/L = 0.1 to 1.6 times it
    assert rates_of("bowl") == pytest.approx(np.geomspace(0.001, 0.16, 9), rel=5e-3)
    assert all(rate == float(f"{rate:.3g}") for rate in rates_of("bowl"))
    numbers = ",".join(map(str, rates_of("bowl")))
    assert "9 done already" in gdrun("compare", "bowl.yaml", f"optimizer.lr={numbers}").err
    assert "auto" not in (Path("results") / "bowl" / "comparison.json").read_text()


def test_auto_in_candidates_looks_at_each_optimizer() -> None:
    Path("two.yaml").write_text(
        BOWL + "compare:\n  candidates:\n    - optimizer: {kind: gd, lr: auto}\n"
        "    - optimizer: {kind: momentum, momentum: 0.5, lr: auto}\n    - optimizer: {kind: adam, lr: auto}\n"
    )
    gdrun("compare", "two.yaml", "--quiet").ok()
    rates = rates_of("two")
    assert len(rates) == 27
    assert rates[8] == pytest.approx(0.16)
    assert rates[17] == pytest.approx(1.6 * 2 * 1.5 / 20)
    assert rates[26] == pytest.approx(0.1)  # a hundred times the usual 0.001


def test_auto_and_other_grids() -> None:
    Path("line.yaml").write_text(LINE)
    text = gdrun("check", "line.yaml", "optimizer.lr=auto", "model.l2=0,0.1", "seed=0..2").ok()
    assert "54 runs" in text
    Path("drawn.yaml").write_text(
        BOWL.replace("0.05}", "auto, weight_decay: {linear: [0, 1]}}") + "compare: {random: {n: 5}}\n"
    )
    said = gdrun("check", "drawn.yaml")
    assert (said.code, "auto is a grid, and random draws" in said.err) == (2, True)
    Path("zipped.yaml").write_text(BOWL + "compare: {zip: {optimizer.lr: auto, seed: [0, 1]}}\n")
    assert gdrun("check", "zipped.yaml").code == 2


def test_data_that_are_missing_are_the_error() -> None:
    Path("none.yaml").write_text(LINE.replace("{kind: linear, examples: 40}", "{kind: csv, path: none.csv, target: y}"))
    said = gdrun("check", "none.yaml", "optimizer.lr=auto")
    assert (said.code, "none.csv" in said.err, len(said.err.splitlines())) == (2, True, 1)


def test_auto_from_python() -> None:
    import gdrun as package

    bowl = {"model": {"kind": "surface", "function": "quadratic", "condition": 20.0}, "steps": 5}
    answer = package.compare({**bowl, "optimizer": {"kind": "gd", "lr": "auto"}}, save=False)
    assert sorted(json.loads(text)["optimizer"]["lr"] for text in answer.runs["config"])[-1] == 0.16


def test_no_rate_is_suggested_where_it_takes_long_or_the_loss_overflows(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(LINE.replace(", lr: 0.1", ""))
    assert "the curvature suggests" in gdrun("train", "line.yaml").err
    with monkeypatch.context() as patched:
        patched.setattr(rates, "CHEAP", 0.0)
        assert gdrun("train", "line.yaml").err.strip().endswith("required: there is no default")
    huge = "model={kind: mlp, hidden: [1], activation: identity, initial: [1e200, 1e200, 0, 1e200, 0]}"
    said = gdrun("train", "line.yaml", "dataset.features=2", huge)
    assert said.err.strip().endswith("required: there is no default")
    text = gdrun("check", "line.yaml", "dataset.features=2", huge, "optimizer.lr=auto").ok()
    assert "1.000e-04 … 1 (optimizer.lr=auto), usual: the curvature says nothing here" in text


def test_other_errors_are_left_as_they_are() -> None:
    Path("bowl.yaml").write_text(BOWL.replace("{kind: gd, lr: 0.05}", "gd").replace("steps: 10", "steps: 0"))
    missing, steps = sorted(gdrun("train", "bowl.yaml").err.splitlines())
    assert "the curvature suggests" not in steps
    assert "required" in missing
