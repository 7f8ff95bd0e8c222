"""On a convex loss batch descent reaches the global minimum: if there is one, and the rate is below 2/L."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.textbook.made import compared, config, examples, lines, path, paths, trained

BELOW = {"a quarter of the edge": 0.5, "5 % below the edge": 1.9}
ABOVE = "5 % above the edge"


def test_both_sides_of_the_edge() -> None:
    settings = config("08-rates")
    X, y = examples(settings)
    curvatures, directions = np.linalg.eigh(X.T @ X / len(X))
    assert curvatures[-1] == pytest.approx(1)
    minimum = np.linalg.lstsq(X, y, rcond=None)[0]
    found = compared(settings)
    assert not found.unmet
    for label, rate in BELOW.items():
        (points,) = paths(found, label)
        away = (points - minimum) @ directions
        # each direction contracts by 1 - lr λ, whatever the start
        expected = away[0] * (1 - rate * curvatures) ** np.arange(20)[:, None]
        np.testing.assert_allclose(away[:20], expected, atol=1e-9)
        np.testing.assert_allclose(points[-1], minimum, atol=1e-4)
    assert lines(found, ABOVE)["status"].tolist() == ["diverged"]


def test_from_wherever_one_starts() -> None:
    model = {"initial": "normal", "initial_scale": 10.0}
    blocks = [{"optimizer": {"lr": 1.98}, "label": "below"}, {"optimizer": {"lr": 2.02}, "label": "above"}]
    found = compared(
        config("08-rates", model=model, steps=1500, record={"every": 50}, compare={"seeds": 6, "candidates": blocks})
    )
    assert (lines(found, "below")["final_excess_loss"] < 1e-9).all()
    assert (lines(found, "above")["status"] == "diverged").all()


def test_separable_classes_have_no_minimum_and_the_weights_grow_like_the_logarithm() -> None:
    settings = config("08-separable", steps=2000)
    X, y = examples(settings)
    distances = np.where(y == 1, 1, -1) * X[:, 0]  # the classes lie about 0
    distances *= np.sign(distances.sum())
    margin = distances.min()
    assert margin > 0
    run = trained(settings)
    assert not run.unmet
    weights, losses = np.abs(path(run)[:, 0]), run.history["train_loss"].to_numpy()
    # Soudry et al. 2018: in the end w = log t / margin, and the loss falls like 1/t; before, the nearer half counts
    for first, last in ((2, 20), (20, 200)):  # a record is ten steps
        assert np.log(10) / distances.mean() < weights[last] - weights[first] < np.log(10) / margin
    assert losses[20] / losses[200] == pytest.approx(10, rel=0.15)
    assert (np.diff(losses) < 0).all()


def test_overlapping_classes_have_one_and_descent_stops_there() -> None:
    settings: dict[str, Any] = config("08-separable", dataset={"noise": 6.0}, steps=600)
    run = trained(settings | {"expect": {}})
    assert run.outcome["final_excess_loss"] < 1e-12
    weights = path(run)[:, 0]
    assert abs(weights[60] - weights[30]) < 1e-6
