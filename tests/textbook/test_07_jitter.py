"""The examples' gradients average to the full one and stray from it by σ²/b · (m - b)/(m - 1)."""

from __future__ import annotations

import numpy as np
import pytest

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, examples, interval, lines, path, paths, records, trained

M = 100
SMALL = 1e-7
"""A rate at which a thousand steps leave the weights where they are."""


def gradients(size: int, replacement: bool) -> Array:
    """Of a thousand batches at one point, (epochs, batches, 2)."""
    descent = {"variant": "minibatch", "batch_size": size, "replacement": replacement}
    settings = config("07-jitter", descent=descent, optimizer={"lr": SMALL}, steps=None, epochs=10 * size, compare=None)
    points = path(trained(settings))
    return (-np.diff(points, axis=0) / SMALL).reshape(10 * size, M // size, 2)


def single_gradients(weights: Array) -> Array:
    """Of every example by itself, (m, 2)."""
    X, y = examples(config("07-jitter"))
    return np.asarray((X @ weights - y)[:, None] * X)


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("size", [1, 5, 20, 50])
def test_the_variance_of_a_batch_s_gradient(size: int, replacement: bool) -> None:
    of_one = single_gradients(np.array([-3.0, 3.0]))
    mean = of_one.mean(axis=0)
    variance = np.sum((of_one - mean) ** 2, axis=1).mean()
    drawn, put_aside = variance / size, variance / size * (M - size) / (M - 1)
    found = gradients(size, replacement)
    epochs = np.sum((found - mean) ** 2, axis=2).mean(axis=1)  # each in an order of its own
    low, high = interval(epochs)
    slack = 1e-3 * drawn
    expected, other = (drawn, put_aside) if replacement else (put_aside, drawn)
    assert low - slack < expected < high + slack
    if size == 50:
        assert not low - slack < other < high + slack
    for i in range(2):
        low, high = interval(found[:, :, i].mean(axis=1))
        assert low - 1e-2 < mean[i] < high + 1e-2


def test_the_recorded_noise_is_the_variance_of_single_examples() -> None:
    found = compared(config("07-jitter", steps=4, record={"gradient_noise": 1}, compare={"seeds": 1}))
    for label in ("one example", "ten examples", "all examples"):
        (points,) = paths(found, label)
        for place, noise in zip(points, records(found, label, "gradient_noise")[0], strict=True):
            if np.isfinite(noise):
                assert noise == pytest.approx(single_gradients(place).var(axis=0).sum())
        assert np.isfinite(records(found, label, "gradient_noise")[0, 0])


def test_all_examples_make_no_jitter() -> None:
    of_all = path(trained(config("07-jitter", optimizer={"lr": SMALL}, compare=None)))
    steps = np.diff(of_all, axis=0) / SMALL
    np.testing.assert_allclose(steps, np.broadcast_to(steps[0], steps.shape), rtol=1e-4)


def test_one_example_shows_the_way_far_out_and_not_near_the_bottom() -> None:
    X, y = examples(config("07-jitter"))
    bottom = np.linalg.lstsq(X, y, rcond=None)[0]
    far = bottom + np.array([30.0, 30.0])
    agreeing = {}
    for name, place in (("far", far), ("near", bottom + 0.01)):
        single = single_gradients(place)
        agreeing[name] = np.mean(single @ single.mean(axis=0) > 0)
    assert agreeing["far"] > 0.95
    assert 0.3 < agreeing["near"] < 0.7


def test_batch_steps_go_down_every_time_and_single_examples_do_not() -> None:
    found = compared(config("07-jitter"))
    assert not found.unmet
    rises = {}
    for label in ("one example", "ten examples", "all examples"):
        loss = records(found, label, "train_loss")
        rises[label] = np.mean(np.diff(loss[:, 40:], axis=1) > 0, axis=1)
    assert rises["all examples"].max() == 0
    assert interval(rises["one example"])[0] > 0.2
    assert interval(rises["one example"])[1] < 0.7


def test_the_angle_of_a_step_is_straight_down_with_all_examples_and_anything_with_one() -> None:
    found = compared(config("07-jitter"))
    angles = {label: records(found, label, "step_angle") for label in ("one example", "ten examples", "all examples")}
    np.testing.assert_allclose(angles["all examples"], 90, atol=1e-4)
    one, ten = (angles[label][:, 20:].mean(axis=1) for label in ("one example", "ten examples"))
    assert interval(ten - one, 0.95)[0] > 0
    assert interval(one, 0.95)[1] < 30
    assert (angles["one example"] < 0).any(axis=1).all()


def test_the_config_of_the_variance_measures_the_formula() -> None:
    found = compared(config("07-variance", steps=60, compare={"seeds": 8, "expect": None}))
    shares = {
        "1 example": 1,
        "10 examples": 1 / 10 * 90 / 99,
        "50 examples": 1 / 50 * 50 / 99,
        "50, some twice": 1 / 50,
    }
    for label, share in shares.items():
        told = lines(found, label)
        low, high = interval((told["mean_batch_noise"] / told["mean_gradient_noise"]).to_numpy(float))
        assert low < share < high
        assert high - low < share
