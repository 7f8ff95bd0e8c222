"""Predictions beyond quadratics: bounds where it is convex, batches, and where nothing can be said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import curvature
from gdrun.analysis.optimum import optimum
from gdrun.analysis.prediction import predict
from gdrun.analysis.prediction.conditions import edge_kind
from gdrun.analysis.prediction.verdict import most_steps
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from tests.analysis.foretold import CASES, bowl, losses_of, measured_steps, predicted, regression
from tests.analysis.test_optimum import noisy
from tests.cases import SURFACES, VariantCase
from tests.descent.setups import FLOAT64, learning, plan, start, surface, train

# Convex, and not quadratic


@pytest.mark.parametrize(
    ("name", "optimizer", "kind"),
    [
        ("linear", ("momentum", {"momentum": 0.5}), "exact"),
        ("logistic", ("gd", {}), "bound"),
        ("logistic", ("momentum", {"momentum": 0.0}), "bound"),
        ("logistic", ("momentum", {"momentum": 0.5}), "alike"),
        ("softmax", ("nesterov", {"momentum": 0.5}), "alike"),
        ("logistic", ("adam", {}), "bound"),
        ("mlp", ("nesterov", {"momentum": 0.5}), "local"),
    ],
)
def test_how_the_largest_stable_rate_is_known(name: str, optimizer: tuple[str, Any], kind: str) -> None:
    objective = learning(CASES[name])
    descent = plan(objective, 10, (optimizer[0], [{"lr": 0.1, **optimizer[1]}]))
    known = curvature(objective, start(objective, [0])[0])
    assert edge_kind(known, descent.optimizer) == kind


@pytest.mark.parametrize(("name", "loss"), [("logistic", None), ("softmax", None), ("linear", "huber")])
def test_below_a_bound_it_converges_within_the_steps_said(name: str, loss: str | None) -> None:
    objective = noisy(name, loss=loss)
    begin = start(objective, [1])
    known = curvature(objective, begin[0])
    for share in (0.5, 0.95):
        descent = plan(objective, 600, ("gd", [{"lr": share * 2 / known.L}]))
        found = predicted(descent, begin)
        assert (found.verdict, found.at_most) == ("converges", True)
        lowest = optimum(objective, begin[0]).loss
        assert found.steps is not None
        assert lowest is not None
        assert measured_steps(descent, begin, lowest) <= found.steps
        assert "at most" in found.text
    above = plan(objective, 3000, ("gd", [{"lr": 1.01 * 2 / known.L}]))
    assert predicted(above, begin).verdict == "unknown"
    without = predict(descent, begin[0], known)
    assert (without.verdict, without.steps) == ("converges", None)
    heavy = plan(objective, 3000, ("momentum", [{"lr": 0.99 * 2 * 0.5 / known.L, "momentum": 0.5}]))
    assert predicted(heavy, begin).verdict == "converges"
    heavier = plan(objective, 3000, ("momentum", [{"lr": 1.01 * 2 * 0.5 / known.L, "momentum": 0.5}]))
    assert predicted(heavier, begin).verdict == "unknown"


def test_the_bound_on_the_steps_by_hand() -> None:
    # f₀ = 2, ‖x₀ - x*‖² = 4, L = 1: at most 2 · 4 · 99 / (lr (2 - lr) · 2) steps.
    objective = bowl(1.0)
    begin = np.array([2.0, 0.0, 0.0])
    assert most_steps(objective, begin, 1.0, 1.0, optimum(objective, begin)) == 396
    assert most_steps(objective, begin, 0.5, 1.0, optimum(objective, begin)) == 528
    assert most_steps(objective, np.zeros(3), 0.5, 1.0, optimum(objective, begin)) == 0


def test_separable_classes_are_said_to_have_no_minimum() -> None:
    objective = learning(CASES["logistic"], m=6, features=8)
    begin = start(objective, [1])
    found = predicted(plan(objective, 100, ("gd", [{"lr": 0.01}])), begin)
    assert found.verdict == "unknown"
    assert "no minimum" in found.reason


# Where nothing can be said, and batches


@pytest.mark.parametrize(
    ("objective", "optimizer", "reason"),
    [
        (bowl(6.0), ("adam", {}), "adam adapts"),
        (bowl(6.0), ("rmsprop", {"momentum": 0.5}), "rmsprop adapts"),
        (bowl(6.0), ("gd", {"lr": 0.1, "clip_norm": 1.0}), "clipped"),
        (bowl(6.0), ("gd", {"lr": 0.1, "clip_value": 1.0}), "clipped"),
        (bowl(6.0, noise=0.1), ("gd", {"lr": 0.1}), "noisy"),
        (regression(loss="mae"), ("gd", {"lr": 0.1}), "kinks"),
        (learning(CASES["mlp"]), ("gd", {"lr": 0.1}), "not convex"),
        (learning(CASES["mlp"]), ("gd", {"lr": 100.0}), "above the edge"),
        (learning(CASES["mlp"]), ("gd", {"lr": 1e-3}), "below the edge"),
        (noisy("logistic"), ("nesterov", {"lr": 0.1}), "Nesterov"),
        (noisy("logistic"), ("gd", {"lr": 0.1, "weight_decay": 0.1}), "weight decay"),
        (regression(variant=VariantCase("", 8)), ("gd", {"lr": 0.1}), "noisy"),
        (regression(variant=VariantCase("", 40, replacement=True)), ("gd", {"lr": 0.1}), "noisy"),
        (noisy("softmax", variant=VariantCase("", 8)), ("gd", {"lr": 0.1}), "noisy"),
        (surface(next(c for c in SURFACES if c.name == "saddle"), [{}], [0], FLOAT64), ("gd", {"lr": 0.1}), "minimum"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_said_is_not(objective: Any, optimizer: Any, reason: str) -> None:
    kind, settings = optimizer
    begin: Array = np.ones((1, 2 if "Saddle" in str(objective) else 3))
    if isinstance(objective, DataObjective):
        begin = start(objective, [0])
    found = predicted(plan(objective, 100, (kind, [settings])), begin)
    assert found.verdict == "unknown"
    assert reason in found.reason
    assert found.text == f"no prediction: {found.reason}"


def test_a_batch_of_all_examples_has_no_noise() -> None:
    objective = regression(variant=VariantCase("", 40))
    begin = start(objective, [0])
    assert predicted(plan(objective, 100, ("gd", [{"lr": 0.1}])), begin).verdict == "converges"


@pytest.mark.parametrize("loss", ["half_mse", "sum_squares"])
@pytest.mark.parametrize("batch_size", [1, 8])
def test_what_diverges_in_the_mean_diverges_in_batches(batch_size: int, loss: str) -> None:
    objective = regression(loss=loss, variant=VariantCase("", batch_size))
    begin = start(objective, [0])
    edge = predicted(plan(objective, 9, ("gd", [{"lr": 1e-3}])), begin).edge
    share = batch_size / 40 if loss == "sum_squares" else 1
    assert edge == pytest.approx(2 / (curvature(objective, begin[0]).L * share))
    descent = plan(objective, 4000, ("gd", [{"lr": 1.2 * edge}]), baseline=np.ones(1))
    assert predicted(descent, begin).verdict == "diverges"
    assert train(descent, begin)[0][0].status == "diverged"


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_below_the_certain_edge_of_batches_it_settles(batch_size: int) -> None:
    objective = regression(variant=VariantCase("", batch_size, replacement=True))
    begin = start(objective, [0])
    known = curvature(objective, begin[0])
    assert known.of_an_example is not None
    certain = 2 / (known.of_an_example / batch_size + known.L)
    below, above = (plan(objective, 4000, ("gd", [{"lr": share * certain}])) for share in (0.95, 1.05))
    assert predicted(below, begin).reason.endswith("decide")
    assert f"certain only below {certain:.3g}" in predicted(above, begin).reason
    losses = losses_of(below, begin, every=10)
    assert losses[-100:].mean() < 10 * losses[0]
