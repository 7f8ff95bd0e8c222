"""The lowest loss against closed forms, scikit-learn, and descent itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import curvature
from gdrun.analysis.optimum import Optimum, optimum, passes, smooth
from gdrun.analysis.optimum.linear_programs import separating_direction
from gdrun.descent.examples import Examples
from gdrun.descent.models import Model
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.room import Room
from tests.analysis.exact import exact_hessian
from tests.cases import MODELS, SURFACES, ModelCase, SurfaceCase
from tests.descent.setups import FLOAT32, FLOAT64, learning, plan, start, surface, train

CASES = {case.name: case for case in MODELS}


def of(case: str, X: Any, targets: Any, loss: str | None = None, l2: float = 0.0) -> DataObjective:
    """A linear model's loss on examples written out."""
    features = np.array(X, float)
    objective = learning(CASES[case], loss=loss, l2=[l2], m=40, features=features.shape[1])
    K = objective.train.Y.shape[1]
    labels = None if CASES[case].classes is None else np.array(targets, np.intp)
    Y = np.array(targets, float)[:, None] if K == 1 else np.eye(K)[np.array(targets)]
    examples = Examples(np.column_stack([features, np.ones(len(features))]), Y, labels)
    batches = replace(objective.batches, m=len(features), cache={})
    return replace(objective, train=examples, batches=batches, room=Room())


def noisy(case: str, m: int = 60, features: int = 3, **more: Any) -> DataObjective:
    """Examples whose classes no line can separate: every fifth is mislabelled."""
    objective = learning(CASES[case], m=m, features=features, **more)
    Y, labels = objective.train.Y.copy(), objective.train.labels
    if labels is None:
        return objective
    Y[::5] = 1 - Y[::5] if Y.shape[1] == 1 else np.roll(Y[::5], 1, axis=1)
    mixed = Y[:, 0].astype(np.intp) if Y.shape[1] == 1 else Y.argmax(axis=1)
    return replace(objective, train=replace(objective.train, Y=Y, labels=mixed), room=Room())


def place(found: Optimum) -> Array:
    assert found.parameters is not None
    return found.parameters


def loss_at(objective: DataObjective, point: Array) -> float:
    return float(objective.training(point[None])["train_loss"][0])


def linear_cases() -> list[Any]:
    return [
        pytest.param(case.name, loss, id=f"{case.name}-{loss}")
        for case in MODELS
        if case.kind in ("linear", "logistic", "softmax")
        for loss in Model.kinds[case.kind].losses(case.classes)
    ]


@pytest.mark.parametrize("l2", [0.0, 0.2])
@pytest.mark.parametrize(("name", "loss"), linear_cases())
def test_no_other_place_is_lower(name: str, loss: str, l2: float) -> None:
    objective = noisy(name, loss=loss, l2=[l2])
    found = optimum(objective)
    if l2 and loss in ("mae", "hinge"):
        assert not found.exists
        assert "no solver" in found.reason
        return
    assert found.loss is not None
    assert found.parameters is not None
    assert found.loss == pytest.approx(loss_at(objective, found.parameters), rel=1e-12)
    assert (found.gradient_norm is None) == (loss in ("mae", "hinge"))
    assert found.gradient_norm is None or found.gradient_norm < 1e-10
    rng = np.random.default_rng(0)
    for size in (1e-6, 1e-4, 1e-2, 1):
        for _ in range(20):
            moved = found.parameters + size * rng.normal(size=len(found.parameters))
            assert loss_at(objective, moved) >= found.loss - 1e-14 * max(1, abs(found.loss))


@pytest.mark.parametrize("name", ["logistic", "softmax"])
def test_descent_ends_there(name: str) -> None:
    objective = noisy(name, l2=[0.05])
    begin = start(objective, [0])
    rate = curvature(objective, begin[0]).stable_rate / 2
    outcome = train(plan(objective, 3000, ("gd", [{"lr": rate}])), begin)[0][0]
    assert loss_at(objective, outcome.parameters) == pytest.approx(optimum(objective).loss, rel=1e-12)


# ---- least squares


@pytest.mark.parametrize("loss", ["half_mse", "mse", "sum_squares"])
def test_the_normal_equations(loss: str) -> None:
    objective = learning(CASES["linear"], loss=loss, m=40, l2=[0.3])
    X, y = objective.train.X, objective.train.Y[:, 0]
    share = {"half_mse": 1 / 40, "mse": 2 / 40, "sum_squares": 1}[loss]
    by_hand = np.linalg.solve(share * X.T @ X + 0.3 * np.diag([1, 1, 1, 0]), share * X.T @ y)
    found = optimum(objective, np.ones(4))
    np.testing.assert_allclose(place(found), by_hand, rtol=1e-10)
    residuals = X @ by_hand - y
    assert found.loss == pytest.approx(share * residuals @ residuals / 2 + 0.15 * by_hand[:3] @ by_hand[:3], rel=1e-12)


@pytest.mark.parametrize("features", [3, 30])
def test_of_many_solutions_the_one_that_descent_finds(features: int) -> None:
    # Collinear features, and more features than examples.
    x = np.random.default_rng(3).normal(size=(12, features))
    x[:, 2] = x[:, 0] + x[:, 1]
    objective = of("linear", x, x[:, 0] + np.sin(np.arange(12)))
    begin = np.linspace(-1, 1, features + 1)
    found = optimum(objective, begin)
    rate = 1.9 / curvature(objective, begin).L
    outcome = train(plan(objective, 2000, ("gd", [{"lr": rate}])), begin[None])[0][0]
    np.testing.assert_allclose(outcome.parameters, place(found), atol=1e-7)
    assert found.gradient_norm is not None
    assert found.gradient_norm < 1e-12
    assert (found.loss is not None and found.loss < 1e-24) == (features == 30)


def test_in_double_precision() -> None:
    objective = learning(CASES["linear"], m=40, dtype=FLOAT32)
    X, y = objective.train.X.astype(float), objective.train.Y[:, 0].astype(float)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    found = optimum(objective)
    assert found.loss == pytest.approx(np.sum((X @ best - y) ** 2) / 80, rel=1e-12)


# ---- against other people's solvers


@pytest.mark.parametrize("l2", [0.02, 1.0])
@pytest.mark.parametrize("name", ["logistic", "softmax"])
def test_against_scikit_learn(name: str, l2: float) -> None:
    from sklearn.linear_model import LogisticRegression

    objective = noisy(name, l2=[l2])
    model = LogisticRegression(C=1 / (l2 * 60), tol=1e-10, max_iter=10_000)
    model.fit(objective.train.X[:, :-1], objective.train.labels)
    found = optimum(objective)
    assert found.parameters is not None
    W = found.parameters.reshape(4, -1)
    np.testing.assert_allclose(W[:-1].T, model.coef_, atol=1e-6)
    np.testing.assert_allclose(np.diff(W[-1]), np.diff(model.intercept_), atol=1e-6)


def test_least_deviations_against_scikit_learn_and_the_median() -> None:
    from sklearn.linear_model import QuantileRegressor

    objective = learning(CASES["linear"], loss="mae", m=40)
    model = QuantileRegressor(quantile=0.5, alpha=0).fit(objective.train.X[:, :-1], objective.train.Y[:, 0])
    expected = np.abs(model.predict(objective.train.X[:, :-1]) - objective.train.Y[:, 0]).mean()
    assert optimum(objective).loss == pytest.approx(expected, rel=1e-9)
    constant = of("linear", np.zeros((5, 1)), [1, 2, 4, 8, 100], "mae")
    found = optimum(constant)
    assert found.loss == pytest.approx((3 + 2 + 0 + 4 + 96) / 5)
    assert found.parameters is not None
    assert found.parameters[1] == pytest.approx(4)


def test_hinge_by_hand() -> None:
    # On a line, -1 -1 | +1 +1 with one of each beyond the other: y = 1, 0, 1, 0 at 0, 1, 2, 3.
    # With slope w and offset b the losses are 1 - b, 1 + w + b, 1 - 2w - b, 1 + 3w + b, each at least 0.
    objective = of("logistic", [[0], [1], [2], [3]], [1, 0, 1, 0], "hinge")
    grid = np.array([[w, b] for w in np.linspace(-3, 3, 73) for b in np.linspace(-3, 5, 97)])
    copies = objective.select(np.zeros(len(grid), np.intp))
    assert optimum(objective).loss == pytest.approx(copies.training(grid)["train_loss"].min(), abs=1e-12)
    # Apart by 2: w = 1 gives every example its margin.
    assert optimum(of("logistic", [[-1], [1]], [0, 1], "hinge")).loss == pytest.approx(0, abs=1e-12)


def test_huber_between_square_and_median() -> None:
    # All errors below delta: half the mean square. y = 0, 1 around their mean: ½ · ¼.
    objective = of("linear", np.zeros((2, 1)), [0, 1], "huber")
    assert optimum(objective).loss == pytest.approx(0.125)
    # delta is 0.7. At c = 0.35 the pulls of 0, 0 and 10 are 0.35, 0.35, and 0.7: they balance.
    far = of("linear", np.zeros((3, 1)), [0, 0, 10], "huber")
    expected = (2 * 0.5 * 0.35**2 + 0.7 * (9.65 - 0.35)) / 3
    assert optimum(far).loss == pytest.approx(expected)


# ---- no minimum


@pytest.mark.parametrize(
    ("case", "X", "labels"),
    [
        ("logistic", [[0], [1], [2], [3]], [0, 0, 1, 1]),
        ("logistic", [[0], [1], [1], [2]], [0, 0, 1, 1]),  # both classes at 1: the others can still be told apart
        ("softmax", [[0], [1], [2], [3], [4], [5]], [0, 0, 1, 1, 2, 2]),
        ("softmax", [[0, 0], [0, 1], [9, 0], [9, 1], [9, 2], [9, 3]], [0, 0, 1, 2, 1, 2]),  # only class 0 is apart
        ("softmax-two", [[0], [1], [2], [3]], [0, 0, 1, 1]),
    ],
)
def test_separable_classes_have_no_minimum(case: str, X: Any, labels: list[int]) -> None:
    objective = of(case, X, labels)
    found = optimum(objective)
    assert not found.exists
    assert "no minimum" in found.reason
    direction = separating_direction(objective)
    assert direction is not None
    losses = [loss_at(objective, 10.0**k * direction / np.abs(direction).max()) for k in range(4)]
    assert losses == sorted(losses, reverse=True)
    penalised = of(case, X, labels, l2=1e-3)
    assert optimum(penalised).exists


@pytest.mark.parametrize(
    ("case", "X", "labels"),
    [
        ("logistic", [[0], [1], [2], [3]], [0, 1, 0, 1]),
        ("logistic", [[0, 0], [1, 1], [0, 1], [1, 0]], [0, 0, 1, 1]),  # xor
        ("softmax", [[0], [1], [2], [0], [1], [2]], [0, 1, 2, 1, 2, 0]),
        ("softmax-two", [[0], [1], [2], [3]], [1, 0, 1, 0]),
    ],
)
def test_inseparable_classes_have_a_minimum(case: str, X: Any, labels: list[int]) -> None:
    objective = of(case, X, labels)
    assert optimum(objective).exists
    assert separating_direction(objective) is None


def test_xor_is_best_told_by_a_coin() -> None:
    found = optimum(of("logistic", [[0, 0], [1, 1], [0, 1], [1, 0]], [0, 0, 1, 1]), np.array([1.0, -2, 3]))
    assert found.loss == pytest.approx(np.log(2), rel=1e-14)
    np.testing.assert_allclose(place(found), 0, atol=1e-9)


def test_a_large_minimum_is_not_mistaken_for_none() -> None:
    # One of 400 examples on the wrong side: the weights are large, but a minimum there is.
    x = np.concatenate([np.linspace(-3, -1, 200), np.linspace(1, 3, 200)])
    labels = (x > 0).astype(int)
    labels[0] = 1
    objective = of("logistic", x[:, None], labels)
    found = optimum(objective)
    assert found.exists
    assert found.gradient_norm is not None
    assert found.gradient_norm < 1e-10


def test_too_large_a_question_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gdrun.analysis.optimum.lowest.LARGEST_PROGRAM", 3)
    found = optimum(of("logistic", [[0], [1], [1], [2]], [0, 0, 1, 1]))
    assert not found.exists
    assert "too long to decide" in found.reason


def test_what_was_not_found_is_not_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smooth, "NEWTON_STEPS", 0)
    found = optimum(noisy("softmax", l2=[1e-6]))
    assert (found.exists, found.loss, found.parameters) == (False, None, None)
    assert "not found" in found.reason


def test_large_ones_without_the_whole_hessian(monkeypatch: pytest.MonkeyPatch) -> None:
    objective = noisy("softmax", l2=[0.01], features=8)
    whole = optimum(objective)
    monkeypatch.setattr("gdrun.analysis.curvature.spectrum.DENSE", 0)
    found = optimum(objective)
    assert found.loss == pytest.approx(whole.loss, rel=1e-12)
    np.testing.assert_allclose(place(found), place(whole), atol=1e-7)


# ---- networks and surfaces


@pytest.mark.parametrize("case", [CASES["neuron"], CASES["mlp"]], ids=lambda case: case.name)
def test_a_network_has_no_known_optimum(case: ModelCase) -> None:
    found = optimum(learning(case))
    assert not found.exists
    assert "not convex" in found.reason
    assert passes(learning(case)) == 0


@pytest.mark.parametrize("case", SURFACES, ids=lambda case: case.name)
def test_of_surfaces(case: SurfaceCase) -> None:
    found = optimum(surface(case, [{}], [0], FLOAT64), np.array(case.point))
    assert found.loss == (None if case.lowest is None else pytest.approx(case.lowest, abs=1e-6))
    if case.lowest is None:
        assert "without end" in found.reason
    elif case.kind != "ackley":  # its tip has no slope
        assert found.gradient_norm is not None
        assert found.gradient_norm < 1e-5


@pytest.mark.parametrize(("matrix", "exists"), [(((1.0, 0.0), (0.0, 0.0)), True), (((1.0, 0.0), (0.0, -1.0)), False)])
def test_a_trough_has_a_bottom_and_a_pass_has_none(matrix: Any, exists: bool) -> None:
    case = SurfaceCase("", "quadratic", {"matrix": matrix}, (1.0, 1.0), 0, None)
    assert optimum(surface(case, [{}], [0], FLOAT64), np.ones(2)).exists == exists


def test_the_minimum_is_a_minimum() -> None:
    objective = noisy("softmax", l2=[0.05])
    found = optimum(objective)
    assert found.parameters is not None
    assert np.linalg.eigvalsh(exact_hessian(objective, found.parameters))[0] > -1e-9


@pytest.mark.parametrize("name", ["linear", "logistic", "softmax"])
def test_a_start_that_overflows_is_left_out(name: str) -> None:
    objective = noisy(name, l2=[0.1])
    found = optimum(objective, np.full(objective.network.size, 1e300))
    assert found.loss == optimum(objective).loss


def test_a_loss_that_overflows_has_no_known_optimum() -> None:
    found = optimum(of("linear", [[0.0], [1.0], [2.0]], [1e200, -1e200, 1e200]))
    assert not found.exists
    assert found.reason == "the loss overflows"
