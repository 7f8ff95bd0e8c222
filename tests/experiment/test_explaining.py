"""Staged runs, each gone wrong in one known way or not at all, explained from their files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gdrun.experiment.config import load
from gdrun.experiment.explaining import Explanation, explain
from gdrun.experiment.problem import pose
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.runs import find_run
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
OVERFIT = {
    "dataset": {"kind": "moons", "examples": 40, "noise": 0.9, "validation": 0.5},
    "optimizer": {"kind": "adam", "lr": 0.05},
    "epochs": 200,
    "descent": "batch",
}
SICK: dict[str, tuple[Config, str]] = {
    "lr above 2/L": (bowl(0.101), "diverged"),
    "lr far above 2/L": (bowl(5.0), "diverged"),
    "lr above 2/L on data": (line(5.0), "diverged"),
    "lr above 2/L in batches": (line(5.0, **NOISY), "diverged"),
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
    "adam": line(0.1, optimizer={"kind": "adam", "lr": 0.1}, epochs=400),
    "a cosine that ends in time": line(0.5, schedule="cosine"),
}


def explained(config: Config, tmp_path: Path) -> Explanation:
    folder = Folder(tmp_path / "it")
    train_kept(pose(load(config)), folder)
    return explain(*find_run("it", tmp_path))


@pytest.mark.parametrize(("config", "code"), SICK.values(), ids=SICK)
def test_the_cause_is_named_with_its_numbers(config: Config, code: str, tmp_path: Path) -> None:
    told = explained(config, tmp_path)
    assert code in told.codes
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
