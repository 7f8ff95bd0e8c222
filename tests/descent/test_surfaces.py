from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.descent.parts import Array
from gdrun.descent.surfaces import Quadratic, Surface
from tests.cases import SURFACES, SurfaceCase
from tests.descent.setups import FLOAT32, FLOAT64, part

each_case = pytest.mark.parametrize("case", SURFACES, ids=lambda case: case.name)


def made(kind: str, *runs: dict[str, Any], dtype: np.dtype[Any] = FLOAT64) -> Any:
    return part(Surface, kind, runs or [{}], dtype)


def slope(surface: Surface, points: Any) -> Array:
    at: Array = np.array(points, float)
    out: Array = np.full_like(at, np.nan)
    surface.gradient(at, out)
    return out


@each_case
@pytest.mark.parametrize("dtype", [FLOAT64, FLOAT32], ids=str)
def test_heights_by_hand(case: SurfaceCase, dtype: np.dtype[Any]) -> None:
    surface = made(case.kind, case.settings, case.settings, dtype=dtype)
    points = np.array([case.point, case.point], dtype)
    found = surface.value(points)
    assert (found.shape, found.dtype) == ((2, 1), dtype)
    np.testing.assert_allclose(found, case.height, rtol=1e-13 if dtype == FLOAT64 else 1e-5)


@each_case
def test_minima_are_flat_and_lower_than_all_around(case: SurfaceCase) -> None:
    surface, n = made(case.kind, case.settings), len(case.point)
    minima = np.array(surface.minima(n)).reshape(-1, n)
    assert len(minima) == {"saddle": 0, "himmelblau": 4, "double_well": 2}.get(case.kind, 1)
    rng = np.random.default_rng(0)
    for minimum in minima:
        np.testing.assert_allclose(slope(surface, [minimum]), 0, atol=1e-12 if case.kind != "himmelblau" else 1e-11)
        around = minimum + rng.normal(size=(200, n)) * 1e-3
        assert np.all(surface.value(around) > surface.value(minimum[None]))
    if case.lowest is not None:
        np.testing.assert_allclose(surface.value(minima[:1]), case.lowest, atol=1e-6)
        anywhere = rng.uniform(-surface.extent, surface.extent, (5000, n))
        assert np.all(surface.value(anywhere) >= surface.value(minima[:1]) - 1e-12)


@each_case
def test_usual_starts_lie_in_the_region_worth_looking_at(case: SurfaceCase) -> None:
    surface = Surface.kinds[case.kind]
    assert all(abs(x) <= surface.extent for x in surface.usual_start)
    assert surface.variables in (None, len(surface.usual_start))


@pytest.mark.parametrize("n", [2, 3, 6])
@pytest.mark.parametrize("condition", [1.0, 10.0, 1e4])
def test_the_quadratics_curvature_goes_from_1_to_its_condition(n: int, condition: float) -> None:
    surface: Quadratic = made("quadratic", {"condition": condition})
    hessian = np.array([slope(surface, [row])[0] for row in np.eye(n)])
    eigenvalues = np.linalg.eigvalsh(hessian)
    np.testing.assert_allclose(eigenvalues, np.geomspace(1, condition, n), rtol=1e-12)
    np.testing.assert_allclose(surface.eigenvalues(n)[0], np.diag(hessian), rtol=1e-14)


def test_the_quadratic_of_one_variable_has_its_condition_as_curvature() -> None:
    assert slope(made("quadratic", {"condition": 7.0}), [[2.0]]) == [[14.0]]
    assert slope(made("quadratic"), [[2.0]]) == [[20.0]]


def test_each_run_has_its_own_condition() -> None:
    surface = made("quadratic", {"condition": 4.0}, {"condition": 9.0})
    np.testing.assert_allclose(slope(surface, np.ones((2, 3))), [[1, 2, 4], [1, 3, 9]], rtol=1e-14)
    np.testing.assert_allclose(surface.value(np.ones((2, 3)))[:, 0], [3.5, 6.5], rtol=1e-14)


def test_a_quadratic_of_a_matrix() -> None:
    matrix = ((4.0, 1.0, 0.0), (1.0, 3.0, -1.0), (0.0, -1.0, 2.0))
    surface = made("quadratic", {"matrix": matrix})
    points = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_allclose(slope(surface, points), points @ np.array(matrix).T, rtol=1e-13)
    np.testing.assert_allclose(surface.value(points)[:, 0], 0.5 * np.diag(points @ matrix @ points.T), rtol=1e-13)
    assert surface.minima(3) == [(0.0, 0.0, 0.0)]
    assert made("quadratic", {"matrix": ((1.0, 2.0), (2.0, 1.0))}).minima(2) == []


@pytest.mark.parametrize("tilt", [0.1, 0.3, 1.0, 1.49])
def test_the_double_wells_left_minimum_is_the_deeper_one(tilt: float) -> None:
    surface = made("double_well", {"tilt": tilt})
    (left, _), (right, _) = surface.minima(2)
    assert left < -1 < 0 < right < 1
    deep, shallow = surface.value(np.array([[left, 0.0], [right, 0.0]]))[:, 0]
    assert deep < shallow
    # With x = ±1 the well is 0: the tilt alone is left, and a minimum is no higher.
    assert deep <= -tilt
    assert shallow <= tilt


def test_the_saddle_falls_on_both_sides() -> None:
    surface = made("saddle")
    assert slope(surface, [[0.0, 0.0]]).tolist() == [[0, 0]]
    heights = surface.value(np.array([[0.1, 0.0], [0.0, 0.1], [0.0, -0.1]]))[:, 0]
    np.testing.assert_allclose(heights, [0.005, -0.005, -0.005], rtol=1e-12)


def test_the_plateaus_wall_is_steepest_at_its_width() -> None:
    surface, radii = made("plateau", {"width": 1.5}), np.linspace(0, 6, 601)
    steepness = slope(surface, np.column_stack([radii, np.zeros(601)]))[:, 0]
    assert radii[steepness.argmax()] == pytest.approx(1.5)
