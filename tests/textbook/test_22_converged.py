"""22: each small batch step comes closer; near the minimum a stochastic one steps up as often as down."""

from __future__ import annotations

import numpy as np
import pytest

from tests.textbook.made import compared, config, examples, interval, lines, path, records, trained

NEAR = {"unit": "steps", "paths": True}


@pytest.mark.parametrize(("lr", "closer"), [(0.1, True), (1.0, True), (1.9, True), (2.1, False)])
def test_batch_steps_come_closer_below_the_edge_and_leave_above_it(lr: float, closer: bool) -> None:
    # the data are made so that L = 1 and the edge is 2
    settings = config("22-closer", record=NEAR, optimizer={"lr": lr}, epochs=60, stop=None)
    X, y = examples(settings)
    best = np.linalg.lstsq(X, y, rcond=None)[0]
    run = trained(settings)
    away = np.linalg.norm(path(run) - best, axis=1)
    far = away > 1e-6 * away[0]
    steps = np.diff(away)[far[:-1]]
    assert (steps < 0).all() == closer
    loss = run.history["train_loss"].to_numpy()
    assert (np.diff(loss)[far[:-1]] < 0).all() == closer
    assert (run.status == "diverged") != closer


def test_momentum_steps_up_even_on_the_whole_batch() -> None:
    optimizer = {"kind": "momentum", "lr": 0.1, "momentum": 0.9}
    run = trained(config("22-closer", record=NEAR, epochs=60, stop=None) | {"optimizer": optimizer})
    assert (np.diff(run.history["train_loss"]) > 0).any()
    assert run.history["train_loss"].iloc[-1] < run.history["train_loss"].iloc[0]


def test_near_the_minimum_half_of_the_stochastic_steps_go_up() -> None:
    block = next(each for each in config("22-closer")["compare"]["candidates"] if each["label"] == "stochastic")
    settings = config("22-closer", record={"unit": "steps"}, epochs=8)
    found = compared(settings | {"compare": {"seeds": 8, "candidates": [block | {"expect": {}}]}})
    steps = np.diff(records(found, "stochastic", "train_loss"), axis=1)
    low, high = interval((steps[:, 200:] > 0).mean(axis=1))
    assert 0.4 < low < high < 0.6
    # far out most go down: there the examples agree
    assert interval((steps[:, :4] > 0).mean(axis=1), 0.95)[1] < 0.5


def test_batch_converges_and_stochastic_descent_does_not_until_its_rate_falls() -> None:
    found = compared(config("22-closer", compare={"seeds": 6}))
    assert found.unmet == []
    falling, constant = (
        lines(found, label)["final_excess_loss"].to_numpy() for label in ("falling rate", "stochastic")
    )
    assert interval(np.log(constant / falling), 0.95)[0] > 0


def test_a_cut_of_the_rate_tells_noise_from_convergence() -> None:
    found = compared(config("22-noise", compare={"seeds": 10}))
    assert found.unmet == []
    excess = records(found, "4 examples", "excess_loss")
    # not improving any more before the cut …
    low, high = interval(np.log(excess[:, 5:18].mean(axis=1) / excess[:, 18:31].mean(axis=1)))
    assert low < 0 < high
    # … and at a tenth of the rate about a tenth of the height
    low, high = interval(np.log(excess[:, 5:31].mean(axis=1) / excess[:, 36:].mean(axis=1)))
    assert np.log(7) < low < high < np.log(25)
    # where it is not cut it hovers on, from the same batches
    uncut = records(found, "4 examples, not cut", "excess_loss")
    np.testing.assert_array_equal(uncut[:, :31], excess[:, :31])
    low, high = interval(np.log(uncut[:, 5:31].mean(axis=1) / uncut[:, 36:].mean(axis=1)))
    assert low < 0 < high
    batch = records(found, "batch", "train_loss")
    assert np.abs(batch[:, 31:] / batch[:, 30:31] - 1).max() < 1e-6
