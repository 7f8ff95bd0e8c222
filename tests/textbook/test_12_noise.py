"""Noise lets descent leave a shallow minimum, more of it more often, and enough of it a deep one too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tests.textbook.made import compared, config, interval, lines, paths

SEEDS = 16
BETWEEN = 0.067
"""A loss that lies between those of the two minima."""


def deep(found: Any, label: str, rate: float) -> int:
    """How many runs of a candidate at some rate ended in the deep valley."""
    told = lines(found, label)
    return int((told[told["optimizer.lr"] == rate]["final_train_loss"] < BETWEEN).sum())


def limits(successes: int) -> tuple[float, float]:
    """The share's interval (Clopper-Pearson)."""
    found = stats.binomtest(successes, SEEDS).proportion_ci(0.99)
    return float(found.low), float(found.high)


def test_the_share_that_ends_in_the_deep_valley_by_batch_size_and_by_rate() -> None:
    settings = config("12-noise", steps=1000, record={"every": 500, "unit": "steps"})
    settings["compare"] = settings["compare"] | {"seeds": SEEDS}
    found = compared(settings)
    labels, rates = ("all examples", "16 examples", "4 examples", "1 example"), (4.0, 8.0, 16.0)
    shares = np.array([[deep(found, label, rate) for rate in rates] for label in labels])
    assert not shares[0].any()
    assert (np.diff(shares, axis=0) >= -1).all()  # smaller batches, within a run
    assert (np.diff(shares, axis=1) >= -1).all()  # larger rates
    assert limits(shares[3, 1])[0] > limits(shares[1, 1])[1]
    assert limits(shares[2, 2])[0] > limits(shares[2, 0])[1]


def test_enough_noise_carries_it_out_of_the_deep_one_too() -> None:
    found = compared(config("12-both-ways"))
    assert not found.unmet
    assert (lines(found, "little noise")["final_train_loss"] < -0.2).all()
    wrong = (lines(found, "much noise")["final_train_loss"] > 0.2).sum()
    assert 0 < wrong < 20


@pytest.mark.parametrize("noise", [7.0, 14.0])
def test_in_the_long_run_noise_divides_the_time_as_boltzmann_says(noise: float) -> None:
    rate = 0.02
    settings = config("12-both-ways", steps=4000, optimizer={"lr": rate}, schedule="constant", record={"every": 40})
    settings |= {"model": settings["model"] | {"noise": noise, "bounds": 100.0}}
    settings["compare"] = {"seeds": 40, "candidates": [{"label": "all"}]}
    shares = [float(np.mean(points[25:, 0] < 0.08)) for points in paths(compared(settings), "all")]
    x = np.linspace(-4, 4, 4001)
    density = np.exp(-((x**2 - 1) ** 2 + 0.3 * x) / (rate * noise**2 / 2))  # temperature lr σ²/2
    expected = density[x < 0.08].sum() / density.sum()
    low, high = interval(shares)
    assert low < expected < high
    assert expected < 0.9
