"""The rates that are suggested to sweep."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import curvature
from gdrun.analysis.prediction.suggested_rates import suggested
from gdrun.descent.optimizers import Optimizer
from tests.analysis.foretold import BEGIN, CASES, bowl, losses_of
from tests.analysis.test_optimum import noisy
from tests.descent.setups import learning, part, plan, start


def made(kind: str, **settings: Any) -> Optimizer:
    optimizer: Optimizer = part(Optimizer, kind, [settings])
    return optimizer


def test_rates_to_sweep_go_around_the_edge() -> None:
    found = suggested(curvature(bowl(10.0), BEGIN[0]), made("gd", lr=1.0))
    assert (found.low, found.high, len(found.rates)) == (0.002, 0.32, 9)
    assert sum(rate > 0.2 for rate in found.rates) == 1
    assert "0.2" in found.reason
    heavy = suggested(curvature(bowl(10.0), BEGIN[0]), made("momentum", lr=1.0, momentum=0.9))
    assert (heavy.low, heavy.high) == (0.00038, 0.61)


@pytest.mark.parametrize("name", ["linear", "logistic", "softmax", "mlp", "mlp-numbers"])
@pytest.mark.parametrize("kind", ["gd", "momentum", "nesterov"])
def test_a_good_rate_is_among_those_suggested(name: str, kind: str) -> None:
    # The best of the range is neither its lowest nor its highest, by the loss after 60 steps.
    objective = noisy(name, l2=[0.01])
    begin = start(objective, [0])
    momentum = {} if kind == "gd" else {"momentum": 0.8}
    found = suggested(curvature(objective, begin[0]), made(kind, lr=1.0, **momentum))
    ends = []
    for rate in found.rates:
        losses = losses_of(plan(objective, 60, (kind, [{"lr": rate, **momentum}])), begin)
        ends.append(losses[-1] if np.isfinite(losses[-1]) else np.inf)
    assert 0 < int(np.argmin(ends)) < len(ends) - 1


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("adam", 1e-4, 0.1), ("lion", 1e-5, 0.01), ("adagrad", 1e-3, 1), ("adadelta", 0.1, 100)]
)
def test_adaptive_optimizers_get_the_usual_rates(kind: str, low: float, high: float) -> None:
    found = suggested(curvature(bowl(10.0), BEGIN[0]), made(kind))
    assert (found.low, found.high) == (low, high)
    assert "usual" in found.reason


def test_without_curvature_the_usual_rates() -> None:
    for known in (None, curvature(learning(CASES["linear"], loss="mae"), np.zeros(4))):
        found = suggested(known, made("gd", lr=1.0))
        assert (found.low, found.high) == (1e-4, 1.0)
        assert "usual" in found.reason
