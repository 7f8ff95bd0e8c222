"""What `gdrun check` says of curvature and learning rates, before anything runs."""

from __future__ import annotations

import re
from math import inf
from pathlib import Path

import numpy as np
import pytest

from gdrun.analysis.curvature import NoiseScale
from gdrun.cli import curvature as words
from gdrun.experiment.config import load
from gdrun.experiment.foresight import plan as module
from gdrun.experiment.problem import Problem, pose
from tests.cli.driver import BOWL, CLASSES, LINE, gdrun

BATCH = LINE.replace("epochs: 3", "descent: batch\nepochs: 30")


def lines_of(*arguments: str) -> list[str]:
    """Between the data and the plan."""
    text = gdrun("check", *arguments).ok()
    return [line.removeprefix("# ") for line in text.partition("# plan")[0].splitlines() if line.startswith("# ")]


def line_of(begins: str, *arguments: str) -> str:
    (line,) = (line for line in lines_of(*arguments) if line.startswith(begins))
    return line


def test_a_quadratic_is_known_exactly() -> None:
    Path("bowl.yaml").write_text(BOWL)
    assert line_of("curvature", "bowl.yaml") == (
        "curvature (exact everywhere, the loss is quadratic): L 20 · μ 1 · κ 20 · 2/L 0.1 · 2/(L+μ) 0.09524,"
        " which leaves 0.9048 a step"  # 19/21
    )
    assert "lowest training loss: 0" in lines_of("bowl.yaml")


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ("0.001", "lr 0.001 is slow (about "),
        ("0.09", "lr 0.09 converges (about "),
        ("0.099,0.0999", "lr 0.099 … 0.0999 oscillate (about "),
        ("0.11,0.2", "lr 0.11 … 0.2 diverge above 0.1 (×1.2 … ×3 a step)"),  # |1 - 20 lr|
        ("0.2", "lr 0.2 diverges above 0.1 (×3 a step)"),
    ],
)
def test_each_rate_has_its_prediction(rates: str, said: str) -> None:
    Path("bowl.yaml").write_text(BOWL.replace("steps: 10", "steps: 100"))
    assert said in line_of("gd: lr", "bowl.yaml", f"optimizer.lr={rates}")


def test_steps_to_one_percent() -> None:
    # from (4, 1) on λ = 1 and 20 at lr 1/20: the steep direction is gone at once, the flat one takes
    # 8 (0.95)^2n = 0.01 (8 + 10), n = 37.0 steps
    Path("bowl.yaml").write_text(BOWL.replace("steps: 10", "steps: 100"))
    assert "(about 37 steps to 1 %)" in line_of("gd: lr", "bowl.yaml", "optimizer.lr=0.05")


def test_curvature_of_data_is_that_of_its_gram_matrix() -> None:
    Path("line.yaml").write_text(BATCH)
    train = pose(load("line.yaml")).train
    assert train is not None
    eigenvalues = np.linalg.eigvalsh(train.X.T @ train.X / train.m)
    found = re.search(r"L ([\d.]+) · μ ([\d.]+) · κ ([\d.]+)", line_of("curvature", "line.yaml"))
    assert found
    expected = [eigenvalues[-1], eigenvalues[0], eigenvalues[-1] / eigenvalues[0]]
    assert list(map(float, found.groups())) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("optimizer", "rates"),
    [
        # 2 (1 + β)/L and (2 + 2β)/((1 + 2β) L) of L = 20
        ("{kind: gd, lr: 0.1}", "with momentum 0.9, largest stable rates: heavy ball 0.19, Nesterov 0.06786"),
        (
            "{kind: rmsprop, momentum: 0.5}",
            "with momentum 0.9, largest stable rates: heavy ball 0.19, Nesterov 0.06786",
        ),
        ("{kind: momentum, lr: 0.1, momentum: 0}", "with momentum 0.9, largest stable rates: heavy ball 0.19, "),
        (
            "{kind: nesterov, lr: 0.1, momentum: 0.5}",
            "with momentum 0.5, largest stable rates: heavy ball 0.15, Nesterov 0.075",
        ),
    ],
)
def test_the_edges_of_momentum(optimizer: str, rates: str) -> None:
    Path("bowl.yaml").write_text(BOWL)
    assert line_of("with momentum", "bowl.yaml", f"optimizer={optimizer}").startswith(rates)


def test_the_edges_of_momentum_below_a_bound_or_where_there_is_none() -> None:
    Path("classes.yaml").write_text(CLASSES)
    stable = re.search(r"2/L ([\d.]+)", line_of("curvature", "classes.yaml"))
    heavy = re.search(r"heavy ball at least ([\d.]+); of Nesterov's no", line_of("with momentum", "classes.yaml"))
    assert stable
    assert heavy
    assert float(heavy[1]) == pytest.approx(0.1 * float(stable[1]), rel=1e-3)
    Path("kinks.yaml").write_text(BATCH + "loss: mae\n")
    assert not any(line.startswith("with momentum") for line in lines_of("kinks.yaml"))


def test_validity_is_said() -> None:
    Path("classes.yaml").write_text(CLASSES)
    assert "(a bound that holds everywhere, the loss is convex): L at most" in line_of("curvature", "classes.yaml")
    Path("network.yaml").write_text(CLASSES.replace("softmax", "{kind: mlp, hidden: [4]}"))
    assert "(local, at the start of seed 5 alone)" in line_of("curvature", "network.yaml", "seed=5")
    Path("kinks.yaml").write_text(BATCH + "loss: mae\n")
    assert "kinks" in line_of("curvature", "kinks.yaml")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("optimizer=adam", "adam adapts the rate of each parameter"),
        ("descent=minibatch descent.batch_size=8", "gradients are noisy"),
        ("model={kind: mlp, hidden: [4]}", "not convex: the curvature holds at the start alone"),
    ],
)
def test_no_prediction_where_none_is_honest(change: str, reason: str) -> None:
    Path("line.yaml").write_text(BATCH)
    overrides = [change] if change.startswith("model") else change.split()
    lines = [line for line in lines_of("line.yaml", *overrides) if "no prediction: " in line]
    assert len(lines) == 1
    assert reason in lines[0]


def test_runs_that_differ_in_more_than_their_rate_have_lines_of_their_own() -> None:
    Path("line.yaml").write_text(BATCH)
    lines = lines_of("line.yaml", "optimizer={kind: momentum, lr: 0.1}", "optimizer.momentum=0.5,0.9", "seed=0..2")
    assert [line.split(":")[0] for line in lines if "steps to" in line] == [
        "momentum · optimizer.momentum 0.5",
        "momentum · optimizer.momentum 0.9",
    ]
    assert sum(line.startswith("curvature") for line in lines) == 1
    lines = lines_of("line.yaml", "model.l2=0,0.1,0.2,0.3,0.4")
    assert sum(line.startswith("curvature") for line in lines) == 3
    assert "2 more losses (other data, models or penalties) were not looked at" in lines


def test_what_takes_long_is_left_out_and_what_fails_spares_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(BATCH)
    monkeypatch.setattr(module, "SECONDS", 0.0)
    lines = lines_of("line.yaml")
    assert "the curvature would take longer to compute than is worth it here" in lines
    assert any("no prediction without the curvature" in line for line in lines)

    def fails(plan: object) -> None:
        raise MemoryError("too much")

    monkeypatch.setattr(words, "outlooks", fails)
    assert "# no curvature: too much" in gdrun("check", "line.yaml").ok()
    assert "# plan: " in gdrun("check", "line.yaml").ok()


@pytest.mark.parametrize("change", ["loss=half_mse,mse", "dataset.seed=0,1"])
def test_every_loss_has_its_curvature(change: str) -> None:
    Path("line.yaml").write_text(BATCH)
    assert sum(line.startswith("curvature") for line in lines_of("line.yaml", change)) == 2


def test_predictions_go_up_with_the_rate_and_are_of_the_first_seed() -> None:
    Path("line.yaml").write_text(BATCH)
    up = line_of("gd: lr", "line.yaml", "optimizer.lr=0.01,0.02,5,6")
    assert line_of("gd: lr", "line.yaml", "optimizer.lr=6,5,0.02,0.01", "seed=0..3") == up
    assert line_of("gd: lr", "line.yaml", "optimizer.lr=0.01,0.02,5,6", "seed=7") != up


def test_neighbours_with_other_reasons_are_told_apart() -> None:
    Path("network.yaml").write_text(CLASSES.replace("softmax", "{kind: mlp, hidden: [4]}"))
    text = line_of("gd: lr", "network.yaml", "optimizer.lr=0.001,0.002,1000")
    assert re.search(r"lr 0.001 … 0.002: no prediction: .* below the edge; lr 1000: no prediction: .* above", text)


def test_the_time_is_shared_out_and_what_is_left_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(BATCH)
    granted: list[float] = []

    def affordable(problem: Problem, seconds: float) -> float:
        granted.append(seconds)
        return inf

    monkeypatch.setattr(module, "affordable", affordable)
    lines_of("line.yaml", "model.l2=0,0.1")
    assert granted == [module.SECONDS / 2] * 2
    clock = iter(range(0, 1000, 10))
    monkeypatch.setattr(module, "perf_counter", lambda: next(clock))
    assert "2 more rates were not looked at" in line_of("gd: lr", "line.yaml", "optimizer.lr=0.1,0.2,0.3")


def test_special_losses_in_words() -> None:
    Path("line.csv").write_text("a,b,y\n" + "".join(f"{i % 7},{2 * (i % 7)},{i}\n" for i in range(40)))
    Path("line.yaml").write_text(
        BATCH.replace("{kind: linear, examples: 40}", "{kind: csv, path: line.csv, target: y}")
    )
    assert " · 1 flat directions · " in line_of("curvature", "line.yaml")
    Path("hill.yaml").write_text(BOWL.replace("condition: 20", "matrix: [[-2, 0], [0, -1]]"))
    assert "none upwards, L -1: there is no largest stable rate" in line_of("curvature", "hill.yaml")
    assert "no lowest loss: this surface goes down without end" in lines_of("hill.yaml")
    Path("classes.yaml").write_text(CLASSES.replace("softmax", "{kind: softmax, l2: 0.1}") + "descent: batch\n")
    assert re.search(r"lr 0.1 converges \(at most [\d,]+ steps", line_of("gd: lr", "classes.yaml"))
    network = lines_of("classes.yaml", "model={kind: mlp, hidden: [4]}")
    assert not any("lowest" in line for line in network)


@pytest.mark.parametrize(
    ("scale", "gain"), [(0.2, "about 1 example"), (7.0, "about 7 examples"), (99.0, "all 32 examples")]
)
def test_the_batch_size_that_is_worth_it(scale: float, gain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("line.yaml").write_text(BATCH)
    noise = NoiseScale(variance=scale, squared_gradient=1.0, m=32, sampled=32)
    monkeypatch.setattr("gdrun.experiment.foresight.run.noise_scale", lambda objective, start: noise)
    assert line_of("gradient noise", "line.yaml").endswith(f"a batch is worth it up to {gain}")
