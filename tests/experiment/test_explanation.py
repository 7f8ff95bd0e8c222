"""Staged runs, each gone wrong in one known way or not at all, explained from their files."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import dense_hessian, noise_scale
from gdrun.cli.explain import lines_of
from gdrun.descent.objectives import DataObjective
from gdrun.experiment.config import load
from gdrun.experiment.explanation import survey
from gdrun.experiment.explanation.ended import ended
from gdrun.experiment.explanation.run import Explanation, explain
from gdrun.experiment.foresight.run import landscape
from gdrun.experiment.problem import pose
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.runs import find_run
from gdrun.experiment.stack import data_objective, initial
from gdrun.experiment.trained import train_kept

Config = dict[str, Any]
DEEP = [20] * 6
BOWL: Config = {"kind": "surface", "function": "quadratic", "condition": 20.0, "start": [4.0, 1.0]}
SWINGING = {"kind": "momentum", "lr": 0.15, "momentum": 0.99}


def bowl(lr: float, steps: int = 100, **more: Any) -> Config:
    return {"model": BOWL, "optimizer": {"kind": "gd", "lr": lr}, "steps": steps, **more}


def line(lr: float, **more: Any) -> Config:
    optimizer = {"kind": "gd", "lr": lr}
    data = {"kind": "linear", "examples": 50, "noise": 0.5}
    return {"dataset": data, "model": "linear", "descent": "batch", "optimizer": optimizer, "epochs": 60} | more


def network(lr: float, hidden: list[int], activation: str, **more: Any) -> Config:
    model = {"kind": "mlp", "hidden": hidden, "activation": activation} | more.pop("model", {})
    data = {"kind": "blobs", "examples": 100, "classes": 3}
    return {"dataset": data, "model": model, "optimizer": {"kind": "gd", "lr": lr}, "epochs": 20} | more


NOISY = {"descent": {"variant": "minibatch", "batch_size": 4}, "epochs": 100}
MIXED = {"dataset": {"kind": "blobs", "examples": 100, "classes": 3, "noise": 2.0}}
ADAM = {"kind": "adam", "lr": 1.0}
OVERFIT = {
    "dataset": {"kind": "moons", "examples": 40, "noise": 0.9, "validation": 0.5},
    "optimizer": {"kind": "adam", "lr": 0.05},
    "epochs": 200,
    "descent": "batch",
}
NEARLY_BEST = [-1.0, 0.9, 1.3, 0.4, -2.3, -0.2]
SICK: dict[str, tuple[Config, str]] = {
    "lr above 2/L": (bowl(0.101), "diverged"),
    "lr far above 2/L": (bowl(5.0), "diverged"),
    "lr above 2/L on data": (line(5.0), "diverged"),
    "lr above 2/L in batches": (line(5.0, **NOISY), "diverged"),
    "batches curved more than the whole": (line(1.2, **NOISY), "diverged"),
    "momentum above its edge": (bowl(0.3, optimizer={"kind": "momentum", "lr": 0.3, "momentum": 0.9}), "diverged"),
    "a network's lr too high": (network(1e6, [5], "identity"), "diverged"),
    "noise": (line(0.5, **NOISY), "hovered"),
    "lr far below 2/L": (bowl(0.001), "crept"),
    "lr far below 2/L on data": (line(0.001), "crept"),
    "ill-conditioned": (bowl(0.0009, 400, model={**BOWL, "condition": 2000.0, "start": [40.0, 1.0]}), "crept"),
    "momentum that swings": (
        bowl(0.15, 30, optimizer=SWINGING),
        "oscillated",
    ),
    "too large a network": (network(0.1, [50], "relu", **OVERFIT), "overfitted"),
    "a schedule that ends too soon": (
        bowl(0.05, 200, schedule={"kind": "step", "every": 8, "decay": 0.01}),
        "ended_too_soon",
    ),
    "lr above 2/L of a network that bears it": (network(5.0, [10], "tanh", **NOISY, **MIXED), "hovered"),
    "noise above the start": (line(0.5, **NOISY, model={"kind": "linear", "initial": NEARLY_BEST}), "hovered"),
    "noise on a surface": (bowl(0.05, 300, model={**BOWL, "noise": 5.0}), "hovered"),
    "lr far above the usual of adam": (network(0.1, [10], "tanh", **NOISY, **MIXED, optimizer=ADAM), "hovered"),
    "lr beyond all bounds of adam": (line(0.1, optimizer={"kind": "adam", "lr": 1e6}), "diverged"),
    "lr far below the usual of adam": (line(0.1, optimizer={"kind": "adam", "lr": 1e-5}), "crept"),
    "lr far below a bound": (line(0.001, **MIXED, model="softmax"), "crept"),
    "nesterov below a bound": (
        line(0.1, **MIXED, model="softmax", optimizer={"kind": "nesterov", "lr": 1e-4, "momentum": 0.5}),
        "crept",
    ),
    "dead units": (network(3.0, [20, 20], "relu"), "dead"),
    "saturated units": (
        network(0.1, [10], "tanh", model={"initial": "normal", "initial_scale": 20.0}),
        "saturated",
    ),
    "gradients that vanish": (network(0.1, DEEP, "sigmoid"), "vanishing"),
    "gradients that explode": (
        network(1e-9, [20] * 20, "tanh", model={"initial": "normal", "initial_scale": 1.0}),
        "exploding",
    ),
}
HEALTHY: dict[str, Config] = {
    "a bowl": bowl(0.05),
    "a bowl at a high rate": bowl(0.09),
    "regression": line(0.5),
    "momentum": bowl(0.05, 300, optimizer={"kind": "momentum", "lr": 0.05, "momentum": 0.5}),
    "a network": network(0.5, [10], "tanh", epochs=100),
    "a relu network": network(0.1, [10], "relu", epochs=100),
    "adam": line(0.1, optimizer={"kind": "adam", "lr": 0.1}, epochs=400),
    "a cosine that ends in time": line(0.5, schedule="cosine"),
}


def explained(config: Config, tmp_path: Path) -> Explanation:
    folder = Folder(tmp_path / "it")
    train_kept(pose(load(config)), folder)
    return explain(*find_run("it", tmp_path))


@pytest.fixture(scope="module")
def sick(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Explanation]:
    """What is said of a staged run, each trained once."""
    return cache(lambda name: explained(SICK[name][0], tmp_path_factory.mktemp("sick")))


@pytest.mark.parametrize("name", SICK)
def test_the_cause_is_named_with_its_numbers(name: str, sick: Callable[[str], Explanation]) -> None:
    told = sick(name)
    assert SICK[name][1] in told.codes
    assert told.advice
    assert all(re.search(r"\d", sentence) for sentence in [*told.happened, *told.why])


@pytest.mark.parametrize("config", HEALTHY.values(), ids=HEALTHY)
def test_of_a_healthy_run_no_trouble_is_named(config: Config, tmp_path: Path) -> None:
    told = explained(config, tmp_path)
    assert (told.codes, told.advice) == ([], [])
    assert told.happened


def test_the_rate_stands_beside_the_curvature(tmp_path: Path) -> None:
    told = explained(bowl(0.2), tmp_path)
    assert told.why == ["lr 0.2 is 2 times the largest stable rate, 0.1 (L 20)"]
    assert told.advice == ["optimizer.lr=0.05"]
    (measured,) = told.measured
    found = re.fullmatch(r"predicted to diverge, the distance by ×3 a step, measured ×([\d.]+)", measured)
    assert found
    assert float(found[1]) == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize(
    ("name", "reason", "advice"),
    [
        # 2 (1 + β)/L = 0.19
        ("momentum above its edge", "lr 0.3 is 1.58 times the largest stable rate, 0.19 (L 20)", "optimizer.lr=0.01"),
        (
            "batches curved more than the whole",
            "each step saw 4 examples: a batch may be curved more than the whole",
            "optimizer.lr=0.2",
        ),
        ("lr far below 2/L", "lr 0.001 is 0.01 of the largest stable rate, 0.1 (L 20)", "optimizer.lr=0.05"),
        ("momentum that swings", "lr 0.15 is 0.75 of the largest stable rate, 0.199 (L 20)", "optimizer.lr=0.05"),
        ("lr far above the usual of adam", "lr 1 is 1e+03 times the usual 0.001 of adam", "optimizer.lr=0.001"),
        ("lr far below the usual of adam", "lr 1e-05 is 0.01 times the usual 0.001 of adam", "optimizer.lr=0.001"),
        ("lr beyond all bounds of adam", "lr 1e+06 is 1e+09 times the usual 0.001 of adam", "optimizer.lr=0.001"),
        (
            "a schedule that ends too soon",
            "the schedule is step, with lr 0.05 at its highest",
            "a longer budget, or a schedule that falls later",
        ),
        ("noise on a surface", "lr was up to 0.05 and each slope has noise of size 5", "optimizer.lr=0.005"),
        ("noise", "lr was up to 0.5 and each step saw 4 of 40 examples", "descent.batch_size=16"),
    ],
)
def test_why_and_what_to_try(name: str, reason: str, advice: str, sick: Callable[[str], Explanation]) -> None:
    told = sick(name)
    assert reason in told.why
    assert advice in told.advice


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("lr far below a bound", "of the bound below which every rate is stable"),
        ("nesterov below a bound", "of the largest stable rate of a quadratic so curved"),
        ("lr above 2/L of a network that bears it", "times the largest stable rate at the start"),
    ],
)
def test_how_the_edge_is_known_is_said(name: str, word: str, sick: Callable[[str], Explanation]) -> None:
    assert sum(word in reason for reason in sick(name).why) == 1


def test_batches_of_a_sum_bear_more_than_the_sum(tmp_path: Path) -> None:
    config = line(5.0, **NOISY, loss="sum_squares")
    train = pose(load(config)).train
    assert train is not None
    # a batch of 4 has about a tenth of the curvature XᵀX of all 40
    edge = 2 / np.linalg.eigvalsh(train.X.T @ train.X)[-1] * 40 / 4
    assert f"times the largest stable rate, {edge:.4g} (" in explained(config, tmp_path).why[0]


def test_below_a_bound_momentum_is_measured_by_a_quadratic(tmp_path: Path) -> None:
    config = line(1.0, **MIXED, model="softmax", optimizer={"kind": "momentum", "lr": 1e-4, "momentum": 0.5})
    (why,) = explained(config, tmp_path).why
    edge, L = map(float, re.findall(r"so curved, ([\d.]+) \(L ([\d.]+)\)", why)[0])
    assert edge == pytest.approx(2 * 1.5 / L, rel=1e-3)


def test_of_an_ill_conditioned_loss_its_contraction_is_told(sick: Callable[[str], Explanation]) -> None:
    told = sick("ill-conditioned")
    # 2/(2000 + 1), and 1999/2001
    assert told.why[1:] == [
        "the condition number is 2e+03: even at the best rate 0.001 each step leaves 0.9990 of the distance"
    ]
    assert "optimizer.kind=momentum" in told.advice
    assert len(sick("lr far below 2/L").why) == 1  # κ is 20


def test_the_noise_scale_stands_beside_the_batch_size(sick: Callable[[str], Explanation]) -> None:
    told, problem = sick("noise"), pose(load(SICK["noise"][0]))
    objective = landscape(problem)
    assert isinstance(objective, DataObjective)
    scale = noise_scale(objective, initial(problem)).scale
    assert f"the gradient-noise scale at the start is {scale:.3g} examples: a batch has 4" in told.why


def test_a_loss_above_where_it_began_is_said(sick: Callable[[str], Explanation]) -> None:
    told = sick("noise above the start")
    assert re.search(
        r"a floor of noise, [\d.]+ above the minimum, and above the [\d.]+ that it began", told.happened[0]
    )
    told = sick("lr above 2/L of a network that bears it")
    assert told.codes[1] == "saturated"
    assert len(told.why) == len(set(told.why))
    assert not any("that it began with" in sentence for sentence in sick("noise").happened)


def test_a_rate_that_is_too_high_is_why_units_are_dead(sick: Callable[[str], Explanation]) -> None:
    told = sick("dead units")
    assert any("times the largest stable rate at the start" in reason for reason in told.why)
    assert not any("times" in reason for reason in sick("saturated units").why)


def test_how_the_curvature_of_a_network_has_changed(tmp_path: Path, sick: Callable[[str], Explanation]) -> None:
    config = HEALTHY["a network"]
    told = explained(config, tmp_path)
    (moved,) = (sentence for sentence in told.measured if sentence.startswith("the largest curvature"))
    begin, end = map(float, re.findall(r"(?:was|is) ([\d.]+) at", moved))
    folder, row = find_run("it", tmp_path)
    problem, run = pose(load(config)), ended(folder, row)
    assert run.final is not None
    for known, point in ((begin, initial(problem)), (end, run.final)):
        exact = np.linalg.eigvalsh(dense_hessian(landscape(problem), point))[-1]
        assert known == pytest.approx(exact, rel=1e-3)
    for other in ("a network's lr too high", "lr above 2/L on data"):
        measured = sick(other).measured
        assert not any(sentence.startswith("the largest curvature") for sentence in measured)


@pytest.mark.parametrize("lr", [0.02, 0.05])
def test_the_predicted_contraction_is_measured(lr: float, tmp_path: Path) -> None:
    told = explained(bowl(lr), tmp_path)
    factor = next(sentence for sentence in told.measured if "in the long run" in sentence)
    predicted, measured = map(float, re.findall(r"×([\d.]+)", factor))
    assert predicted == pytest.approx(1 - lr)  # of the flat direction, λ = 1
    assert measured == pytest.approx(predicted, rel=0.01)
    steps = next(sentence for sentence in told.measured if "steps to 1 %" in sentence)
    expected, reached = re.findall(r"(?:about|measured) ([\d,]+)", steps)
    assert abs(int(expected) - int(reached)) <= 1


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("x,y\n" + "".join(f"{i},{i * 0.37 % 2:.2f}\n" for i in range(40)))
    config = line(5.0, dataset={"kind": "csv", "path": str(file), "target": "y"})
    assert explained(config, tmp_path).why
    file.write_text(file.read_text() + "1,2\n")
    changed = explain(*find_run("it", tmp_path))
    assert changed.notes == ["its data have changed since"]
    assert (changed.why, changed.codes) == ([], ["diverged"])
    file.unlink()
    gone = explain(*find_run("it", tmp_path))
    assert "cannot be read again" in gone.notes[0]
    assert gone.happened == changed.happened


def test_weights_that_are_gone_or_damaged_are_no_error(tmp_path: Path) -> None:
    told = explained(network(3.0, [20, 20], "relu"), tmp_path)
    folder, row = find_run("it", tmp_path)
    folder.weights_file(row["id"]).write_bytes(b"no weights")
    assert "dead" in told.codes
    assert "dead" not in explain(folder, row).codes
    folder.weights_file(row["id"]).unlink()
    assert explain(folder, row).happened


def test_the_last_weights_are_looked_at_not_the_best(sick: Callable[[str], Explanation], tmp_path: Path) -> None:
    explained(SICK["too large a network"][0], tmp_path)
    folder, row = find_run("it", tmp_path)
    run, arrays = ended(folder, row), np.load(folder.weights_file(row["id"]))
    layers = [np.r_[arrays[f"final/weights_{i}"].ravel(), arrays[f"final/biases_{i}"]] for i in (1, 2)]
    assert run.final is not None
    assert np.array_equal(run.final, np.concatenate(layers))
    assert not np.array_equal(arrays["final/weights_1"], arrays["best/weights_1"])


def test_the_last_weights_have_the_last_loss(tmp_path: Path) -> None:
    config = {"dataset": "digits", "model": "softmax", "optimizer": {"kind": "gd", "lr": 0.1}, "epochs": 1}
    explained(config, tmp_path)
    run = ended(*find_run("it", tmp_path))
    assert run.final is not None
    assert run.problem is not None
    assert run.problem.network is not None
    assert run.problem.network.layers[0].unit_by_unit
    found = data_objective([run.problem]).training(run.final[None])
    assert found["train_loss"][0] == pytest.approx(run.records[-1]["train_loss"], rel=1e-12)


def test_weights_that_overflowed_are_left_out(tmp_path: Path) -> None:
    assert explained(bowl(1e308), tmp_path).codes == ["diverged"]
    assert ended(*find_run("it", tmp_path)).final is None


def test_what_takes_too_long_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(survey, "SECONDS", 0.0)
    told = explained(HEALTHY["a network"], tmp_path)
    assert told.notes == ["the curvature would take longer to compute than is worth it here"]


def test_a_run_in_batches_whose_data_are_gone_still_hovers(tmp_path: Path) -> None:
    file = tmp_path / "data.csv"
    file.write_text("x,y\n" + "".join(f"{i % 9},{i % 9 + i * 37 % 11}\n" for i in range(40)))
    config = line(0.5, **NOISY, dataset={"kind": "csv", "path": str(file), "target": "y"})
    assert explained(config, tmp_path).codes == ["hovered"]
    file.unlink()
    assert explain(*find_run("it", tmp_path)).codes == ["hovered"]


def test_the_same_reason_is_given_once(tmp_path: Path) -> None:
    told = explained(network(8.0, [20], "relu", **NOISY), tmp_path)
    assert told.codes == ["diverged", "dead"]
    assert len(told.why) == 1
    folder, row = find_run("it", tmp_path)
    (advice,) = (text for text in lines_of(folder, row["id"], told) if text.startswith("try: "))
    assert advice.count("optimizer.lr=0.") == 1
