"""`expect:` makes gdrun a gate: exit code 4, and which expectation failed by how much."""

from __future__ import annotations

import json
from math import acos, degrees, sqrt
from pathlib import Path

import pytest

import gdrun as package
from gdrun.experiment import training
from tests.cli.driver import BOWL, CLASSES, DIVERGES, LINE, gdrun, listing

# gradient descent with lr 0.05 on (x² + 20 y²)/2: the errors shrink by 0.95 and by 0 a step
AFTER_TEN = (4 * 0.95**10) ** 2 / 2


@pytest.fixture(autouse=True)
def configs(here: Path) -> None:
    for name, text in {"bowl": BOWL, "diverges": DIVERGES, "line": LINE, "classes": CLASSES}.items():
        (here / f"{name}.yaml").write_text(text)


@pytest.mark.parametrize(
    ("config", "expect", "code", "line"),
    [
        ("bowl", ["status=finished", "train_loss={at_least: 2.867, at_most: 2.868}", "end_step.at_most=10"], 0, ""),
        ("bowl", ["train_loss.at_most=2.5"], 4, "final_train_loss is 2.86789, expected at most 2.5: 0.368 too high"),
        ("bowl", ["status=converged"], 4, "status is finished, expected converged"),
        ("bowl", ["status=diverged"], 4, "status is finished, expected diverged"),
        ("bowl", ["status=[left, finished]"], 0, ""),
        ("bowl", ["end_epoch.at_least=11"], 4, "end_epoch is 10, expected at least 11: 1 too low"),
        ("diverges", [], 3, None),
        ("diverges", ["status=diverged"], 0, ""),
        ("diverges", ["status=[finished, diverged]", "train_loss.at_least=100"], 0, ""),
        ("diverges", ["status=finished"], 4, "status is diverged, expected finished"),
        ("diverges", ["status=finished", "--allow-diverged"], 4, "status is diverged, expected finished"),
        ("diverges", ["end_step.at_least=1"], 3, None),
        ("diverges", ["train_loss.at_most=1"], 4, "final_train_loss is missing (diverged), expected at most 1"),
        ("classes", ["validation_accuracy.at_least=0", "best_train_accuracy.at_most=1"], 0, ""),
        ("line", ["validation_r2.at_most=-1", "train_rmse.at_least=0"], 4, None),
    ],
)
def test_a_run(config: str, expect: list[str], code: int, line: str | None) -> None:
    assert pytest.approx(2.86789, abs=1e-5) == AFTER_TEN
    wanted = [argument if argument.startswith("--") else f"expect.{argument}" for argument in expect]
    said = gdrun("train", f"{config}.yaml", *wanted, "--quiet")
    assert (said.code, said.out) == (code, "")
    if line is not None:
        assert said.err == (f"{config}: {line}\n" if line else "")


def test_a_run_is_the_same_run_whatever_is_expected_and_is_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    gdrun("train", "bowl.yaml").ok()
    files = listing(Path("results"))
    monkeypatch.setattr(training, "descend", None)
    assert gdrun("train", "bowl.yaml", "expect.end_step.at_least=10").code == 0
    assert gdrun("train", "bowl.yaml", "expect.end_step.at_least=11").code == 4
    assert listing(Path("results")) == files


def test_json_lists_what_is_not_met() -> None:
    said = gdrun("train", "bowl.yaml", "line.yaml", "expect.end_step.at_least=10", "--format", "json")
    bowl, line = map(json.loads, said.out.splitlines())
    assert said.code == 4
    assert bowl["unmet"] == []
    assert line["unmet"] == ["end_step is 3, expected at least 10: 7 too low"]
    assert said.err == f"line: {line['unmet'][0]}\n"


SWEEP = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
steps: 10
expect: {status: finished, train_loss: {at_most: 3}}
compare:
  candidates:
    - {optimizer: {kind: gd, lr: [0.01, 0.05]}}
    - {optimizer: {kind: gd, lr: [0.2, 0.3]}, steps: 1000, label: wild, expect: {status: diverged, train_loss: }}
"""


@pytest.mark.parametrize(
    ("arguments", "code", "lines"),
    [
        ([], 0, []),
        (["expect.status=[finished, diverged]"], 0, []),  # a list here is no grid
        (["steps=9"], 4, [
            "candidate 1, lr 0.05: final_train_loss is 3.17771, expected at most 3: 0.178 too high",
        ]),
        (["expect.train_loss={at_most: 2.5}"], 4, [
            "candidate 1, lr 0.05, steps 10: final_train_loss is 2.86789, expected at most 2.5: 0.368 too high",
            "wild, lr 0.2: final_train_loss is …",
        ]),
    ],
)  # fmt: skip
def test_a_comparison(arguments: list[str], code: int, lines: list[str]) -> None:
    Path("sweep.yaml").write_text(SWEEP)
    said = gdrun("compare", "sweep.yaml", *arguments, "--quiet", "--format", "json")
    assert said.code == code, said
    assert json.loads(said.out)["runs"] == 4
    for found, line in zip(said.err.splitlines(), lines, strict=True):
        assert found.startswith(f"sweep: {line.removesuffix('…')}")
    assert [f"sweep: {line}" for line in json.loads(said.out)["unmet"]] == said.err.splitlines()


def test_every_candidate_is_to_diverge() -> None:
    text = DIVERGES.replace("lr: 0.05", "lr: [0.2, 0.3]")
    Path("wild.yaml").write_text(text + "compare: {seeds: 1}\n")
    assert gdrun("compare", "wild.yaml", "-q").code == 3
    assert gdrun("compare", "wild.yaml", "-q", "expect.status=diverged").code == 0
    assert gdrun("compare", "wild.yaml", "-q", "expect.status=finished").code == 4
    two = "compare:\n  candidates:\n    - expect: {status: diverged}\n    - seed: 1\n"
    Path("half.yaml").write_text(DIVERGES + two)
    assert gdrun("compare", "half.yaml", "-q").code == 3


def test_data_tell_which_outcomes_there_are() -> None:
    said = gdrun("train", "classes.yaml", "expect.validation_r2.at_least=0")
    assert said.err.endswith("expect.validation_r2: the target is classes, which have accuracy and loss\n")
    assert said.code == 2
    said = gdrun("train", "line.yaml", "expect.train_accuracy.at_least=0")
    assert said.err.endswith("the target is numbers, which have loss, r2 and rmse\n")
    said = gdrun("train", "line.yaml", "expect.test_loss.at_least=0")
    assert said.err.endswith("expect.test_loss: no test data: dataset.test is 0\n")
    said = gdrun("train", "bowl.yaml", "expect.validation_loss.at_least=0")
    assert said.err.endswith("expect.validation_loss: a surface has no such outcome: train_loss is its value\n")
    assert not Path("results").exists()


def test_check_shows_what_is_expected() -> None:
    out = gdrun("check", "bowl.yaml", "expect={status: finished, train_loss: {at_most: 3}}").ok()
    assert "\nexpect:\n  status: finished\n  train_loss: {at_most: 3.0}\n" in out
    Path("again.yaml").write_text(out)
    assert gdrun("check", "again.yaml", "--name", "bowl").ok() == out
    Path("sweep.yaml").write_text(SWEEP)
    out = gdrun("check", "sweep.yaml").ok()
    assert "optimizer.lr 0.01, 0.05 · steps 10 · expects finished, train_loss at most 3\n" in out
    assert "optimizer.lr 0.2, 0.3 · steps 1000 · expects diverged\n" in out


def test_from_python() -> None:
    run = package.train({**yaml(BOWL), "expect": {"train_loss": {"at_most": 2.5}}}, save=False)
    assert run.unmet == ["final_train_loss is 2.86789, expected at most 2.5: 0.368 too high"]
    assert package.train(yaml(BOWL), save=False).unmet == []
    answer = package.compare({**yaml(SWEEP), "name": "sweep"}, save=False)
    assert answer.unmet == []


def yaml(text: str) -> dict[str, object]:
    from yaml import safe_load

    found: dict[str, object] = safe_load(text)
    return found


RACE = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
steps: 10
compare:
  expect: [{outcome: train_loss, of: fast, over: slow, at_most: 0.4}]
  candidates:
    - {optimizer: {kind: gd, lr: 0.01}, label: slow}
    - {optimizer: {kind: gd, lr: 0.05}, label: fast}
"""


def test_candidates_beside_each_other(here: Path) -> None:
    # in ten steps both errors shrink: by 0.95 and 0 with lr 0.05, by 0.99 and 0.8 with lr 0.01
    slow = ((4 * 0.99**10) ** 2 + 20 * (0.8**10) ** 2) / 2
    (here / "race.yaml").write_text(RACE)
    ratio, name = AFTER_TEN / slow, "final_train_loss of fast over that of slow"
    said = gdrun("compare", "race.yaml", "--quiet")
    assert (said.code, said.err) == (
        4,
        f"race: {name} is {ratio:.6g}, expected at most 0.4: {ratio - 0.4:.3g} too high\n",
    )
    (here / "race.yaml").write_text(RACE.replace("0.4", "0.5"))
    assert gdrun("compare", "race.yaml", "--quiet").code == 0


STEEP = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
steps: 1
record: {step_angle: 1}
expect: {first_step_angle: {at_least: 50}}
compare:
  criterion: first_step_angle
  expect: [{outcome: first_step_angle, of: signs, minus: plain, at_most: -40}]
  candidates:
    - {optimizer: {kind: gd, lr: 0.01}, label: plain}
    - {optimizer: {kind: lion, lr: 0.01}, label: signs}
"""


def test_what_was_measured_along_the_way(here: Path) -> None:
    # at (4, 1) the slope is (4, 20); Lion steps by its signs, (1, 1)
    angle = 90 - degrees(acos((4 + 20) / sqrt(2 * (4**2 + 20**2))))
    (here / "steep.yaml").write_text(STEEP)
    said = gdrun("compare", "steep.yaml", "--format", "json", "-q")
    assert said.code == 4
    (relation,) = json.loads(said.out)["unmet"]
    assert relation == (
        "first_step_angle of signs minus that of plain is "
        f"{angle - 90:.6g}, expected at most -40: {angle - 50:.3g} too high"
    )
    rows = json.loads(said.out)["rankings"][0]["rows"]
    assert [row["label"] for row in rows] == ["signs", "plain"]
    assert rows[0]["estimate"]["mean"] == pytest.approx(angle)
    said = gdrun("compare", "steep.yaml", "-q", "--criterion", "mean_batch_noise")
    assert said.code == 2
    assert said.err.startswith("--criterion: no run has a mean_batch_noise")


def test_the_way_to_the_target_of_candidates(here: Path) -> None:
    # half of the first loss, 18, is left after one step with lr 0.05 (7.2), after five with lr 0.01 (9.06 after four)
    relation = "{outcome: steps_to_target, of: fast, over: slow, at_most: 0.1}"
    wanted = RACE.replace("{outcome: train_loss, of: fast, over: slow, at_most: 0.4}", relation)
    (here / "race.yaml").write_text(wanted.replace("compare:", "compare:\n  target: 9\n  criterion: steps_to_target"))
    said = gdrun("compare", "race.yaml", "--quiet")
    name = "steps_to_target of fast over that of slow"
    assert (said.code, said.err) == (4, f"race: {name} is 0.2, expected at most 0.1: 0.1 too high\n")


@pytest.mark.parametrize(
    ("relation", "problem"),
    [
        ("{outcome: end_step, of: slow, at_most: 1}", "compare.expect[0]: over or minus, one of them"),
        ("{outcome: end_step, of: slow, over: fast}", "compare.expect[0]: required: at_least, at_most or both"),
        (
            "{outcome: end_step, of: slow, over: fats, at_most: 1}",
            "over: no candidate has the label 'fats': slow and fast",
        ),
        ("{outcome: end_stop, of: slow, over: fast, at_most: 1}", "no outcome end_stop: did you mean end_step?"),
        ("{outcome: end_step, of: slow, than: fast, at_most: 1}", "unknown key: write over, for the ratio, or minus"),
        ("{outcome: end_step, of: slow, over: fast, max: 1}", "unknown key: write at_most"),
        ("{outcome: end_step, of: slow, over: fast, at_most: x}", "at_most: must be a number, not 'x'"),
        ("{outcome: end_step, of: slow, over: fast, at_least: 2, at_most: 1}", "must not be less than at_least, 2"),
        (
            "{outcome: steps_to_target, of: slow, over: fast, at_most: 1}",
            "steps_to_target needs compare.target, the loss to reach",
        ),
        ("slow", "compare.expect[0]: must be a block such as"),
    ],
)
def test_a_relation_that_is_wrong(here: Path, relation: str, problem: str) -> None:
    wanted = "{outcome: train_loss, of: fast, over: slow, at_most: 0.4}"
    (here / "race.yaml").write_text(RACE.replace(wanted, relation))
    said = gdrun("compare", "race.yaml")
    assert said.code == 2
    assert problem in said.err
    assert len(said.err.splitlines()) == 1
