"""Hessian-vector products and their eigenvalues against Hessians that are exact to rounding."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import Hessian, curvature, dense_hessian, hessian, lanczos, sharpness, spectrum
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.room import Room
from tests.analysis.exact import exact_hessian
from tests.cases import MODELS, SURFACES, VARIANTS, ModelCase, SurfaceCase
from tests.descent.setups import FLOAT32, FLOAT64, learning, start, surface
from tests.descent.test_gradients import combinations, point_of

TANH = ModelCase("tanh", "mlp", {"hidden": (5,), "activation": "tanh"}, 3)
RELU = ModelCase("relu", "mlp", {"hidden": (5,), "activation": "relu"}, 3)


def assert_close_to(found: Array, exact: Array, rtol: float = 1e-8) -> None:
    assert found.shape == exact.shape
    assert np.abs(found - exact).max() <= rtol * max(np.abs(exact).max(), 0.1)


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize(("case", "loss"), combinations())
def test_the_whole_hessian_of_every_model_and_loss(case: ModelCase, loss: str, l2: float) -> None:
    objective = learning(case, loss=loss, l2=[l2])
    point = point_of(objective)
    exact = exact_hessian(objective, point)
    assert_close_to(dense_hessian(objective, point), exact)


@pytest.mark.parametrize(("case", "loss"), combinations())
def test_an_error_of_a_thousandth_is_caught(case: ModelCase, loss: str) -> None:
    objective = learning(case, loss=loss, l2=[0.1])
    point = point_of(objective)
    with pytest.raises(AssertionError):
        assert_close_to(dense_hessian(objective, point) * 1.001, exact_hessian(objective, point))


def test_hessians_by_hand() -> None:
    # Least squares XᵀX/m, logistic Xᵀ diag(p (1 - p)) X/m, softmax the blocks Xᵀ diag(p_a ([a = b] - p_b)) X/m.
    case = {case.name: case for case in MODELS}
    objective = learning(case["linear"])
    X, m, w = objective.train.X, objective.train.m, point_of(objective)
    assert_close_to(dense_hessian(objective, w), X.T @ X / m)
    objective = learning(case["logistic"])
    X, w = objective.train.X, point_of(objective)
    p = 1 / (1 + np.exp(-X @ w))
    assert_close_to(dense_hessian(objective, w), X.T @ (X * (p * (1 - p))[:, None]) / m)
    objective = learning(case["softmax"])
    X, w = objective.train.X, point_of(objective)
    powers = np.exp(X @ w.reshape(-1, 3))
    P = powers / powers.sum(axis=1, keepdims=True)
    by_hand = np.zeros((len(w), len(w)))
    for a in range(3):
        for b in range(3):
            by_hand[a::3, b::3] = X.T @ (X * (P[:, a] * ((a == b) - P[:, b]))[:, None]) / m
    assert_close_to(dense_hessian(objective, w), by_hand)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda case: case.name)
def test_of_the_whole_training_set_whatever_the_batches_in_double_precision(variant: Any) -> None:
    objective = learning(TANH, variant=variant, l2=[0.1])
    point = point_of(objective)
    single = learning(TANH, variant=variant, l2=[0.1], dtype=FLOAT32)
    rounded = replace(objective, train=single.train, l2=single.l2)
    assert_close_to(dense_hessian(objective, point), exact_hessian(objective, point))
    assert_close_to(dense_hessian(single, point), exact_hessian(rounded, point))


def test_a_kink_within_reach_does_not_matter() -> None:
    # One example's hidden unit stands 1e-7 beside relu's kink, nearer than a difference reaches.
    objective = learning(RELU, m=40)
    point = point_of(objective)
    W = objective.network.weights(point[None])[0][0]
    W[-1, 0] = -objective.train.X[7, :-1] @ W[:-1, 0] + 1e-7
    exact = exact_hessian(objective, point)
    assert_close_to(dense_hessian(objective, point), exact, 1e-6)


def test_a_kink_within_reach_does_matter_without_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hessian, "RETRIES", 0)
    with pytest.raises(AssertionError):
        test_a_kink_within_reach_does_not_matter()


def test_features_of_any_size() -> None:
    objective = learning(next(case for case in MODELS if case.name == "logistic"), m=40)
    for size in (1e-3, 1e3, 1e5):
        X = objective.train.X * np.array([size, 1, 1, 1])
        scaled = replace(objective, train=replace(objective.train, X=X), room=Room())
        point = point_of(objective) / np.array([size, 1, 1, 1])
        exact = exact_hessian(scaled, point)
        found = curvature(scaled, point)
        assert found.largest == pytest.approx(np.linalg.eigvalsh(exact)[-1], rel=1e-6)


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize(("case", "loss"), combinations())
def test_the_ends_of_the_spectrum(case: ModelCase, loss: str, dense: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not dense:
        monkeypatch.setattr(spectrum, "DENSE", 0)
    objective = learning(case, loss=loss, l2=[0.05], m=60)
    point = point_of(objective)
    eigenvalues = np.linalg.eigvalsh(exact_hessian(objective, point))
    found = curvature(objective, point)
    assert found.largest == pytest.approx(eigenvalues[-1], rel=1e-6)
    assert found.smallest == pytest.approx(eigenvalues[0], rel=1e-6, abs=1e-8 * eigenvalues[-1])


# ---- surfaces

HESSIANS = {
    "booth": ((2.0, 1.0), [[10, 8], [8, 10]]),
    "saddle": ((2.0, 1.0), [[1, 0], [0, -1]]),
    "rosenbrock": ((1.0, 1.0), [[802, -400], [-400, 200]]),
    "himmelblau": ((3.0, 2.0), [[74, 20], [20, 34]]),
    "quadratic-matrix": ((5.0, 4.0), [[2, 1], [1, 3]]),
    "quadratic-1": ((5.0,), [[7]]),
    "quadratic-3": ((5.0, 4.0, -3.0), [[1, 0, 0], [0, 10, 0], [0, 0, 100]]),
    "plateau": ((0.0, 0.0), [[1, 0], [0, 1]]),
    "rastrigin": ((0.0, 0.0), [[2 + 40 * np.pi**2, 0], [0, 2 + 40 * np.pi**2]]),
}


@pytest.mark.parametrize("case", [case for case in SURFACES if case.name in HESSIANS], ids=lambda case: case.name)
def test_of_surfaces_by_hand_noise_left_out(case: SurfaceCase) -> None:
    point, by_hand = HESSIANS[case.name]
    for noise in (0.0, 5.0):
        objective = surface(case, [{"noise": noise}], [0], FLOAT64)
        assert_close_to(dense_hessian(objective, np.array(point)), np.array(by_hand, float))


# ---- the sharpness of a stack

SEEDS = (3, 4, 5, 5, 6)


def stack_of(case: ModelCase, dtype: Any = FLOAT64) -> tuple[DataObjective, Array]:
    """Five runs, one of which has diverged."""
    objective = learning(case, l2=[0.0, 0.1, 0.2, 0.0, 0.1], seeds=SEEDS, m=60, dtype=dtype)
    parameters = start(objective, SEEDS)
    parameters[3] = np.inf
    return objective, parameters


@pytest.mark.parametrize("case", [*MODELS, TANH], ids=lambda case: case.name)
def test_sharpness_of_a_stack(case: ModelCase) -> None:
    objective, parameters = stack_of(case)
    found = sharpness(objective, parameters)
    for run in (0, 1, 2, 4):
        alone = objective.select(np.array([run]))
        H = exact_hessian(alone, parameters[run])
        assert found.values[run] == pytest.approx(np.linalg.eigvalsh(H)[-1], rel=1e-4)
        v = found.vectors[run]
        assert v @ H @ v / (v @ v) == pytest.approx(found.values[run], rel=1e-3)
    assert np.isnan(found.values[3])


@pytest.mark.parametrize("case", [*MODELS, TANH], ids=lambda case: case.name)
def test_sharpness_has_the_same_bits_alone_and_together(case: ModelCase) -> None:
    objective, parameters = stack_of(case)
    together = sharpness(objective, parameters)
    later = sharpness(objective, parameters * 1.01, together.vectors)
    for runs in ([0], [1], [2], [3], [4], [4, 2], [0, 1, 3]):
        some = objective.select(np.array(runs))
        alone = sharpness(some, parameters[runs])
        np.testing.assert_array_equal(alone.values, together.values[runs])
        np.testing.assert_array_equal(alone.vectors, together.vectors[runs])
        np.testing.assert_array_equal(
            sharpness(some, parameters[runs] * 1.01, alone.vectors).values, later.values[runs]
        )


def test_a_kink_of_one_run_leaves_the_others_bits() -> None:
    objective = learning(RELU, l2=[0.0, 1e9], seeds=[0, 1], m=40)  # the other one's curvature dwarfs the kink
    parameters = start(objective, [0, 1])
    W = objective.network.weights(parameters)[0][0]
    W[-1, 0] = -objective.train.X[7, :-1] @ W[:-1, 0] + 1e-7
    together = sharpness(objective, parameters)
    for run in (0, 1):
        alone = sharpness(objective.select(np.array([run])), parameters[run : run + 1])
        assert alone.values[0] == together.values[run]


def test_a_warm_start_saves_products(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    class Counted(Hessian):
        def times(self, vectors: Array) -> Array:
            calls.append(1)
            return super().times(vectors)

    monkeypatch.setattr(lanczos, "Hessian", Counted)
    objective = learning(ModelCase("wide", "mlp", {"hidden": (30,)}, 3), m=60)
    parameters = start(objective, [0])
    first = sharpness(objective, parameters)
    cold = len(calls)
    again = sharpness(objective, parameters, first.vectors)
    assert len(calls) - cold <= cold / 3
    assert again.values == pytest.approx(first.values, rel=1e-4)


def test_sharpness_on_surfaces() -> None:
    case = next(case for case in SURFACES if case.name == "quadratic-3")
    objective = surface(case, [{"condition": 5.0}, {"condition": 1.0}, {"condition": 300.0}], [0, 0, 0], FLOAT64)
    found = sharpness(objective, np.ones((3, 3)))
    np.testing.assert_allclose(found.values, [5, 1, 300], rtol=1e-6)


def test_a_downward_bend_alone_has_a_negative_sharpness() -> None:
    case = next(case for case in SURFACES if case.name == "rastrigin")
    objective = surface(case, [{}], [0], FLOAT64)
    # At (1/2, 1/2) both curvatures are 2 - 40 π².
    assert sharpness(objective, np.array([[0.5, 0.5]])).values[0] == pytest.approx(2 - 40 * np.pi**2, rel=1e-6)


@pytest.mark.parametrize("case", [*MODELS, TANH], ids=lambda case: case.name)
def test_where_the_loss_overflows_there_is_no_curvature(case: ModelCase) -> None:
    objective = learning(case)
    for value in (np.nan, np.inf):
        with pytest.raises(FloatingPointError, match="finite"):
            curvature(objective, np.full(objective.network.size, value))


def test_inputs_whose_squares_overflow_have_no_curvature() -> None:
    objective = learning(MODELS[0])
    huge = replace(objective, train=replace(objective.train, X=objective.train.X * 1e200), room=Room())
    with pytest.raises(FloatingPointError, match="overflow"):
        curvature(huge, np.zeros(4))
