"""Schedules in a descent: epochs or steps, whatever is recorded."""

from __future__ import annotations

import numpy as np
import pytest

from gdrun.descent.state import Recording
from tests.cases import VariantCase
from tests.descent.setups import LINEAR, each_unit, learning, plan, start, train


@each_unit
@pytest.mark.parametrize(
    "variant", [VariantCase("batch", None), VariantCase("minibatch", 8)], ids=lambda case: case.name
)
def test_plateau_looks_once_per_epoch_from_the_first_on_whatever_is_recorded(variant: VariantCase, unit: str) -> None:
    # So small a rate changes nothing: epoch 1 is the best, the second after it without a better one halves the rate.
    objective = learning(LINEAR, variant=variant)
    schedule = "plateau", [{"patience": 1.0, "decay": 0.5, "unit": unit}]
    recording = Recording(every=3, batch_loss=True)
    descent = plan(objective, 7 * objective.per_epoch, ("gd", [{"lr": 1e-300}]), schedule, recording=recording)
    rates = train(descent, start(objective, [0]))[1].column(0, "lr")
    expected = np.repeat([1, 1, 1, 0.5, 0.5, 0.25, 0.25], objective.per_epoch)
    np.testing.assert_array_equal(rates[1:], 1e-300 * expected)


@each_unit
def test_a_schedule_counts_epochs_or_steps(unit: str) -> None:
    runs = [{"decay": 0.5, "unit": unit}, {"decay": 0.25, "unit": unit}]
    recording = Recording(every=9, batch_loss=True)
    objective = learning(LINEAR, variant=VariantCase("minibatch", 8), seeds=[0, 0], l2=[0, 0])
    descent = plan(objective, 600, ("gd", [{"lr": 0.5}, {"lr": 0.25}]), ("inverse_time", runs), recording=recording)
    _, watch = train(descent, start(objective, [0, 0]))
    t = np.arange(600) // (3 if unit == "epochs" else 1)
    np.testing.assert_allclose(watch.column(0, "lr")[1:], 0.5 / (1 + 0.5 * t), rtol=1e-14)
    np.testing.assert_allclose(watch.column(1, "lr")[1:], 0.25 / (1 + 0.25 * t), rtol=1e-14)


@pytest.mark.parametrize(("optimizer", "kept"), [("gd", 0.0), ("momentum", 0.9)])
def test_each_step_is_the_rate_of_its_time_times_the_gradients_so_far(optimizer: str, kept: float) -> None:
    objective = learning(LINEAR, seeds=[0, 0], l2=[0, 0])
    recording = Recording(parameters=True, batch_loss=True)
    runs = [{"lr": 0.3}, {"lr": 0.02}]
    descent = plan(objective, 9, (optimizer, runs), ("step", [{"every": 3, "decay": 0.1}]), recording=recording)
    rows = train(descent, start(objective, [0, 0]))[1].rows
    X, t = objective.train.X, objective.train.Y[:, 0]
    for run, settings in enumerate(runs):
        w = rows[run][0]["parameters"]
        velocity = np.zeros_like(w)
        for step in range(9):
            velocity = kept * velocity + X.T @ (X @ w - t) / len(X)
            w = w - settings["lr"] * 0.1 ** (step // 3) * velocity
            np.testing.assert_allclose(rows[run][step + 1]["parameters"], w, rtol=1e-11)


@each_unit
def test_a_schedule_without_a_length_ends_with_the_budget(unit: str) -> None:
    objective = learning(LINEAR, variant=VariantCase("minibatch", 8))
    schedule = "linear", [{"unit": unit}]
    descent = plan(objective, 30, ("gd", [{"lr": 1.0}]), schedule, recording=Recording(batch_loss=True))
    rates = train(descent, start(objective, [0]))[1].column(0, "lr")[1:]
    expected = 1 - np.arange(30) / 30 if unit == "steps" else 1 - np.arange(30) // 3 / 10
    np.testing.assert_allclose(rates, expected, rtol=1e-12)
