"""What `record:` measures along the way: each gauge against numbers from elsewhere, alone and together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.experiment.config import ConfigError, load
from gdrun.experiment.gauges import GAUGES
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.training import train, train_tile

NETWORK: dict[str, Any] = {
    "dataset": {"kind": "blobs", "examples": 60, "classes": 3, "validation": 0},
    "model": {"kind": "mlp", "hidden": [5], "activation": "tanh"},
    "descent": {"variant": "minibatch", "batch_size": 16},
    "epochs": 4,
    "optimizer": {"kind": "momentum", "lr": 0.1},
}
BOWL: dict[str, Any] = {
    "model": {"kind": "surface", "function": "quadratic", "condition": 20.0, "start": [4.0, 1.0]},
    "optimizer": {"kind": "gd", "lr": 0.05},
    "steps": 6,
}
LINE: dict[str, Any] = {
    "dataset": {"kind": "linear", "examples": 8, "features": 1, "noise": 0.5, "validation": 0},
    "model": {"kind": "linear", "initial": [0.0, 0.0]},
    "optimizer": {"kind": "gd", "lr": 0.1},
    "descent": "batch",
    "epochs": 2,
}


def posed(base: dict[str, Any], **changes: Any) -> Problem:
    return pose(load({**base, **changes}))


def column(run: Finished, name: str) -> list[Any]:
    return [row.get(name) for row in run.history]


def test_plain_descent_leaves_the_contour_at_right_angles() -> None:
    for base in (BOWL, {**NETWORK, "optimizer": {"kind": "gd", "lr": 0.1}, "descent": "batch"}):
        angles = column(train(posed(base, record={"step_angle": 1})), "step_angle")
        assert angles == pytest.approx([90.0] * len(angles), abs=1e-4)


def test_the_angle_of_a_step_that_is_not_straight_down() -> None:
    # at (4, 1) the bowl ½(x² + 20 y²) has the slope (4, 20); Lion steps by its signs, (1, 1)
    run = train(posed(BOWL, optimizer={"kind": "lion", "lr": 0.01}, record={"step_angle": 1}))
    cosine = (4 + 20) / np.sqrt(2 * (4**2 + 20**2))
    assert column(run, "step_angle")[0] == pytest.approx(90 - np.degrees(np.arccos(cosine)))


def test_the_angle_of_momentum_is_that_of_the_step_it_takes() -> None:
    momentum = {"kind": "momentum", "lr": 0.01, "momentum": 0.9}
    run = train(posed(BOWL, steps=30, optimizer=momentum, record={"step_angle": 1, "paths": True}))
    steps = np.diff(run.path["parameters"], axis=0)
    slopes = run.path["parameters"][:-1] * [1, 20]
    cosines = -(steps * slopes).sum(axis=1) / np.linalg.norm(steps, axis=1) / np.linalg.norm(slopes, axis=1)
    assert column(run, "step_angle")[:-1] == pytest.approx(90 - np.degrees(np.arccos(cosines)), abs=1e-4)
    assert min(column(run, "step_angle")) < 0  # the ball climbs on the other side


def test_the_noise_is_the_covariance_of_the_examples_gradients() -> None:
    problem = posed(LINE, record={"gradient_noise": 1})
    assert problem.train is not None
    gradients = -problem.train.X * problem.train.Y  # (ŷ - y) x at the origin
    expected = np.var(gradients, axis=0).sum()
    assert column(train(problem), "gradient_noise")[0] == pytest.approx(expected)


def test_of_a_surface_it_is_the_noise_that_it_was_given() -> None:
    run = train(posed({**BOWL, "model": {**BOWL["model"], "noise": 0.3}}, record={"gradient_noise": 2}))
    assert [value for value in column(run, "gradient_noise") if value is not None] == pytest.approx([2 * 0.3**2] * 4)


def test_the_layers_gradients_make_up_the_whole() -> None:
    run = train(posed(NETWORK, record={"layers": 2}))
    for row in run.history[::2]:
        assert np.hypot(row["gradient_norm_1"], row["gradient_norm_2"]) == pytest.approx(row["gradient_norm"])
    assert run.history[1].get("gradient_norm_1") is None


@pytest.mark.parametrize("gauge", GAUGES)
def test_it_changes_no_run_and_is_the_same_alone_and_together(gauge: str) -> None:
    problems = [posed(NETWORK, seed=seed, record={gauge: 1}) for seed in range(3)]
    alone = [train(problem) for problem in problems]
    names = [name for name in alone[0].history[0] if name != "seconds"]
    for one, other in zip(alone, train_tile(problems), strict=True):
        assert [[row[name] for name in names] for row in one.history] == [
            [row[name] for name in names] for row in other.history
        ]
    plain = [train(posed(NETWORK, seed=seed)) for seed in range(3)]
    assert [column(run, "train_loss") for run in alone] == [column(run, "train_loss") for run in plain]


def test_a_surface_has_no_layers() -> None:
    with pytest.raises(ConfigError, match=r"record\.layers: a surface has no layers"):
        load({**BOWL, "record": {"layers": 1}})
