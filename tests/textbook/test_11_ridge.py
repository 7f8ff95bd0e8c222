"""On a ridge all examples together hold still and single ones do not; a start that no example can break holds both."""

from __future__ import annotations

import numpy as np
import pytest

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, examples, interval, lines, path, paths, trained

SADDLE = float(np.log(0.2 / 0.8))
"""The bias at which the neuron says 0.2, the share of the outer class."""
PENALTY = 0.003


def gradient(weights: Array, X: Array, y: Array) -> Array:
    """Of ½ mean (f(wx + b) - y)² and the penalty."""
    told = 1 / (1 + np.exp(-(X @ weights)))
    return np.asarray(((told - y) * told * (1 - told)) @ X / len(y) + [PENALTY * weights[0], 0])


def test_batch_stays_on_the_ridge_and_stochastic_leaves() -> None:
    found = compared(config("11-ridge"))
    assert not found.unmet
    (held,) = paths(found, "batch")
    assert np.abs(held[:, 0]).max() < 1e-6
    assert held[-1, 1] == pytest.approx(SADDLE, abs=1e-3)
    (off,) = paths(found, "batch, 0.01 off")
    assert off[-1, 0] > 1


def test_stochastic_descent_ends_in_either_valley() -> None:
    settings = config(
        "11-ridge", steps=800, optimizer={"lr": 1.0}, descent="stochastic", record={"every": 800, "unit": "steps"}
    )
    settings["compare"] = {"seeds": 16, "candidates": [{"label": "stochastic"}]}
    ends = np.array([points[-1, 0] for points in paths(compared(settings), "stochastic")])
    assert (np.abs(ends) > 0.5).all()
    low, high = interval((ends > 0).astype(float))
    assert low < 0.5 < high
    assert len(set(ends > 0)) == 2


def test_started_a_little_off_batch_leaves_after_a_time_that_goes_with_the_logarithm() -> None:
    X, y = examples(config("11-ridge"))
    at, h = np.array([0.0, SADDLE]), 1e-5
    aside = np.array([h, 0])
    np.testing.assert_allclose(gradient(at, X, y), 0, atol=1e-12)
    curvature = (gradient(at + aside, X, y)[0] - gradient(at - aside, X, y)[0]) / (2 * h)
    assert curvature < -0.03
    needed = {}
    for offset in (1e-3, 1e-6):
        settings = config("11-ridge", steps=200, model={"initial": [offset, SADDLE]}, compare=None)
        away = np.abs(path(trained(settings))[:, 0])
        np.testing.assert_allclose(away[1:10] / away[:9], 1 - 4.0 * curvature, rtol=1e-4)
        needed[offset] = np.argmax(away > 0.1)
    assert needed[1e-6] - needed[1e-3] == pytest.approx(np.log(1000) / np.log(1 - 4.0 * curvature), abs=1.5)


def test_no_example_can_break_all_zero_weights() -> None:
    settings = config("11-all-zero", epochs=12, record={"paths": True})
    found = compared(settings)
    best = -(0.3 * np.log(0.3) + 0.7 * np.log(0.7))
    for label in ("batch, zeros", "stochastic, zeros"):
        for points in paths(found, label):
            assert not points[:, :-1].any()  # all but the last bias
            assert points[-1, -1] < 0
        assert (lines(found, label)["final_train_loss"] > best - 1e-9).all()
    assert (lines(found, "stochastic, random")["final_train_loss"] < 0.7 * best).all()
