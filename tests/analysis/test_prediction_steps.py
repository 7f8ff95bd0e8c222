"""The steps to the minimum of a quadratic: as many as are predicted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import curvature
from gdrun.analysis.optimum import optimum
from gdrun.analysis.prediction import verdict as module
from tests.analysis.foretold import BEGIN, CASES, bowl, losses_of, measured_steps, predicted, regression
from tests.descent.setups import learning, plan, start

SETTLING = [
    ("gd", {"lr": 0.005}, 40.0),
    ("gd", {"lr": 0.03}, 40.0),
    ("gd", {"lr": 0.3}, 3.0),
    ("momentum", {"lr": 0.01, "momentum": 0.5}, 40.0),
    ("momentum", {"lr": 0.02, "momentum": 0.9}, 40.0),
    ("nesterov", {"lr": 0.01, "momentum": 0.9}, 40.0),
    ("gd", {"lr": 0.03, "weight_decay": 0.02}, 40.0),
    ("momentum", {"lr": 0.01, "momentum": 0.8, "weight_decay": 0.02}, 40.0),
]


@pytest.mark.parametrize(("kind", "settings", "condition"), SETTLING)
def test_the_steps_to_the_bottom_of_a_bowl(kind: str, settings: dict[str, Any], condition: float) -> None:
    descent = plan(bowl(condition), 2000, (kind, [settings]))
    found = predicted(descent, BEGIN)
    assert found.verdict in ("converges", "oscillates")
    assert found.steps == measured_steps(descent, BEGIN)
    assert not found.at_most


@pytest.mark.parametrize(("kind", "settings", "condition"), SETTLING)
def test_the_steps_are_foretold_beyond_those_that_are_followed(
    kind: str, settings: dict[str, Any], condition: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    descent = plan(bowl(condition), 2000, (kind, [settings]))
    whole = predicted(descent, BEGIN)
    monkeypatch.setattr(module, "FOLLOWED", 8 if kind == "gd" else 20)
    found = predicted(descent, BEGIN)
    assert found.steps is not None
    assert whole.steps is not None
    assert whole.steps / 2 <= found.steps <= whole.steps * 2
    if kind == "gd":
        assert found.steps == pytest.approx(whole.steps, rel=2e-3, abs=1)


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.99])
@pytest.mark.parametrize("kind", ["gd", "momentum", "nesterov"])
def test_the_steps_of_linear_regression(kind: str, share: float, l2: float) -> None:
    objective = regression(l2=[l2])
    begin = start(objective, [0])
    found = curvature(objective, begin[0])
    momentum = {} if kind == "gd" else {"momentum": 0.7}
    descent = plan(objective, 3000, (kind, [{"lr": share * 2 / found.L / (1 + bool(momentum)), **momentum}]))
    lowest = optimum(objective).loss
    assert lowest is not None
    steps = predicted(descent, begin).steps
    assert steps is not None
    assert steps == measured_steps(descent, begin, lowest, steps + 2)


@pytest.mark.parametrize("features", [12, 60])
def test_the_steps_with_more_features_than_examples(features: int) -> None:
    for l2 in (0.0, 0.05):
        objective = learning(CASES["linear"], m=10, features=features, l2=[l2])
        begin = start(objective, [0])
        rate = 1 / curvature(objective, begin[0]).L
        descent = plan(objective, 4000, ("gd", [{"lr": rate}]))
        lowest = optimum(objective, begin[0]).loss
        assert lowest is not None
        steps = predicted(descent, begin).steps
        assert steps is not None
        assert steps == pytest.approx(measured_steps(descent, begin, lowest, steps + 2), abs=1)


def test_contraction_by_hand() -> None:
    found = predicted(plan(bowl(10.0), 500, ("gd", [{"lr": 0.1}])), BEGIN)
    assert found.verdict == "converges"
    assert found.factor == pytest.approx(0.9)
    # the mode 1 begins with 1/(1 + √10 + 10) of the loss and shrinks by 0.81 a step: the others are soon gone
    steps = np.log(0.01 * (11 + np.sqrt(10))) / np.log(0.81)
    assert found.steps == pytest.approx(steps, abs=1)
    assert found.text == f"converges: about {found.steps} steps to 1 % of the excess loss"


def test_at_the_bottom_there_is_nothing_to_do() -> None:
    found = predicted(plan(bowl(6.0), 100, ("gd", [{"lr": 0.1}])), np.zeros((1, 3)))
    assert (found.verdict, found.steps) == ("converges", 0)


def test_weight_decay_may_end_above() -> None:
    descent = plan(bowl(1.0), 100, ("gd", [{"lr": 0.1, "weight_decay": 1.0}]))
    begin = np.array([[1.0, 1.0, 1.0]])
    assert predicted(descent, begin).steps is not None  # the minimum is where the decay pulls
    objective = regression()
    begin = start(objective, [0])
    descent = plan(objective, 300, ("gd", [{"lr": 0.1, "weight_decay": 1.0}]))
    found, losses = predicted(descent, begin), losses_of(descent, begin)
    lowest = optimum(objective).loss
    assert lowest is not None
    assert (losses.min() - lowest) > 0.01 * (losses[0] - lowest)
    assert (found.verdict, found.steps) == ("converges", None)
    assert "weight decay" in found.reason
