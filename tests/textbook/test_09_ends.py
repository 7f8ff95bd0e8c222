"""On a non-convex loss descent ends where the start decides: in some minimum, at a saddle, or on a plateau."""

from __future__ import annotations

import numpy as np
import pytest

from tests.textbook.made import compared, config, lines, paths

MINIMA = np.array([[3.0, 2.0], [-2.805118, 3.131313], [-3.779310, -3.283186], [3.584428, -1.848127]])


def test_four_starts_end_in_four_minima() -> None:
    found = compared(config("09-four-minima"))
    assert not found.unmet
    ends = np.array([paths(found, run["label"])[0][-1] for run in found.answer.comparison.runs])
    nearest = np.linalg.norm(ends[:, None] - MINIMA, axis=2)
    np.testing.assert_allclose(nearest.min(axis=1), 0, atol=1e-5)
    assert sorted(nearest.argmin(axis=1)) == [0, 1, 2, 3]


def test_starts_anywhere_end_in_one_of_them() -> None:
    starts = np.random.default_rng(0).uniform(-4, 4, (30, 2))
    candidates = [{"label": str(i), "model": {"start": list(start)}} for i, start in enumerate(starts)]
    found = compared(config("09-four-minima", compare={"candidates": candidates}, record={"every": 100}, steps=400))
    ends = np.array([paths(found, str(i))[0][-1] for i in range(30)])
    nearest = np.linalg.norm(ends[:, None] - MINIMA, axis=2)
    np.testing.assert_allclose(nearest.min(axis=1), 0, atol=1e-5)
    assert set(nearest.argmin(axis=1)) == {0, 1, 2, 3}


def test_on_the_ridge_it_ends_at_the_saddle_which_is_no_minimum() -> None:
    found = compared(config("09-saddle"))
    assert not found.unmet
    ((on,), (near,), (off,)) = (paths(found, label) for label in ("on the ridge", "a thousandth off", "a tenth off"))
    np.testing.assert_allclose(on[-1], [0, 0], atol=1e-8)
    assert (on[:, 1] == 0).all()
    # off the ridge the distance from it grows by 1 + lr a step: a hundredth of it takes log 100 / log 1.1 steps longer
    np.testing.assert_allclose(near[:, 1], 0.001 * 1.1 ** np.arange(len(near)))
    assert len(near) - len(off) == pytest.approx(np.log(100) / np.log(1.1), abs=1)
    assert (
        lines(found, "on the ridge")["final_train_loss"].item()
        > lines(found, "a thousandth off")["final_train_loss"].item() + 10
    )


def test_on_the_plateau_it_stays() -> None:
    found = compared(config("09-plateau"))
    assert not found.unmet
    ((near,), (far,)) = (paths(found, label) for label in ("near", "far"))
    np.testing.assert_allclose(near[-1], [0, 0], atol=1e-6)
    # the slope there is x exp(-x²/2)
    assert np.linalg.norm(far[-1] - far[0]) < 300 * 0.1 * 4.7 * np.exp(-(3**2 + 3.5**2) / 2)
    assert np.linalg.norm(far[-1]) > 4.5
