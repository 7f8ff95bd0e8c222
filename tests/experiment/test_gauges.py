"""What `record:` measures along the way: each gauge against numbers from elsewhere, alone and together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.experiment.config import ConfigError, load
from gdrun.experiment.gauges import GAUGES
from gdrun.experiment.gauges.outcomes import columns
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.stack import batches
from gdrun.experiment.training import train
from tests.experiment.trained import in_one_stack

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


@pytest.mark.parametrize("loss", ["half_mse", "sum_squares"])
@pytest.mark.parametrize("replacement", [False, True])
def test_a_batch_s_noise_is_what_it_strays_from_the_mean_of_all(loss: str, replacement: bool) -> None:
    descent = {"variant": "minibatch", "batch_size": 3, "replacement": replacement}  # of 8: 3, 3 and 2
    model = {"kind": "linear", "initial": [0.0, 0.0], "l2": 0.3}
    problem = posed(
        LINE, model=model, loss=loss, descent=descent, record={"gradient_noise": 1, "unit": "steps"}, epochs=1
    )
    again = posed(LINE, model=model, loss=loss, descent=descent, record={"unit": "steps", "paths": True}, epochs=1)
    assert problem.train is not None
    X, Y = problem.train.X, problem.train.Y
    (order,) = batches([problem]).order(0)
    seen = [order[:3], order[3:6], order[6:]]
    for place, some, noise in zip(
        train(again).path["parameters"], seen, column(train(problem), "batch_noise"), strict=False
    ):
        gradients = X * (X @ place[:, None] - Y)  # of half the square
        strayed = gradients[some].mean(axis=0) - gradients.mean(axis=0)
        assert noise == pytest.approx(strayed @ strayed)


def test_in_the_mean_it_is_the_noise_of_one_over_the_batch_size() -> None:
    descent = {"variant": "minibatch", "batch_size": 4}
    found = train(
        posed(LINE, optimizer={"kind": "gd", "lr": 1e-9}, descent=descent, record={"gradient_noise": 1}, epochs=600)
    )
    noise = np.array(column(found, "batch_noise"))
    half_width = 3.3 * noise.std() / np.sqrt(len(noise))
    expected = column(found, "gradient_noise")[0] / 4 * (8 - 4) / (8 - 1)
    assert noise.mean() - half_width < expected < noise.mean() + half_width
    assert half_width < 0.2 * expected


def test_all_examples_make_no_noise() -> None:
    assert column(train(posed(LINE, record={"gradient_noise": 1})), "batch_noise") == [0.0] * 3


def test_of_a_surface_it_is_the_noise_that_it_was_given() -> None:
    run = train(posed({**BOWL, "model": {**BOWL["model"], "noise": 0.3}}, record={"gradient_noise": 2}))
    assert [value for value in column(run, "gradient_noise") if value is not None] == pytest.approx([2 * 0.3**2] * 4)


def test_the_layers_gradients_make_up_the_whole() -> None:
    run = train(posed(NETWORK, record={"layers": 2}))
    for row in run.history[::2]:
        assert np.hypot(row["gradient_norm_1"], row["gradient_norm_2"]) == pytest.approx(row["gradient_norm"])
    assert run.history[1].get("gradient_norm_1") is None


def test_runs_csv_keeps_first_and_last_mean_and_extremes() -> None:
    momentum = {"kind": "momentum", "lr": 0.01, "momentum": 0.9}
    run = train(posed(BOWL, steps=30, optimizer=momentum, record={"step_angle": 7, "sharpness": 4}))
    angles = [angle for angle in column(run, "step_angle") if angle is not None]
    assert len(angles) == 5
    kept = [run.row[f"{look}_step_angle"] for look in ("first", "final", "mean", "lowest", "highest")]
    assert kept == pytest.approx([angles[0], angles[-1], sum(angles) / 5, sorted(angles)[0], sorted(angles)[-1]])
    # before the first step there is no rate, and so no limit
    assert run.row["first_stability_limit"] == run.row["mean_stability_limit"] == pytest.approx(200)
    assert not any(name.endswith("batch_noise") for name in run.row)


def test_at_the_bottom_there_is_no_angle_and_the_mean_is_over_the_others() -> None:
    # with lr 1 the round bowl's bottom is reached in the first step
    bowl = {"kind": "surface", "function": "quadratic", "condition": 1, "start": [3.0, 4.0]}
    run = train(posed(BOWL, model=bowl, optimizer={"kind": "gd", "lr": 1.0}, record={"step_angle": 1}))
    assert run.row["mean_step_angle"] == run.row["final_step_angle"] == pytest.approx(90)
    at_rest = train(posed(BOWL, model=bowl | {"start": [0.0, 0.0]}, record={"step_angle": 1}))
    assert at_rest.row["mean_step_angle"] is None


def test_every_layer_has_its_outcomes() -> None:
    run = train(posed(NETWORK, record={"layers": 1}))
    for layer in (1, 2):
        assert run.row[f"highest_gradient_norm_{layer}"] == max(column(run, f"gradient_norm_{layer}"))
    names = columns(posed(NETWORK, record={"layers": 1}).settings["record"], 2)
    assert set(names) == {name for name in run.row if "_gradient_norm" in name}
    with pytest.raises(ConfigError, match=r"expect\.final_gradient_norm_3: the model has 2 layers"):
        posed(NETWORK, record={"layers": 1}, expect={"final_gradient_norm_3": {"at_most": 1.0}})


@pytest.mark.parametrize("kind", ["gd", "momentum", "adam"])
@pytest.mark.parametrize("gauge", GAUGES)
def test_it_changes_no_run_and_is_the_same_alone_and_together(
    gauge: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    optimizers = [{"kind": kind, "lr": lr} for lr in (0.1, 0.02, 0.3)]
    problems = [
        posed(NETWORK, seed=seed, record={gauge: 1}, optimizer=optimizer) for seed, optimizer in enumerate(optimizers)
    ]
    alone = [train(problem) for problem in problems]
    names = [name for name in alone[0].history[0] if name != "seconds"]
    for one, other in zip(alone, in_one_stack(problems, monkeypatch), strict=True):
        assert [[row[name] for name in names] for row in one.history] == [
            [row[name] for name in names] for row in other.history
        ]
    plain = [train(posed(NETWORK, seed=seed, optimizer=optimizer)) for seed, optimizer in enumerate(optimizers)]
    assert [column(run, "train_loss") for run in alone] == [column(run, "train_loss") for run in plain]


@pytest.mark.parametrize("kind", ["gd", "momentum"])
def test_of_the_first_step_it_depends_on_no_rate(kind: str) -> None:
    descent = {"variant": "minibatch", "batch_size": 4}
    for record, name in (("step_angle", "step_angle"), ("layers", "gradient_norm_1")):
        first = [
            column(train(posed(LINE, optimizer={"kind": kind, "lr": lr}, descent=descent, record={record: 1})), name)[0]
            for lr in (1e-3, 1e-200, 1e200)
        ]
        assert first == pytest.approx([first[0]] * 3, rel=1e-12)
        assert 0 < first[0] != pytest.approx(90)


def test_it_counts_in_the_unit_of_the_records() -> None:
    # 60 examples in batches of 16: four steps an epoch
    for unit, steps in (("epochs", [0, 8, 16]), ("steps", list(range(0, 17, 2)))):
        run = train(posed(NETWORK, record={"layers": 2, "every": 100, "unit": unit}))
        measured = [row["step"] for row in run.history if row.get("gradient_norm_1") is not None]
        assert measured == steps


def test_a_surface_has_no_layers() -> None:
    with pytest.raises(ConfigError, match=r"record\.layers: a surface has no layers"):
        load({**BOWL, "record": {"layers": 1}})
