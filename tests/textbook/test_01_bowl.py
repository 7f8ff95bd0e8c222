"""The error of a linear neuron is a bowl over its weights, 0 at its bottom: without noise, and if no a trough."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tests.textbook.made import compared, config, examples, paths

STARTS = ("from the left", "from below", "from the right")


@pytest.mark.parametrize("name", ["01-bowl", "01-noise"])
def test_every_start_ends_at_the_least_squares_solution(name: str) -> None:
    settings = config(name)
    X, y = examples(settings)
    solution = np.linalg.lstsq(X, y, rcond=None)[0]
    found = compared(settings)
    assert not found.unmet
    for start in STARTS:
        (path,) = paths(found, start)
        np.testing.assert_allclose(path[-1], solution, atol=1e-6)


@pytest.mark.parametrize("name", ["01-bowl", "01-noise", "01-trough"])
def test_the_error_is_a_quadratic_function_of_the_weights(name: str) -> None:
    random = np.random.default_rng(0)
    places = random.normal(size=(8, 3)) * 3
    candidates = [{"label": str(i), "model": {"initial": list(place)}} for i, place in enumerate(places)]
    settings = config(name, steps=1, compare={"candidates": candidates}, expect=None)
    X, y = examples(settings)
    solution = np.linalg.lstsq(X, y, rcond=None)[0]
    hessian = X.T @ X / len(X)
    history = compared(settings).history
    measured = history[history["step"] == 0]["train_loss"].to_numpy()
    away = places - solution
    bottom = np.mean((X @ solution - y) ** 2) / 2
    np.testing.assert_allclose(measured, bottom + 0.5 * np.sum(away @ hessian * away, axis=1))
    curvatures = np.linalg.eigvalsh(hessian)
    assert (curvatures > -1e-12).all()
    assert (curvatures[0] > 0.1) == (name != "01-trough")


def test_the_bottom_is_at_0_without_noise_alone() -> None:
    assert compared(config("01-bowl")).runs["final_train_loss"].max() < 1e-12
    seeds = list(range(10))
    settings = config("01-noise", dataset={"seed": seeds, "standardize_target": False})
    settings["compare"] = {"candidates": [{"label": "noisy", "model": {"initial": [0, 0, 0]}}]}
    X, _ = examples(settings | {"dataset": settings["dataset"] | {"seed": 0}})
    m, parameters = X.shape
    # m - 3 squares of independent noise of variance 1 are left in each data set
    squares = 2 * m * compared(settings).runs["final_train_loss"].sum()
    low, high = stats.chi2.interval(0.999, len(seeds) * (m - parameters))
    assert low < squares < high


def test_collinear_inputs_make_a_trough_whose_lowest_points_are_a_line() -> None:
    settings = config("01-trough")
    X, y = examples(settings)
    found = compared(settings)
    assert not found.unmet
    ends = []
    for start in STARTS:
        (path,) = paths(found, start)
        # the nearest of all lowest points: what does not change the error does not change
        np.testing.assert_allclose(path[-1], path[0] + np.linalg.pinv(X) @ (y - X @ path[0]), atol=1e-9)
        ends.append(path[-1])
    assert min(np.linalg.norm(a - b) for a, b in zip(ends, ends[1:] + ends[:1], strict=True)) > 1
    assert found.runs["final_train_loss"].max() < 1e-12
