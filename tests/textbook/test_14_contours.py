"""14: on a bowl dense contours are steep and far along a line; across lines, and on a plateau, they are not."""

from __future__ import annotations

from math import exp

import numpy as np
import pytest
from scipy.optimize import brentq

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, lines, path, trained


def steepness(name: str, start: list[float]) -> float:
    """The gradient's length at a place: how many contours a unit of length crosses."""
    run = trained(config(name, model={"start": start}, steps=1, stop=None))
    return float(run.history["gradient_norm"].iloc[0])


@pytest.mark.parametrize("direction", [(1.0, 0.0), (0.6, 0.8), (-0.8, 0.6)])
def test_along_a_line_through_a_bowl_the_slope_is_proportional_to_the_distance(direction: tuple[float, float]) -> None:
    distances = (0.1, 1.0, 4.0)
    slopes = [steepness("14-bowl", [d * x for x in direction]) / d for d in distances]
    # A x for a direction x of length 1, whose curvatures are 1 and 2
    np.testing.assert_allclose(slopes, np.hypot(direction[0], 2 * direction[1]), rtol=1e-12)


def test_so_each_start_keeps_its_share_of_the_first_loss() -> None:
    found = compared(config("14-bowl"))
    assert found.unmet == []
    path_of = {label: _path(label) for label in ("far", "half as far")}
    np.testing.assert_allclose(path_of["far"], -2 * path_of["half as far"], rtol=1e-12)


def _path(label: str) -> Array:
    candidates = config("14-bowl")["compare"]["candidates"]
    start = next(each["model"]["start"] for each in candidates if each["label"] == label)
    return path(trained(config("14-bowl", model={"start": start})))


@pytest.mark.parametrize("condition", [2.0, 10.0, 100.0])
def test_across_lines_the_slope_at_a_distance_varies_by_the_condition_number(condition: float) -> None:
    settings = config("14-elongated", model={"condition": condition}, steps=1, stop=None)
    slopes = [
        trained(settings | {"model": settings["model"] | {"start": start}}).history["gradient_norm"].iloc[0]
        for start in ([1.0, 0.0], [0.0, 1.0])
    ]
    assert slopes[1] / slopes[0] == pytest.approx(condition)


def test_steep_and_near_is_down_before_flat_and_far() -> None:
    found = compared(config("14-elongated"))
    assert found.unmet == []
    starts = {each["label"]: each["model"]["start"] for each in config("14-elongated")["compare"]["candidates"]}
    near, far = starts["near and steep"], starts["far and flat"]
    assert np.hypot(*near) < 0.6 * np.hypot(*far)
    assert steepness("14-elongated", near) > 2 * steepness("14-elongated", far)


def test_on_a_plateau_it_is_as_flat_far_out_as_close_by() -> None:
    found = compared(config("14-plateau"))
    assert found.unmet == []
    # r exp(-r²/2) is 3 exp(-9/2) near the middle too
    near = brentq(lambda r: r * exp(-r * r / 2) - 3 * exp(-4.5), 0, 1)
    assert near < 0.04
    assert steepness("14-plateau", [near, 0.0]) == pytest.approx(steepness("14-plateau", [0.0, 3.0]))
    radii = np.linspace(0.1, 4, 40)
    slopes = [steepness("14-plateau", [r, 0.0]) for r in radii]
    assert radii[int(np.argmax(slopes))] == pytest.approx(1.0, abs=0.1)
    moved = lines(found, "flat and far")
    assert (moved["final_train_loss"] > 0.99).all()
