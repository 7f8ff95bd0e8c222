"""What is recorded, when, and what is kept as the best."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.descent.loop import Rows, descend
from gdrun.descent.objectives import DataObjective
from gdrun.descent.state import Recording, begin
from tests.cases import MODELS, VariantCase
from tests.descent.scripted import scripted
from tests.descent.setups import LINEAR, NAN, each_unit, learning, plan, start, train


@each_unit
@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_epoch_0_every_so_many_and_the_last_step_are_recorded(every: int, unit: str) -> None:
    _, watch = scripted([[1.0] * 12], per_epoch=2, recording=Recording(every=every, unit=unit))
    apart = every * (2 if unit == "epochs" else 1)
    assert watch.column(0, "step").tolist() == sorted({*range(0, 12, apart), 11})


@pytest.mark.parametrize("changed", [{"weight_decay": 0.5, "clip_norm": 0.1}, {"weight_decay": 0.0}], ids=str)
@pytest.mark.parametrize("optimizer", ["gd", "momentum", "adamw"])
def test_what_a_minibatch_row_holds(optimizer: str, changed: dict[str, Any]) -> None:
    seeds, l2 = [4, 5], [0.3, 0.7]
    objective = learning(LINEAR, variant=VariantCase("", 3), seeds=seeds, l2=l2, m=7, held_out=5)
    settings = [{"lr": 0.2, **changed}] * 2
    recording = Recording(every=2, unit="steps", batch_loss=True, parameters=True)
    schedule = ("exponential", [{"decay": 0.5, "unit": "steps"}])
    descent = plan(objective, 8, (optimizer, settings), schedule, recording=recording)
    outcomes, watch = train(descent, start(objective, seeds))
    for run in range(2):
        rows = watch.rows[run]
        assert [row["step"] for row in rows] == list(range(9))
        assert [row["examples"] for row in rows] == [0, 3, 6, 7, 10, 13, 14, 17, 20]
        np.testing.assert_array_equal(watch.column(run, "lr"), [NAN, *(0.2 * 0.5**k for k in range(8))])
        for row in rows:
            w = row["parameters"]
            penalty = l2[run] / 2 * np.sum(w[:-1] ** 2)
            order = objective.batches.order(row["step"] // 3)[run]
            first = row["step"] % 3 * 3
            X, t = objective.train.X[order][first : first + 3], objective.train.Y[order, 0][first : first + 3]
            errors = X @ w - t  # of one example where the batch is the short last one
            assert len(errors) == (1 if row["step"] % 3 == 2 else 3)
            assert row["batch_loss"] == pytest.approx(np.mean(errors**2) / 2 + penalty, rel=1e-12)
            gradient = X.T @ errors / len(errors) + l2[run] * np.array([*w[:-1], 0])
            assert row["gradient_norm"] == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
            assert_evaluated(row, objective, penalty, due=row["step"] % 2 == 0)
        np.testing.assert_array_equal(outcomes[run].parameters, rows[-1]["parameters"])


def assert_evaluated(row: dict[str, Any], objective: DataObjective, penalty: float, *, due: bool) -> None:
    """Losses and metrics by hand: the training loss with the penalty, validation without; weight decay in neither."""
    assert objective.held_out is not None
    assert ("train_loss" in row) == due
    w = row["parameters"]
    for name, examples in (("train", objective.train), ("validation", objective.held_out)):
        if not due:
            continue
        squares, t = (examples.X @ w - examples.Y[:, 0]) ** 2, examples.Y[:, 0]
        assert row[f"{name}_loss"] == pytest.approx(squares.mean() / 2 + (penalty if name == "train" else 0), rel=1e-12)
        assert row[f"{name}_rmse"] == pytest.approx(np.sqrt(squares.mean()), rel=1e-12)
        assert row[f"{name}_r2"] == pytest.approx(1 - squares.sum() / np.sum((t - t.mean()) ** 2), rel=1e-10)


def test_rmse_is_in_the_targets_own_unit() -> None:
    base = learning(LINEAR)
    scaled = DataObjective(base.network, base.loss, base.l2, base.train, base.held_out, base.batches, target_scale=50.0)
    point = start(base, [0])
    plain, own = base.validation(point), scaled.validation(point)
    assert own["validation_rmse"] == pytest.approx(50 * plain["validation_rmse"], rel=1e-14)
    assert own["validation_loss"] == plain["validation_loss"]


@pytest.mark.parametrize("name", ["logistic", "softmax", "neuron", "mlp"])
def test_accuracy_counts_the_examples_told_right(name: str) -> None:
    case = next(case for case in MODELS if case.name == name)
    objective = learning(case)
    point = start(objective, [1])
    (W,) = objective.network.weights(point) if name != "mlp" else (None,)
    X, labels = objective.train.X, objective.train.labels
    assert labels is not None
    if W is None:
        first, second = objective.network.weights(point)
        scores = np.column_stack([np.maximum(X @ first[0], 0), np.ones(len(X))]) @ second[0]
    else:
        scores = X @ W[0]
    told = scores.argmax(axis=1) if scores.shape[1] > 1 else (scores[:, 0] > 0).astype(int)
    right = int(np.sum(told == labels))
    assert 0 < right < len(X)
    assert objective.training(point)["train_accuracy"] == right / len(X)


def test_the_best_is_by_validation_loss_once_per_epoch_and_its_parameters_are_kept() -> None:
    train_losses = [[9.0 - i for i in range(9)]] * 2
    held_out = [[5.0, 0, 4, 0, 3, 0, 6, 0, 7], [5.0, 9, 6, 9, 7, 9, 8, 9, 9]]  # odd steps: inside an epoch
    outcomes, _ = scripted(train_losses, held_out, per_epoch=2, recording=Recording(every=100))
    assert [(outcomes[run].best_loss, outcomes[run].best_step) for run in (0, 1)] == [(3, 4), (5, 0)]
    assert [outcomes[run].best_parameters.tolist() for run in (0, 1)] == [[4], [0]]
    assert [outcomes[run].parameters.tolist() for run in (0, 1)] == [[8], [8]]
    without = scripted([[5.0, 4, 3, 4, 5]])[0][0]
    assert (without.best_loss, without.best_step, without.best_parameters.tolist()) == (3, 2, [2])


def test_a_tie_is_no_better() -> None:
    assert scripted([[5.0, 3, 3, 3, 4]])[0][0].best_step == 1


def test_seconds_grow_and_the_row_of_the_start_has_hardly_any() -> None:
    seen: list[Rows] = []
    objective = learning(LINEAR)
    descent = plan(objective, 50, ("gd", [{"lr": 0.1}]))
    outcome = descend(descent, begin(descent, start(objective, [0])), seen.append)[0]
    seconds = [rows.seconds for rows in seen]
    assert seconds == sorted(seconds)
    assert 0 < seconds[0] < seconds[-1] <= outcome.seconds < 5
