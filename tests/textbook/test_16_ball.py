"""16: momentum is the ball, plain descent is not; on an elongated bowl it is faster by about √κ."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from tests.textbook.made import compared, config, lines, path, paths, trained


def test_plain_descent_never_passes_the_bottom_and_the_ball_does_and_comes_back() -> None:
    found = compared(config("16-ball"))
    assert found.unmet == []
    plain, ball = (paths(found, label)[0] for label in ("plain", "ball"))
    assert (plain > 0).all()
    assert (ball.min(axis=0) < -0.5).all()
    # along a curvature h it swings with the damping √β a step, if β > (1 - √(lr h))²
    turns = [np.count_nonzero(np.diff(np.sign(coordinate)) != 0) for coordinate in ball.T]
    assert min(turns) >= 3
    assert np.abs(ball[-1]).max() < 0.01


@pytest.mark.parametrize(("momentum", "passes"), [(0.6, False), (0.9, True)])
def test_a_ball_with_much_friction_does_not_overshoot(momentum: float, passes: bool) -> None:
    lr, h = 0.03, 1.0
    critical = (1 - sqrt(lr * h)) ** 2
    assert (momentum > critical) == passes
    settings = config("16-ball", model={"condition": 1, "start": [4, 2]}, steps=200)
    run = trained(settings | {"optimizer": {"kind": "momentum", "lr": lr, "momentum": momentum}})
    assert bool((path(run) < 0).any()) == passes


def test_the_ball_rolls_over_the_ridge_that_stops_plain_descent() -> None:
    assert compared(config("16-ridge")).unmet == []
    # without speed only the start matters; a ball that loses most of its speed at each step is stopped too
    for lr in (0.001, 0.01, 0.05):
        run = trained(config("16-ridge", optimizer={"lr": lr}, steps=300))
        assert (path(run)[:, 0] > 0).all()
    slow = config("16-ridge", optimizer={"kind": "momentum", "lr": 0.01, "momentum": 0.3})
    assert (path(trained(slow))[:, 0] > 0).all()


@pytest.mark.parametrize("condition", [25.0, 100.0, 400.0])
def test_at_best_settings_the_distance_shrinks_by_the_factors_of_theory(condition: float) -> None:
    root = sqrt(condition)
    contraction = (root - 1) / (root + 1)
    momentum = {"kind": "momentum", "lr": 4 / (root + 1) ** 2, "momentum": contraction**2}
    plain = {"kind": "gd", "lr": 2 / (condition + 1)}
    factors = {}
    for name, optimizer, steps in (("momentum", momentum, 40 * root), ("plain", plain, 3 * condition)):
        settings = config("16-elongated", model={"condition": condition}, steps=int(steps), stop=None)
        distances = np.linalg.norm(path(trained(settings | {"optimizer": optimizer})), axis=1)
        half = len(distances) // 2
        factors[name] = (distances[-1] / distances[half]) ** (1 / (len(distances) - 1 - half))
    assert factors["plain"] == pytest.approx((condition - 1) / (condition + 1), rel=1e-3)
    # a double root: the distance is the power times a polynomial of degree 1, which doubles over the second half
    assert factors["momentum"] == pytest.approx(contraction, abs=0.05 * (1 - contraction))
    assert log(factors["momentum"]) / log(factors["plain"]) == pytest.approx(root, rel=0.15)


def test_the_steps_needed_show_it_and_no_other_setting_of_momentum_is_better() -> None:
    found = compared(config("16-elongated"))
    assert found.unmet == []
    best = int(lines(found, "momentum")["end_step"].iloc[0])
    for lr, momentum in ((0.02, 0.669), (0.033, 0.5), (0.033, 0.85), (0.0363, 0.669)):
        optimizer = {"kind": "momentum", "lr": lr, "momentum": momentum}
        run = trained(config("16-elongated") | {"optimizer": optimizer})
        assert run.status == "diverged" or run.history["step"].iloc[-1] >= best


def test_in_a_round_bowl_it_is_a_detour() -> None:
    assert compared(config("16-round")).unmet == []
    one_step = config("16-round", model={"condition": 1}, optimizer={"lr": 1.0})
    assert trained(one_step).history["step"].iloc[-1] == 1
