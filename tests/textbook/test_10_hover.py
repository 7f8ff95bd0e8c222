"""At a constant rate stochastic descent hovers as high as the rate is large; a falling one makes it settle."""

from __future__ import annotations

from typing import Any

import numpy as np

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, examples, interval, records

SEEDS = 12


def floors(found: Any, label: str, first: int = 10) -> Array:
    """The mean excess loss (seeds,) once the start is forgotten."""
    return np.asarray(records(found, label, "excess_loss")[:, first:].mean(axis=1))


def hovering(**changes: Any) -> Any:
    settings = config("10-hover", epochs=40, **changes)
    settings["compare"] = settings["compare"] | {"seeds": SEEDS}
    return compared(settings)


def test_the_floor_is_proportional_to_the_rate_and_a_falling_rate_has_none() -> None:
    found = hovering(expect={"final_excess_loss": {"at_most": 1e-9}})
    assert len(found.unmet) == 3
    assert all("final_excess_loss is" in line for line in found.unmet)
    X, y = examples(config("10-hover"))
    left = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    # stationary: excess = lr/4 Σ e²|x|²/m, for features of variance 1 where curvatures are 1
    theory = np.mean(left**2 * np.sum(X**2, axis=1)) / 4
    heights = {rate: floors(found, f"rate {rate:g}") for rate in (0.1, 0.05)}
    for rate, height in heights.items():
        low, high = interval(height)
        assert low * 0.85 < rate * theory < high * 1.05  # to first order in the rate
    low, high = interval(heights[0.1] - 2 * heights[0.05])
    assert low - 0.2 * theory * 0.1 < 0 < high + 0.05 * theory * 0.1
    assert interval(heights[0.1] - 1.5 * heights[0.05])[0] > 0
    falling = records(found, "falling rate", "excess_loss")
    assert interval(falling[:, -5:].mean(axis=1))[1] < 0.1 * 0.05 * theory
    # it goes on down, about like the rate
    assert 1.8 < falling[:, 9:12].mean() / falling[:, 36:].mean() < 8


def test_in_a_fresh_order_each_epoch_the_floor_is_lower_and_goes_with_the_square_of_the_rate() -> None:
    heights = {}
    for replacement in (True, False):
        settings = config("10-hover", dataset={"examples": 20}, descent={"replacement": replacement}, epochs=300)
        rates = [{"optimizer": {"lr": rate}, "label": f"rate {rate:g}"} for rate in (0.02, 0.01)]
        found = compared(settings | {"compare": {"seeds": 8, "candidates": rates}})
        heights[replacement] = [floors(found, f"rate {rate:g}", first=100) for rate in (0.02, 0.01)]
    # small rates: an epoch's examples have all pulled before the first is forgotten
    assert interval(heights[False][1] - 0.5 * heights[True][1])[1] < 0
    assert interval(heights[True][0] - 2.5 * heights[True][1])[1] < 0
    assert interval(heights[False][0] - 2.5 * heights[False][1])[0] > 0


def test_where_one_setting_fits_every_example_there_is_no_floor() -> None:
    settings = config("10-one-fits-all", epochs=6)
    settings["compare"] = {"seeds": SEEDS}
    found = compared(settings)
    assert not found.unmet
    assert found.runs["final_excess_loss"].max() < 1e-15
