"""Descent against what can be said in closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gdrun.descent.examples import Examples
from gdrun.descent.objectives import DataObjective
from gdrun.descent.state import Recording
from tests.cases import MODELS, SURFACES
from tests.descent.setups import FLOAT64, LINEAR, learning, plan, start, surface, train


def test_descent_on_a_quadratic_contracts_by_1_minus_lr_curvature() -> None:
    case = next(case for case in SURFACES if case.name == "quadratic-3")
    rates = np.array([0.001, 0.01, 0.0199, 0.02])
    objective = surface(case, [{}] * 4, [0] * 4, FLOAT64)
    descent = plan(objective, 50, ("gd", [{"lr": lr} for lr in rates]), recording=Recording(parameters=True))
    outcomes, watch = train(descent, np.tile([4.0, -1.0, 2.0], (4, 1)))
    curvature, steps = np.array([1.0, 10.0, 100.0]), np.arange(51)[:, None]
    for run, lr in enumerate(rates):
        path = watch.column(run, "parameters")
        np.testing.assert_allclose(path, [4, -1, 2] * (1 - lr * curvature) ** steps, rtol=1e-10)
        np.testing.assert_allclose(watch.column(run, "train_loss"), path**2 @ curvature / 2, rtol=1e-12)
        np.testing.assert_allclose(
            watch.column(run, "gradient_norm"), np.linalg.norm(path * curvature, axis=1), rtol=1e-12
        )
    assert {outcome.status for outcome in outcomes.values()} == {"finished"}


def test_descent_beyond_2_over_the_curvature_diverges() -> None:
    case = next(case for case in SURFACES if case.name == "quadratic-3")  # steepest: 100
    descent = plan(surface(case, [{}] * 2, [0] * 2, FLOAT64), 5000, ("gd", [{"lr": 0.0199}, {"lr": 0.0201}]))
    outcomes, _ = train(descent, np.ones((2, 3)))
    assert [outcomes[run].status for run in (0, 1)] == ["finished", "diverged"]


@pytest.mark.parametrize("l2", [0.0, 0.4])
@pytest.mark.parametrize("loss", ["half_mse", "mse", "sum_squares"])
def test_batch_descent_reaches_the_normal_equations_solution(loss: str, l2: float) -> None:
    objective = learning(LINEAR, loss=loss, l2=[l2])
    X, t, m = objective.train.X, objective.train.Y[:, 0], objective.train.m
    curvature = {"half_mse": 1, "mse": 2, "sum_squares": m}[loss]
    outcomes, watch = train(plan(objective, 2000, ("gd", [{"lr": 0.3 / curvature}])), start(objective, [0]))
    penalty = l2 / curvature * np.diag([1.0, 1, 1, 0])  # not of the bias
    expected = np.linalg.solve(X.T @ X / m + penalty, X.T @ t / m)
    if l2 == 0:
        np.testing.assert_allclose(expected, np.linalg.lstsq(X, t)[0], rtol=1e-12)
    np.testing.assert_allclose(outcomes[0].parameters, expected, rtol=1e-10)
    assert watch.rows[0][-1]["gradient_norm"] < 1e-12 * m


def test_logistic_regression_on_two_points_by_hand() -> None:
    # x = 1 is class 1, x = -1 class 0; b stays 0 by symmetry, w grows by lr / (1 + e^w).
    base = learning(next(case for case in MODELS if case.name == "logistic"), features=1)
    labels = np.array([1, 0])
    examples = Examples(np.array([[1.0, 1.0], [-1.0, 1.0]]), labels[:, None].astype(float), labels)
    objective = DataObjective(base.network, base.loss, base.l2, examples, None, replace(base.batches, m=2))
    descent = plan(objective, 40, ("gd", [{"lr": 0.5}]), recording=Recording(parameters=True))
    watch, w = train(descent, np.zeros((1, 2)))[1], [0.0]
    for _ in range(40):
        w.append(w[-1] + 0.5 / (1 + np.exp(w[-1])))
    np.testing.assert_allclose(
        watch.column(0, "parameters"), np.column_stack([w, np.zeros(41)]), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(watch.column(0, "train_loss"), np.log1p(np.exp(-np.array(w))), rtol=1e-12)
    assert watch.column(0, "train_accuracy").tolist() == [0.5] + [1.0] * 40
