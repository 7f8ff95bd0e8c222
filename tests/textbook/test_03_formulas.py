"""The step is minus the rate times the printed gradient; ½ and 1/m only rescale the rate."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, examples, lines, path, paths, records, trained

M = 100


def printed(loss: str, X: Array, y: Array, weights: Array) -> Array:
    """The gradient as books print it."""
    slope = np.array([sum((x @ weights - t) * x[i] for x, t in zip(X, y, strict=True)) for i in range(len(weights))])
    return slope / len(X) if loss == "half_mse" else slope


def settings(loss: str, **changes: Any) -> dict[str, Any]:
    return config("03-sum-or-mean", loss=loss, steps=5, compare=None, **changes)


@pytest.mark.parametrize(("loss", "rate"), [("half_mse", 0.4), ("sum_squares", 0.004)])
def test_every_step_is_minus_the_rate_times_the_printed_gradient(loss: str, rate: float) -> None:
    given = settings(loss, optimizer={"lr": rate})
    X, y = examples(given)
    points = path(trained(given))
    for before, after in pairwise(points):
        np.testing.assert_allclose(after - before, -rate * printed(loss, X, y, before), rtol=1e-9)


@pytest.mark.parametrize("loss", ["half_mse", "sum_squares"])
def test_the_step_is_that_of_the_error_s_differences(loss: str) -> None:
    at, h, rate = np.array([-2.0, 2.0]), 1e-4, 1e-4
    step = np.diff(path(trained(settings(loss, optimizer={"lr": rate})))[:2], axis=0)[0]

    def error(weights: Array) -> float:
        run = trained(settings(loss, optimizer={"lr": rate}, model={"initial": list(weights)}))
        return float(run.history["train_loss"][0])

    differences = [(error(at + h * unit) - error(at - h * unit)) / (2 * h) for unit in np.eye(2)]
    np.testing.assert_allclose(step, -rate * np.array(differences), rtol=1e-6)


def test_the_sum_s_gradient_is_m_times_the_mean_s_and_so_is_its_step() -> None:
    found = compared(config("03-sum-or-mean"))
    assert not found.unmet
    mean, small, large = "mean at 0.4", "sum at 0.004", "sum at 0.4"
    np.testing.assert_allclose(paths(found, mean)[0], paths(found, small)[0], rtol=1e-10)
    slopes = {label: records(found, label, "gradient_norm")[0, 0] for label in (mean, small, large)}
    assert slopes[small] == pytest.approx(slopes[large], rel=1e-14)
    assert slopes[small] == pytest.approx(M * slopes[mean])
    # the features have variance 1, so L is 1 for the mean and m for the sum: 0.4 is below 2/L and above it
    assert lines(found, large)["status"].tolist() == ["diverged"]


@pytest.mark.parametrize("kind", ["adam", "momentum"])
def test_who_divides_by_the_gradient_s_size_does_not_even_need_another_rate(kind: str) -> None:
    ends = [
        path(trained(settings(loss, optimizer={"kind": kind, "lr": 0.01})))[-1] for loss in ("half_mse", "sum_squares")
    ]
    assert np.allclose(ends[0], ends[1], rtol=1e-6) == (kind == "adam")
