"""Staged runs, each gone wrong in one known way or not at all, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import curvature
from gdrun.analysis.diagnosis import Finding, History, findings, history
from gdrun.analysis.optimum import optimum
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.state import Descent, Recording
from tests.analysis.test_optimum import noisy
from tests.cases import MODELS, SURFACES, ModelCase, VariantCase
from tests.descent.setups import FLOAT64, learning, plan, start, surface, train

CASES = {case.name: case for case in MODELS}
BOWL = next(case for case in SURFACES if case.name == "quadratic")


def told(descent: Descent, begin: Any, noise: bool = False, known: bool = True) -> list[Finding]:
    """What is said of a run; `known` with its exact optimum."""
    objective = descent.objective
    assert isinstance(objective, DataObjective | SurfaceObjective)
    outcomes, watch = train(descent, begin)
    rows = [row | {"epoch": row["step"] / objective.per_epoch} for row in watch.rows[0]]
    lowest = optimum(objective, begin[0]).loss if known else None
    of = history(rows, outcomes[0].status, noise, lowest)
    assert of is not None
    return findings(of)


def bowl(condition: float, lr: float, steps: int, **more: Any) -> list[Finding]:
    """Of plain descent, or another, on a bowl."""
    objective = surface(BOWL, [{"condition": condition}], [0], FLOAT64)
    kind, settings, schedule = (
        more.get("kind", "gd"),
        more.get("settings", {}),
        more.get("schedule", ("constant", [{}])),
    )
    descent = plan(objective, steps, (kind, [{"lr": lr, **settings}]), schedule)
    return told(descent, np.array([[4.0, 1.0]]), known=more.get("known", True))


def regression(lr: float, steps: int, batch_size: int | None, known: bool = True, **more: Any) -> list[Finding]:
    objective = learning(CASES["linear"], m=40, variant=VariantCase("", batch_size))
    descent = plan(objective, steps, ("gd", [{"lr": lr}]), **more)
    return told(descent, start(objective, [0]), noise=batch_size is not None, known=known)


def memorising(steps: int, l2: float = 0.0) -> list[Finding]:
    """A large network on few noisy labels."""
    objective = learning(ModelCase("", "mlp", {"hidden": (50,)}, 3), m=24, held_out=200, l2=[l2])
    descent = plan(objective, steps, ("adam", [{"lr": 0.02}]), recording=Recording(every=5))
    return told(descent, start(objective, [0]), known=False)


def logistic(known: bool) -> list[Finding]:
    objective = noisy("logistic", l2=[0.05])
    rate = 1 / curvature(objective, start(objective, [0])[0]).L
    return told(plan(objective, 150, ("gd", [{"lr": rate}])), start(objective, [0]), known=known)


STEPS = {"unit": "steps"}
SICK: dict[str, tuple[str, Callable[[], list[Finding]]]] = {
    "lr above 2/L": ("diverged", lambda: bowl(10, 0.21, 4000)),
    "lr far above 2/L": ("diverged", lambda: bowl(10, 5.0, 4000)),
    "lr above 2/L on data": ("diverged", lambda: regression(3.0, 3000, None)),
    "lr above 2/L in batches": ("diverged", lambda: regression(3.0, 3000, 8)),
    "momentum above its edge": ("diverged", lambda: bowl(10, 0.4, 4000, kind="momentum", settings={"momentum": 0.9})),
    "noise": ("hovered", lambda: regression(0.3, 500, 4)),
    "noise of single examples": ("hovered", lambda: regression(0.1, 4000, 1, recording=Recording(every=2))),
    "noise, the optimum unknown": ("hovered", lambda: regression(0.3, 500, 4, known=False)),
    "lr far below 2/L": ("crept", lambda: bowl(10, 0.001, 100)),
    "lr far below 2/L, the optimum unknown": ("crept", lambda: bowl(10, 0.001, 100, known=False)),
    "ill-conditioned": ("crept", lambda: bowl(1000, 0.0019, 100)),
    "lr far below 2/L on data": ("crept", lambda: regression(0.01, 40, None)),
    "too much momentum": ("oscillated", lambda: bowl(1, 0.1, 100, kind="momentum", settings={"momentum": 0.99})),
    "few examples, many units": ("overfitted", lambda: memorising(400)),
    "a schedule too short": (
        "ended_too_soon",
        lambda: bowl(100, 0.01, 200, schedule=("cosine", [STEPS | {"length": 30.0}])),
    ),
    "a rate that decays too fast": (
        "ended_too_soon",
        lambda: bowl(100, 0.01, 200, schedule=("exponential", [STEPS | {"decay": 0.8}]), known=False),
    ),
}
HEALTHY: dict[str, Callable[[], list[Finding]]] = {
    "a bowl": lambda: bowl(10, 0.15, 100),
    "a bowl, the optimum unknown": lambda: bowl(10, 0.15, 100, known=False),
    "just below 2/L": lambda: bowl(10, 0.19, 200),
    "momentum": lambda: bowl(50, 0.03, 300, kind="momentum", settings={"momentum": 0.7}),
    "data": lambda: regression(0.5, 200, None),
    "batches without harm": lambda: regression(0.02, 2000, 8),
    "cosine to the end": lambda: bowl(10, 0.15, 100, schedule=("cosine", [STEPS])),
    "logistic regression": lambda: logistic(known=True),
    "logistic regression, the optimum unknown": lambda: logistic(known=False),
    "a penalised network": lambda: memorising(400, l2=0.1),
}


@pytest.mark.parametrize("name", SICK)
def test_what_went_wrong_is_named(name: str) -> None:
    expected, stage = SICK[name]
    found = stage()
    assert [finding.code for finding in found if finding.trouble] == [expected]
    assert all(any(character.isdigit() for character in finding.text) for finding in found)


@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_is_made_up_of_a_healthy_run(name: str) -> None:
    assert [finding.code for finding in HEALTHY[name]()] == ["converged"]


def test_the_measured_growth_is_the_predicted() -> None:
    # At 0.21 on a curvature of 10 a step multiplies the distance by 1.1.
    (found,) = bowl(10, 0.21, 300)
    assert found.numbers["distance_factor"] == pytest.approx(1.1, rel=1e-3)
    assert found.numbers["factor"] == pytest.approx(1.21, rel=1e-3)
    assert found.numbers["step"] < 10
    assert "1.1)" in found.text


def test_the_pace_of_what_creeps() -> None:
    # One direction, 1 - 0.01 of the distance and 0.9801 of the loss a step: 1 % of the first is reached at 229.1 steps.
    (found,) = bowl(1, 0.01, 100)
    assert found.numbers["more_steps"] == pytest.approx(np.log(0.01) / np.log(0.9801) - 100, abs=0.01)


def made(train_loss: Any, validation: Any = None, status: str = "finished", noise: bool = False) -> History:
    losses = np.array(train_loss, float)
    count = np.arange(len(losses), dtype=float)
    other = np.full(len(losses), np.nan) if validation is None else np.array(validation, float)
    return History(count, count, np.ones(len(losses)), losses, other, status, noise)


def test_noise_on_the_way_down_neither_hovers_nor_oscillates() -> None:
    jitter = np.where(np.arange(40) % 2, 0.05, -0.05)
    assert findings(made(np.linspace(2, 1, 40) + jitter, noise=True)) == []
    assert [finding.code for finding in findings(made(np.full(40, 1.0) + jitter, noise=True))] == ["hovered"]
    assert [finding.code for finding in findings(made(np.full(40, 1.0) + jitter))] == ["oscillated"]


def test_since_which_epoch_it_overfits() -> None:
    fall = np.linspace(1, 0.1, 20)
    validation = np.concatenate([np.linspace(1, 0.5, 8), np.linspace(0.52, 0.9, 12)])
    found = {finding.code: finding for finding in findings(made(fall, validation))}
    assert found["overfitted"].numbers["epoch"] == 7
    assert "epoch 7" in found["overfitted"].text


@pytest.mark.parametrize(
    ("lowest", "end", "named"),
    [
        (0.1, 0.12, True),  # a fifth above its lowest
        (0.1, 0.104, False),  # a twenty-fifth
        (0.001, 0.005, False),  # five times its lowest, but next to nothing of what was gained
        (0.9, 0.91, True),  # a tenth of what was gained
        (0.3, 0.35, True),  # both
    ],
)
def test_how_much_overfitting_is_worth_a_word(lowest: float, end: float, named: bool) -> None:
    validation = np.concatenate([np.linspace(1, lowest, 8), np.linspace(lowest, end, 6), np.full(6, end)])
    by_heart, hardly = np.linspace(1, 0.0, 20), np.linspace(1, 0.5, 20)
    told_of = ([finding.code for finding in findings(made(fall, validation))] for fall in (by_heart, hardly))
    assert ["overfitted" in codes for codes in told_of] == [named, named and end - lowest > 0.05 * (1 - lowest)]


def test_a_validation_loss_that_jitters_is_not_overfitted() -> None:
    validation = np.concatenate([[1.0], np.tile([0.5, 0.6], 10)])
    assert [finding.code for finding in findings(made(np.linspace(1, 0.1, 21), validation))] == ["crept"]


def test_a_rate_that_fell_in_time_or_without_effect_did_not_end_too_soon() -> None:
    rates = np.where(np.arange(21) < 10, 1.0, 0.0)
    fall = np.concatenate([np.linspace(1, 0.2, 11), np.full(10, 0.2)])
    stuck = replace(made(fall), lr=rates, lowest=0.0)
    arrived = replace(stuck, lowest=0.195)
    falling = replace(stuck, train_loss=np.linspace(1, 0.2, 21))
    told_of = [[finding.code for finding in findings(of)] for of in (stuck, arrived, falling)]
    assert told_of == [["ended_too_soon"], ["converged"], ["crept"]]


def test_a_run_that_fails_at_once() -> None:
    (found,) = findings(made([1.0, np.nan], status="diverged"))
    assert found.text == "it diverged by step 1, at once"


@pytest.mark.parametrize("losses", [[1.0], [1.0, 0.5], [1.0, 0.9, 0.8, 0.7]])
def test_of_a_few_records_nothing_is_said(losses: list[float]) -> None:
    assert findings(made(losses)) == []


def test_without_a_training_loss_there_is_no_history() -> None:
    assert history([{"step": 0, "batch_loss": 1.0}], "finished", False) is None
