"""15: a rate that decreases pays where steps are noisy; without noise the best constant one wins."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi

import numpy as np
import pytest

from gdrun.notebook.compared import Compared
from tests.textbook.made import compared, config, interval, lines, records

DECREASING = ("step", "exponential", "inverse time", "cosine")


@pytest.fixture(scope="module")
def noisy() -> Compared:
    return compared(config("15-noise", epochs=16, compare={"seeds": 8}))


def test_under_noise_every_rate_that_decreases_ends_lower(noisy: Compared) -> None:
    assert noisy.unmet == []
    excess = {label: lines(noisy, label)["final_excess_loss"].to_numpy() for label in (*DECREASING, "constant")}
    for label in DECREASING:
        # seed by seed, the same batches: at least twice as low
        assert interval(np.log(excess["constant"] / excess[label]))[0] > np.log(2)


def test_a_large_constant_rate_hovers_and_a_small_one_is_still_on_its_way(noisy: Compared) -> None:
    hovering = records(noisy, "constant", "excess_loss")
    low, high = interval(np.log(hovering[:, 3:9].mean(axis=1) / hovering[:, 9:].mean(axis=1)))
    assert low < 0 < high
    falling = records(noisy, "constant and small", "excess_loss")
    assert (falling[:, -1] < 0.9 * falling[:, 8]).all()
    settled = records(noisy, "exponential", "excess_loss")[:, -1]
    assert interval(np.log(falling[:, -1] / settled))[0] > np.log(5)


def test_the_floor_of_a_constant_rate_is_lower_at_a_lower_rate() -> None:
    rates = {"label": "constant", "optimizer": {"lr": [0.05, 0.2]}}
    settings = config("15-noise", epochs=16, descent={"batch_size": 2, "replacement": True})
    found = compared(settings | {"compare": {"seeds": 10, "candidates": [rates]}})
    floors = records(found, "constant", "excess_loss")[:, 6:].mean(axis=1).reshape(2, 10)
    # lr σ² tr(H)/(2b) to first order: four times the rate, four times the height or a little more
    low, high = interval(floors[1] / floors[0])
    assert low > 3
    assert high < 8


@pytest.mark.parametrize("condition", [5.0, 20.0])
def test_without_noise_each_schedule_shrinks_the_error_by_its_product_and_the_constant_rate_wins(
    condition: float,
) -> None:
    best, steps = 2 / (condition + 1), 100
    shapes: dict[str, Callable[[int], float]] = {
        "constant": lambda t: 1.0,
        "step": lambda t: 0.3 ** (t // 50),
        "exponential": lambda t: 0.98**t,
        "inverse time": lambda t: 1 / (1 + 0.05 * t),
        "cosine": lambda t: (1 + cos(pi * t / steps)) / 2,
    }
    settings = config("15-bowl", model={"condition": condition}, optimizer={"lr": best}, steps=steps)
    found = compared(settings | {"compare": settings["compare"] | {"expect": None}})
    ends = {}
    for label, shape in shapes.items():
        left = [4.0, 1.0]
        for t in range(steps):
            left = [x * (1 - best * shape(t) * h) for x, h in zip(left, (1, condition), strict=True)]
        ends[label] = 0.5 * (left[0] ** 2 + condition * left[1] ** 2)
        assert lines(found, label)["final_train_loss"].iloc[0] == pytest.approx(ends[label], rel=1e-9)
    assert all(ends[label] > 10 * ends["constant"] for label in DECREASING)


def test_the_config_of_the_bowl_shows_it() -> None:
    assert compared(config("15-bowl")).unmet == []
