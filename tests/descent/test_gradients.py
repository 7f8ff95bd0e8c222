"""Every gradient against central differences of the loss alone, in float64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from gdrun.descent import objectives
from gdrun.descent.activations import ACTIVATIONS
from gdrun.descent.losses import Loss
from gdrun.descent.models import Model
from gdrun.descent.objectives import DataObjective, Objective
from gdrun.descent.parts import Array
from gdrun.descent.surfaces import Surface
from tests.cases import MODELS, SURFACES, VARIANTS, ModelCase, SurfaceCase, VariantCase
from tests.descent.setups import FLOAT64, learning, start, surface

STEP = 1e-5
LINEAR = next(case for case in MODELS if case.name == "linear")

Function = Callable[[Array], Array]


def differences(function: Function, point: Array) -> Array:
    """The slope (P,) of a function of many points (R, P) at one point (P,)."""
    steps = np.diag(STEP * np.maximum(1, np.abs(point)))
    slope: Array = (function(point + steps) - function(point - steps)).ravel() / (2 * steps.diagonal())
    return slope


def assert_is_slope(gradient: Array, function: Function, point: Array) -> None:
    """The gradient (P,) is the function's slope at the point (P,)."""
    numeric = differences(function, point)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-9 * max(1, np.abs(numeric).max()))


def slope_of(objective: Objective, point: Array, step: int = 0) -> Array:
    """The objective's gradient (P,) at one point; what is in the room before must not matter."""
    gradient = np.full((1, len(point)), np.nan)
    objective.loss_and_gradient(point[None].copy(), step, gradient)
    return np.asarray(gradient[0])


def loss_of(objective: Objective, step: int = 0) -> Function:
    """The loss of a step's batch, as a function of points (R, P)."""
    return lambda points: copies(objective, points).loss_and_gradient(points, step, np.empty_like(points))


def train_loss_of(objective: Objective) -> Function:
    """The loss of the whole training set, from the forward pass alone."""
    return lambda points: copies(objective, points).training(points)["train_loss"]


def copies(objective: Objective, points: Array) -> Objective:
    """The objective of one run for as many as there are points."""
    return objective.select(np.zeros(len(points), np.intp))


def combinations() -> list[Any]:
    """Every model with every loss on every kind of target that it takes."""
    return [
        pytest.param(case, loss, id=f"{case.name}-{loss}")
        for case in MODELS
        for loss in Model.kinds[case.kind].losses(case.classes)
    ]


def point_of(objective: DataObjective) -> Array:
    """Not where weights are 0 or biases are."""
    moved = np.random.default_rng(1).normal(size=objective.network.size) * 0.3
    return np.asarray(start(objective, [3])[0] + moved)


def test_it_is_that_of_the_given_parameters_and_goes_to_the_given_place() -> None:
    objective = learning(MODELS[-1], variant=VARIANTS[2])
    here, there = np.array([point_of(objective)]), np.array([point_of(objective)]) * 2
    places = [np.empty_like(here), np.empty_like(here)]
    found = []
    for point, place in [(here, 0), (there, 0), (there, 1), (here, 1)]:
        objective.loss_and_gradient(point, 0, places[place])
        found.append(places[place].copy())
    np.testing.assert_array_equal(found[0], found[3])
    np.testing.assert_array_equal(found[1], found[2])
    assert not np.any(found[0] == found[1])


def test_every_model_and_loss_is_here() -> None:
    models = {case.kind for case in MODELS}
    losses = {loss for case in MODELS for loss in Model.kinds[case.kind].losses(case.classes)}
    assert models == set(Model.kinds)
    assert losses == set(Loss.kinds)
    # Every loss that a model takes, on every kind of target.
    for model in Model.kinds.values():
        for classes in (None, 2, 3):
            covered = any(case.kind == model.kind and case.classes == classes for case in MODELS)
            assert covered or not model.losses(classes) or (model.kind, classes) in {("softmax", 2), ("mlp", 2)}


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize(("case", "loss"), combinations())
def test_of_every_model_and_loss(case: ModelCase, loss: str, l2: float) -> None:
    objective = learning(case, loss=loss, l2=[l2])
    point = point_of(objective)
    assert_is_slope(slope_of(objective, point), train_loss_of(objective), point)


@pytest.mark.parametrize("room", [1, 1 << 18], ids=["in chunks", "at once"])
@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize(("case", "loss"), combinations())
def test_each_run_has_its_own_scale(
    case: ModelCase, loss: str, l2: float, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objectives, "CHUNK_BYTES", room)
    objective = learning(case, loss=loss, variant=VariantCase("", 40), l2=[l2, l2, l2], seeds=[0, 0, 1], m=101)
    points = np.array([point_of(objective)] * 3) * [[1.0], [1.1], [1.2]]
    plain, scaled = np.empty_like(points), np.empty_like(points)
    loss_before = objective.loss_and_gradient(points, 1, plain).copy()
    for scale in (np.array([[0.1], [3.0], [1.0]]), np.array([[7.0], [0.5], [2.0]])):
        np.testing.assert_array_equal(objective.loss_and_gradient(points, 1, scaled, scale), loss_before)
        np.testing.assert_allclose(scaled, plain * scale, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize(("case", "loss"), combinations())
def test_through_chunks(case: ModelCase, loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = learning(case, loss=loss, l2=[0.1], m=101)
    assert whole.chunk > 101
    monkeypatch.setattr(objectives, "CHUNK_BYTES", 1)
    chunked = learning(case, loss=loss, l2=[0.1], m=101)
    assert chunked.chunk == 32
    point = point_of(whole)
    gradient = slope_of(chunked, point)
    assert_is_slope(gradient, train_loss_of(whole), point)
    np.testing.assert_allclose(gradient, slope_of(whole, point), rtol=1e-10, atol=1e-12)
    for name in ("training", "validation"):
        outcome, expected = (getattr(objective, name)(point[None]) for objective in (chunked, whole))
        assert outcome.keys() == expected.keys()
        for column, values in outcome.items():
            np.testing.assert_allclose(values, expected[column], rtol=1e-12)
    step_loss = chunked.loss_and_gradient(point[None], 0, np.empty((1, len(point))))
    np.testing.assert_allclose(step_loss[:, 0], whole.training(point[None])["train_loss"], rtol=1e-12)


@pytest.mark.parametrize("variant", [*VARIANTS[1:], VariantCase("chunked", 70)], ids=lambda case: case.name)
@pytest.mark.parametrize("case", MODELS, ids=lambda case: case.name)
def test_of_a_batch(case: ModelCase, variant: VariantCase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objectives, "CHUNK_BYTES", 1)
    objective = learning(case, variant=variant, l2=[0.1], m=101)
    point = point_of(objective)
    last = objective.per_epoch - 1  # the short one
    for step in (0, last, last + 1):
        assert_is_slope(slope_of(objective, point, step), loss_of(objective, step), point)


@pytest.mark.parametrize("model", ["mlp", "neuron"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_of_every_activation(activation: str, model: str) -> None:
    settings: dict[str, Any] = {"activation": activation} | ({"hidden": (4, 3)} if model == "mlp" else {})
    objective = learning(ModelCase(activation, model, settings, None))
    point = point_of(objective)
    gradient = slope_of(objective, point)
    assert_is_slope(gradient, train_loss_of(objective), point)
    np.testing.assert_array_equal(slope_of(objective, point), gradient)  # nothing of one pass is left in the next


@pytest.mark.parametrize("case", SURFACES, ids=lambda case: case.name)
def test_of_every_surface(case: SurfaceCase) -> None:
    objective = surface(case, [{}], [0], FLOAT64)
    rng = np.random.default_rng(0)
    for _ in range(10):
        point = rng.uniform(-2, 2, len(case.point))
        assert_is_slope(slope_of(objective, point), train_loss_of(objective), point)


def test_every_surface_has_a_case() -> None:
    assert {case.kind for case in SURFACES} == set(Surface.kinds)


@pytest.mark.parametrize("case", MODELS, ids=lambda case: case.name)
def test_an_error_of_a_thousandth_in_any_component_is_caught(case: ModelCase) -> None:
    objective = learning(case, l2=[0.1])
    point = point_of(objective)
    for component in range(len(point)):
        planted = slope_of(objective, point)
        planted[component] *= 1.001
        with pytest.raises(AssertionError):
            assert_is_slope(planted, train_loss_of(objective), point)


@pytest.mark.parametrize("case", SURFACES, ids=lambda case: case.name)
def test_an_error_of_a_thousandth_on_a_surface_is_caught(case: SurfaceCase) -> None:
    objective, point = surface(case, [{}], [0], FLOAT64), np.array(case.point) * 0.9 + 0.07
    for component in range(len(point)):
        planted = slope_of(objective, point)
        planted[component] *= 1.001
        with pytest.raises(AssertionError):
            assert_is_slope(planted, train_loss_of(objective), point)


def test_the_textbooks_linear_neuron_by_hand() -> None:
    # E = ½ Σ (t - y)² has the gradient Σ (y - t) x, J = 1/(2m) Σ (t - y)² a m-th of it, the mean square twice that.
    gradients = {kind: slope_of(objective := learning(LINEAR, loss=kind), point_of(objective)) for kind in SQUARED}
    objective = learning(LINEAR)
    X, t, w, m = objective.train.X, objective.train.Y[:, 0], point_of(objective), objective.train.m
    by_hand = sum((X[i] @ w - t[i]) * X[i] for i in range(m))
    np.testing.assert_allclose(gradients["sum_squares"], by_hand, rtol=1e-12)
    np.testing.assert_allclose(gradients["half_mse"], by_hand / m, rtol=1e-12)
    np.testing.assert_allclose(gradients["mse"], by_hand / m * 2, rtol=1e-12)


SQUARED = ("sum_squares", "half_mse", "mse")


def test_the_textbooks_sigmoid_neuron_by_hand() -> None:
    # The delta rule: Σ (y - t) y (1 - y) x.
    objective = learning(next(case for case in MODELS if case.name == "neuron"), loss="sum_squares")
    X, t, w = objective.train.X, objective.train.Y[:, 0], point_of(objective)
    y = 1 / (1 + np.exp(-X @ w))
    np.testing.assert_allclose(slope_of(objective, w), X.T @ ((y - t) * y * (1 - y)), rtol=1e-12)


def test_logistic_regression_by_hand() -> None:
    # 1/m Σ (p - y) x, and a penalty l2 · w that leaves the bias out.
    objective = learning(next(case for case in MODELS if case.name == "logistic"), l2=[0.5])
    X, y, w, m = objective.train.X, objective.train.Y[:, 0], point_of(objective), objective.train.m
    p = 1 / (1 + np.exp(-X @ w))
    expected = X.T @ (p - y) / m + 0.5 * np.array([*w[:-1], 0])
    np.testing.assert_allclose(slope_of(objective, w), expected, rtol=1e-12)
