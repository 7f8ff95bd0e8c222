"""Plain descent leaves every contour at a right angle, which is the way to the minimum in a round bowl alone."""

from __future__ import annotations

import numpy as np
import pytest

from gdrun.descent.parts import Array
from tests.textbook.made import compared, config, path, paths, records, trained

STEEPER = np.array([1.0, 5.0])
"""Curvatures of the bowl."""


def angles(one: Array, other: Array) -> Array:
    """Between vectors (n, 2), in degrees."""
    cosines = np.sum(one * other, axis=1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosines, -1, 1))))


def to_contours(points: Array, curvatures: Array = STEEPER, at: int = 0) -> Array:
    """Angles (n,) of the steps of a path (n + 1, 2) to the contour where each starts (`at` 0) or ends (1)."""
    slopes = points[at : at - 1 or None] * curvatures
    along = np.column_stack([-slopes[:, 1], slopes[:, 0]])
    return angles(np.diff(points, axis=0), along)


def test_steps_of_plain_descent_start_at_90_degrees() -> None:
    found = compared(config("02-right-angles"))
    assert not found.unmet
    for start in ("from the right", "from the left", "from below"):
        (points,) = paths(found, start)
        np.testing.assert_allclose(to_contours(points), 90, atol=1e-4)
    (large,) = (path(trained(config("02-zig-zag"))),)
    np.testing.assert_allclose(to_contours(large, np.array([1.0, 20.0])), 90, atol=1e-4)


@pytest.mark.parametrize("lr", [0.02, 0.002])
def test_small_steps_end_at_about_90_degrees_too(lr: float) -> None:
    points = path(trained(config("02-right-angles", optimizer={"lr": lr}, model={"start": [3, 3]}, steps=50)))
    worst = np.abs(to_contours(points, at=1) - 90).max()
    # the slope turns by at most lr (κ - 1)/2 radians in a step
    assert 0.2 < worst / np.degrees(lr * 2) < 1.1


@pytest.mark.parametrize("label", ["plain", "momentum", "Adam"])
def test_the_recorded_angle_is_that_of_the_path(label: str) -> None:
    found = compared(config("02-momentum-adam", steps=30))
    (points,) = paths(found, label)
    off = angles(np.diff(points, axis=0), -points[:-1] * STEEPER)
    np.testing.assert_allclose(records(found, label, "step_angle")[0, :-1], 90 - off, atol=1e-5)


def test_momentum_and_adam_leave_the_right_angle() -> None:
    found = compared(config("02-momentum-adam"))
    assert not found.unmet
    ((plain,), (heavy,), (adam,)) = (paths(found, label) for label in ("plain", "momentum", "Adam"))
    np.testing.assert_allclose(to_contours(plain), 90, atol=1e-4)
    away = np.abs(to_contours(heavy) - 90)
    assert away[0] < 1e-6  # the first step has no velocity yet
    assert away.max() > 60
    assert np.median(np.abs(to_contours(adam) - 90)) > 20


def test_the_error_does_not_change_along_a_contour() -> None:
    at = np.array([3.0, 2.0])
    along = np.array([-at[1] * 5, at[0]]) / np.hypot(at[1] * 5, at[0])
    across = np.array([along[1], -along[0]])
    size = 1e-4
    places = [at, at + size * along, at + size * across]
    candidates = [{"label": str(i), "model": {"start": list(place)}} for i, place in enumerate(places)]
    history = compared(config("02-right-angles", steps=1, compare={"candidates": candidates}, expect=None)).history
    here, beside, up = history[history["step"] == 0]["train_loss"]
    assert abs(beside - here) < 5 * size**2
    assert abs(up - here) == pytest.approx(size * np.hypot(at[0], 5 * at[1]), rel=1e-3)


@pytest.mark.parametrize("condition", [1.0, 5.0, 100.0])
def test_the_steepest_way_down_is_not_the_way_to_the_minimum(condition: float) -> None:
    start = [np.sqrt(condition), 1.0]
    points = path(trained(config("02-right-angles", steps=1, model={"condition": condition, "start": start})))
    off = angles(points[1:] - points[:1], -points[:1])[0]
    # Kantorovich's inequality: this start is the worst of all
    assert off == pytest.approx(np.degrees(np.arccos(2 * np.sqrt(condition) / (1 + condition))), abs=1e-5)


def test_large_steps_zig_zag_in_an_elongated_bowl_and_go_straight_in_a_round_one() -> None:
    run = trained(config("02-zig-zag"))
    assert not run.unmet
    points = path(run)
    np.testing.assert_allclose(points[1:, 1] / points[:-1, 1], 1 - 0.095 * 20)
    np.testing.assert_allclose(points[1:, 0] / points[:-1, 0], 1 - 0.095)
    round_bowl = {"condition": None, "matrix": [[20.0, 0.0], [0.0, 20.0]]}
    straight = path(trained(config("02-zig-zag", model=round_bowl, optimizer={"lr": 0.045})))
    np.testing.assert_allclose(straight[:, 1] / straight[:, 0], 2.5 / 4)
    assert len(straight) < len(points) / 10
