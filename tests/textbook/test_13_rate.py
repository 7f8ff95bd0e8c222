"""13: the largest stable rate is 2/L, wherever one stands on a bowl; elsewhere it depends on where one stands."""

from __future__ import annotations

import numpy as np
import pytest

from tests.textbook.made import compared, config, lines, path, paths, records, trained

L, MU = 20.0, 1.0


@pytest.mark.parametrize("start", [[0.04, 0.01], [4.0, 1.0], [400.0, 100.0]])
@pytest.mark.parametrize(("share", "settles"), [(0.1, True), (0.99, True), (1.01, False), (1.5, False)])
def test_on_a_bowl_the_edge_is_the_same_near_and_far(start: list[float], share: float, settles: bool) -> None:
    lr = share * 2 / L
    run = trained(config("13-edge", model={"start": start, "bounds": 1e9}, optimizer={"lr": lr}, steps=400))
    x, y = path(run).T
    # each coordinate keeps its own share of the distance in every step
    along, across = np.abs(1 - lr * np.array([MU, L]))
    steps = np.arange(len(x))
    np.testing.assert_allclose(np.abs(x), start[0] * along**steps, rtol=1e-9)
    np.testing.assert_allclose(np.abs(y), start[1] * across**steps, rtol=1e-9)
    assert run.status == ("finished" if settles else "diverged")
    assert (run.history["train_loss"].iloc[-1] < run.history["train_loss"].iloc[0]) == settles


def test_between_half_the_edge_and_the_edge_it_bounces_and_settles() -> None:
    found = compared(config("13-edge"))
    assert found.unmet == []
    sides = {label: np.sign(paths(found, label)[0][:30, 1]) for label in ("slow", "bouncing", "above the edge")}
    assert (sides["slow"] == 1).all()
    for bouncing in ("bouncing", "above the edge"):
        assert (sides[bouncing][1:] == -sides[bouncing][:-1]).all()
    # above the edge the loss may rise from the first step on; below it never does
    assert (np.diff(records(found, "above the edge", "train_loss")[0]) > 0).all()
    for label in ("slow", "good", "bouncing"):
        assert (np.diff(records(found, label, "train_loss")[0]) < 0).all()


def test_a_rate_that_pays_on_the_plain_is_too_large_in_the_hole() -> None:
    found = compared(config("13-near"))
    assert found.unmet == []
    # on its way in the large rate is ahead of the small one, which is safe, and slow
    small, large = (records(found, label, "train_loss")[0] for label in ("small", "large"))
    assert (large[1:] < small[1:]).all()
    assert (np.diff(small) < 0).all()
    # x(1 - lr exp(-x²/2)) = -x where lr exp(-x²/2) = 2: the height there is 1 - 2/lr
    for lr in (2.2, 2.5, 3.0):
        run = trained(config("13-near", optimizer={"lr": lr}, steps=200))
        assert run.history["train_loss"].iloc[-1] == pytest.approx(1 - 2 / lr, rel=1e-6)
    assert trained(config("13-near", optimizer={"lr": 1.9}, steps=200)).status == "converged"


@pytest.mark.parametrize("lr", [0.05, 0.1])
def test_a_rate_that_settles_at_the_bottom_is_too_large_on_the_walls(lr: float) -> None:
    # a step overshoots to a higher place on the other side where lr · 4(x² - 1) > 2
    edge = np.sqrt(1 + 0.5 / lr)
    for share, status in ((0.9, "finished"), (1.1, "diverged")):
        run = trained(config("13-far", model={"start": [edge * share, 1.0], "tilt": 0.01}, optimizer={"lr": lr}))
        assert run.status == status


def test_the_config_shows_both() -> None:
    found = compared(config("13-far"))
    assert found.unmet == []
    assert lines(found, "far")["cause"].str.contains("uphill|above").all()
