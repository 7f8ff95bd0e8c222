"""Whether a quadratic converges, oscillates or diverges, and where the edge is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.analysis.optimum import optimum
from gdrun.analysis.prediction.quadratic import Rule, swings
from tests.analysis.foretold import BEGIN, bowl, losses_of, measured_steps, predicted, regression
from tests.descent.setups import plan, start


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov"])
@pytest.mark.parametrize("share", [0.99, 1.01])
def test_both_sides_of_the_edge(optimizer: str, share: float) -> None:
    objective = regression()
    begin = start(objective, [0])
    momentum = {} if optimizer == "gd" else {"momentum": 0.6}
    edge = predicted(plan(objective, 9, (optimizer, [{"lr": 0.1, **momentum}])), begin).edge
    descent = plan(objective, 4000, (optimizer, [{"lr": share * edge, **momentum}]))
    found, losses = predicted(descent, begin), losses_of(descent, begin, every=100)
    if share > 1:
        assert found.verdict == "diverges"
        assert found.factor is not None
        growth = (losses[-1] / losses[-3]) ** (1 / 400)  # of the distance: the root of the loss's
        assert growth == pytest.approx(found.factor, rel=1e-3)
    else:
        assert found.verdict == "oscillates"
        assert losses[-1] < losses[0]
        assert found.steps is not None
        assert found.steps == measured_steps(descent, begin, optimum(objective).loss or 0, found.steps + 2)


def test_growth_by_hand() -> None:
    # 2/L = 0.2 on a bowl of curvatures 1, √10 and 10; at 0.21 a step multiplies by |1 - 2.1|.
    found = predicted(plan(bowl(10.0), 50, ("gd", [{"lr": 0.21}])), BEGIN)
    assert found.verdict == "diverges"
    assert found.edge == pytest.approx(0.2)
    assert found.factor == pytest.approx(1.1)
    assert found.text == "diverges: each step multiplies the distance to the minimum by 1.1"


@pytest.mark.parametrize(
    ("kind", "settings", "steps", "verdict"),
    [
        ("gd", {"lr": 0.1}, 100, "converges"),
        ("gd", {"lr": 0.001}, 100, "slow"),
        ("gd", {"lr": 0.199}, 1000, "oscillates"),
        ("gd", {"lr": 0.2}, 1000, "oscillates"),
        ("gd", {"lr": 0.2001}, 1000, "diverges"),
        ("momentum", {"lr": 0.1, "momentum": 0.9}, 1000, "oscillates"),
        ("momentum", {"lr": 0.001, "momentum": 0.5}, 3000, "converges"),
        ("momentum", {"lr": 0.001, "momentum": 0.5}, 300, "slow"),
        ("momentum", {"lr": 0.39, "momentum": 0.9}, 1000, "diverges"),
        ("nesterov", {"lr": 0.1, "momentum": 0.5}, 1000, "converges"),
        ("nesterov", {"lr": 0.16, "momentum": 0.5}, 1000, "diverges"),
    ],
)
def test_verdicts(kind: str, settings: dict[str, Any], steps: int, verdict: str) -> None:
    assert predicted(plan(bowl(10.0), steps, (kind, [settings])), BEGIN).verdict == verdict


@pytest.mark.parametrize(
    ("root", "swinging"), [(0.9, False), (-0.9, True), (-0.3, False), (0.9 + 0.3j, True), (0.3 + 0.05j, False)]
)
def test_what_swings(root: complex, swinging: bool) -> None:
    assert swings(root) == swinging


def test_roots_are_those_of_the_iteration() -> None:
    curvatures = np.array([0.1, 1.0, 3.0])
    for rule in (Rule(), Rule(0.8), Rule(0.8, ahead=True), Rule(0.8, weight_decay=0.5)):
        for at, curve in enumerate(curvatures + rule.weight_decay):
            step = np.array([[rule.momentum, curve], [-0.4 * rule.momentum, 1 - 0.4 * curve]])  # of (v, θ)
            if rule.ahead:
                step[1] = [-0.4 * rule.momentum**2, 1 - 0.4 * curve * (1 + rule.momentum)]
            largest = np.abs(np.linalg.eigvals(step)).max()
            assert abs(rule.roots(curvatures, 0.4)[at]) == pytest.approx(largest, rel=1e-6)
