from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from gdrun.descent.examples import Examples
from gdrun.descent.loop import Outcome, Rows, descend
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array, Numbers, Selectable
from gdrun.descent.state import Descent, Recording, State, begin
from gdrun.descent.stopping import Stop
from tests.cases import MODELS, SURFACES, ModelCase, VariantCase
from tests.descent.setups import FLOAT64, Watch, learning, plan, start, surface, train

LINEAR = next(case for case in MODELS if case.name == "linear")
INF, NAN = float("inf"), float("nan")

each_unit = pytest.mark.parametrize("unit", ["epochs", "steps"])


@dataclass(frozen=True)
class Scripted(Selectable):
    """Losses as written down, (R, steps + 1): the only parameter counts the steps, its gradient is -1."""

    train: Array
    held_out: Array | None = None
    batch: Array | None = None
    per_epoch: int = 1

    def examples(self, step: int) -> int:
        return step

    def loss_and_gradient(self, parameters: Array, step: int, gradient: Array) -> Numbers:
        gradient[:] = -1
        batch = np.zeros((len(parameters), 1)) if self.batch is None else self.at(self.batch, parameters)[:, None]
        return batch

    def training(self, parameters: Array) -> dict[str, Array]:
        return {"train_loss": self.at(self.train, parameters)}

    def validation(self, parameters: Array) -> dict[str, Array]:
        return {} if self.held_out is None else {"validation_loss": self.at(self.held_out, parameters)}

    def at(self, script: Array, parameters: Array) -> Array:
        return np.array([line[int(step)] for line, step in zip(script, parameters[:, 0], strict=True)])


def scripted(
    losses: Sequence[Sequence[float]],
    held_out: Sequence[Sequence[float]] | None = None,
    batch: Sequence[Sequence[float]] | None = None,
    per_epoch: int = 1,
    **rest: Any,
) -> tuple[dict[int, Outcome], Watch]:
    """What becomes of runs with these losses; the budget is what is written."""
    held, batches = (None if script is None else np.array(script, float) for script in (held_out, batch))
    objective = Scripted(np.array(losses, float), held, batches, per_epoch)
    steps = rest.pop("steps", objective.train.shape[1] - 1)
    descent = plan(objective, steps, ("gd", [{"lr": 1.0}] * len(losses)), **rest)
    return train(descent, np.zeros((len(losses), 1)))


def ends(outcomes: dict[int, Outcome]) -> list[tuple[str, int]]:
    return [(outcomes[run].status, outcomes[run].step) for run in sorted(outcomes)]


# ---- closed forms


def test_descent_on_a_quadratic_contracts_by_1_minus_lr_curvature() -> None:
    case = next(case for case in SURFACES if case.name == "quadratic-3")
    rates = np.array([0.001, 0.01, 0.0199, 0.02])
    objective = surface(case, [{}] * 4, [0] * 4, FLOAT64)
    descent = plan(objective, 50, ("gd", [{"lr": lr} for lr in rates]), recording=Recording(parameters=True))
    outcomes, watch = train(descent, np.tile([4.0, -1.0, 2.0], (4, 1)))
    curvature, steps = np.array([1.0, 10.0, 100.0]), np.arange(51)[:, None]
    for run, lr in enumerate(rates):
        path = watch.column(run, "parameters")
        np.testing.assert_allclose(path, [4, -1, 2] * (1 - lr * curvature) ** steps, rtol=1e-10)
        np.testing.assert_allclose(watch.column(run, "train_loss"), path**2 @ curvature / 2, rtol=1e-12)
        np.testing.assert_allclose(
            watch.column(run, "gradient_norm"), np.linalg.norm(path * curvature, axis=1), rtol=1e-12
        )
    assert {outcome.status for outcome in outcomes.values()} == {"finished"}


def test_descent_beyond_2_over_the_curvature_diverges() -> None:
    case = next(case for case in SURFACES if case.name == "quadratic-3")  # steepest: 100
    descent = plan(surface(case, [{}] * 2, [0] * 2, FLOAT64), 5000, ("gd", [{"lr": 0.0199}, {"lr": 0.0201}]))
    outcomes, _ = train(descent, np.ones((2, 3)))
    assert [outcomes[run].status for run in (0, 1)] == ["finished", "diverged"]


@pytest.mark.parametrize("l2", [0.0, 0.4])
@pytest.mark.parametrize("loss", ["half_mse", "mse", "sum_squares"])
def test_batch_descent_reaches_the_normal_equations_solution(loss: str, l2: float) -> None:
    objective = learning(LINEAR, loss=loss, l2=[l2])
    X, t, m = objective.train.X, objective.train.Y[:, 0], objective.train.m
    curvature = {"half_mse": 1, "mse": 2, "sum_squares": m}[loss]
    outcomes, watch = train(plan(objective, 2000, ("gd", [{"lr": 0.3 / curvature}])), start(objective, [0]))
    penalty = l2 / curvature * np.diag([1.0, 1, 1, 0])  # not of the bias
    expected = np.linalg.solve(X.T @ X / m + penalty, X.T @ t / m)
    if l2 == 0:
        np.testing.assert_allclose(expected, np.linalg.lstsq(X, t)[0], rtol=1e-12)
    np.testing.assert_allclose(outcomes[0].parameters, expected, rtol=1e-10)
    assert watch.rows[0][-1]["gradient_norm"] < 1e-12 * m


def test_logistic_regression_on_two_points_by_hand() -> None:
    # x = 1 is class 1, x = -1 class 0; b stays 0 by symmetry, w grows by lr / (1 + e^w).
    base = learning(next(case for case in MODELS if case.name == "logistic"), features=1)
    labels = np.array([1, 0])
    examples = Examples(np.array([[1.0, 1.0], [-1.0, 1.0]]), labels[:, None].astype(float), labels)
    objective = DataObjective(base.network, base.loss, base.l2, examples, None, replace(base.batches, m=2))
    descent = plan(objective, 40, ("gd", [{"lr": 0.5}]), recording=Recording(parameters=True))
    watch, w = train(descent, np.zeros((1, 2)))[1], [0.0]
    for _ in range(40):
        w.append(w[-1] + 0.5 / (1 + np.exp(w[-1])))
    np.testing.assert_allclose(
        watch.column(0, "parameters"), np.column_stack([w, np.zeros(41)]), rtol=1e-12, atol=1e-15
    )
    np.testing.assert_allclose(watch.column(0, "train_loss"), np.log1p(np.exp(-np.array(w))), rtol=1e-12)
    assert watch.column(0, "train_accuracy").tolist() == [0.5] + [1.0] * 40


# ---- how runs end


def test_every_status_in_one_stack() -> None:
    train_losses: list[list[float]] = [
        [8, 7, 6, 5, 4, 3, 2, 1, 0.9],  # to the end
        [8, 7, 6, 6.0005, 4, 3, 2, 1, 1],  # an epoch changes less than a thousandth
        [8, 7, 6, 5, 4, 3, 2, 1, 1],  # good enough on validation
        [8, 7, 6, 5, 4, 3, 2, 1, 1],  # validation gets worse
        [8, 9, 8.5, 50, 8001, 9000, 1, 1, 1],  # a thousand times the first
        [8, 9, NAN, 1, 1, 1, 1, 1, 1],  # no number
        [8, 9, 10, 11, 12, 13, 14, 15, 16],  # ends rising
    ]
    falling = [9.0, 8, 7, 6, 5, 4, 3, 2, 2]
    good, worse = [9.0, 8, 0.4, 0.3, 0.2, 0.1, 0, 0, 0], [9.0, 8, 7, 8, 9, 10, 9, 9, 9]
    held_out = [falling, falling, good, worse, falling, falling, falling]
    stop, baseline = Stop(patience=3, tolerance=1e-3, loss=0.4), np.ones(7)
    outcomes, watch = scripted(train_losses, held_out, stop=stop, baseline=baseline)
    expected = [
        ("finished", 8, ""),
        ("converged", 3, "tolerance"),
        ("converged", 2, "reached 0.4"),
        ("stopped", 5, "3 epochs"),
        ("diverged", 4, "1000 times"),
        ("diverged", 2, "no longer finite"),
        ("diverged", 8, "still rising"),
    ]
    found = [(outcomes[run].status, outcomes[run].step) for run in range(7)]
    assert found == [(status, step) for status, step, _ in expected]
    for run, (_, _, word) in enumerate(expected[2:], 2):
        assert word in outcomes[run].cause
    assert outcomes[0].cause == ""
    assert "less than 0.001" in outcomes[1].cause
    # The last row is that of the end, and none comes after it.
    assert [watch.rows[run][-1]["step"] for run in range(7)] == [step for _, step, _ in expected]


def test_the_first_thing_that_happens_wins_and_divergence_comes_first() -> None:
    flat = [5.0, 5, 5, 5]
    # At the third step: the budget's end, no change, patience, and a loss that is good enough.
    assert ends(scripted([flat], stop=Stop(patience=1, tolerance=0.1, loss=9))[0]) == [("converged", 0)]
    assert ends(scripted([flat], stop=Stop(patience=1, tolerance=0.1))[0]) == [("converged", 1)]
    assert ends(scripted([flat], stop=Stop(patience=3))[0]) == [("stopped", 3)]
    assert ends(scripted([[5.0, 4, 3, 3]], stop=Stop(tolerance=0.1))[0]) == [("converged", 3)]
    blown = scripted([[1.0, 1, 1, 2000]], [[1.0, 1, 1, 0]], stop=Stop(loss=0.5), baseline=np.ones(1))
    assert ends(blown[0]) == [("diverged", 3)]
    # A validation loss that is no number, and a batch loss of a step that is not recorded.
    assert ends(scripted([flat], [[1.0, INF, 1, 1]])[0]) == [("diverged", 1)]
    lost = scripted([flat], batch=[[1.0, 1, NAN, 1]], recording=Recording(every=10))
    assert (ends(lost[0]), lost[1].column(0, "step").tolist()) == ([("diverged", 2)], [0, 2])


def test_a_thousand_times_the_larger_of_the_first_loss_and_the_best_constants() -> None:
    losses = [[1.0, 900, 1001, 1, 1]] * 2 + [[20.0, 19_000, 19_999, 20_001, 1]]
    outcomes, _ = scripted(losses, baseline=np.array([0.5, 10.0, 10.0]))
    assert ends(outcomes) == [("diverged", 2), ("finished", 4), ("diverged", 3)]
    # Only what is evaluated counts: with a validation set, the training loss of what is recorded.
    few = Recording(every=4)
    assert ends(scripted(losses[:1], [[1.0] * 5], baseline=np.ones(1), recording=few)[0]) == [("finished", 4)]


def test_what_ends_high_but_falling_has_not_diverged() -> None:
    assert ends(scripted([[1.0, 9, 8, 7, 6, 5, 4, 3]])[0]) == [("finished", 7)]
    assert ends(scripted([[4.0, 1, 1, 1, 1, 1, 2, 3.9]])[0]) == [("finished", 7)]  # rising, but below the first
    # The last quarter (7, 7) is above both of the one before (5, 6), or above their mean alone (5, 8).
    assert ends(scripted([[1.0, 9, 9, 9, 5, 6, 7, 7]])[0]) == [("diverged", 7)]
    assert ends(scripted([[1.0, 9, 9, 9, 5, 8, 7, 7]])[0]) == [("finished", 7)]


def test_what_hovers_above_where_it_began_has_not_diverged() -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, (200, 40)).clip(-0.9, 0.9)
    losses = np.hstack([np.ones((200, 1)), 2 + noise])
    hovering = [status for status, _ in ends(scripted(losses.tolist())[0])]
    assert hovering.count("diverged") <= 2  # a mean of ten is above all of ten others in about one of 200
    growing = [status for status, _ in ends(scripted((losses * 1.2 ** np.arange(41)).tolist())[0])]
    assert set(growing) == {"diverged"}


def test_a_run_stopped_by_patience_while_it_rises_has_diverged_and_no_other_with_it() -> None:
    rising = [1.0, 2, 3, 4, 5, 6, 7, 0.5, 0.4]
    outcomes, _ = scripted(
        [rising, rising], [[1.0, 2, 2, 2] + [2] * 5, [9.0 - i for i in range(9)]], stop=Stop(patience=3)
    )
    assert ends(outcomes) == [("diverged", 3), ("finished", 8)]


def test_a_run_that_ends_where_nothing_is_recorded_leaves_its_neighbours_unlooked_at() -> None:
    # After epoch 3 the first has lost patience; the second stands at a loss that would be a divergence if recorded.
    train_losses = [[1.0] * 9, [1.0, 1, 1, 5000, 1, 1, 1, 1, 1]]
    held_out = [[1.0] * 9, [9.0 - i for i in range(9)]]
    recording, stop = Recording(every=4, batch_loss=True), Stop(patience=3)
    outcomes, watch = scripted(train_losses, held_out, baseline=np.ones(2), recording=recording, stop=stop)
    assert ends(outcomes) == [("stopped", 3), ("finished", 8)]
    assert watch.rows[0][3]["train_loss"] == 1
    np.testing.assert_array_equal(np.isnan(watch.column(1, "train_loss")), [step % 4 != 0 for step in range(9)])


@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_patience_counts_epochs_whatever_is_recorded(every: int) -> None:
    # Five epochs of three steps; the best is after the first.
    losses = np.repeat([[5.0, 1, 2, 2, 2, 2]], 3, axis=1)[:, 2:]
    for unit in ("epochs", "steps"):
        recording = Recording(every=every, unit=unit)
        outcomes, watch = scripted(
            [[1.0] * 16], losses.tolist(), per_epoch=3, stop=Stop(patience=2), recording=recording
        )
        assert ends(outcomes) == [("stopped", 9)]
        assert (outcomes[0].best_loss, outcomes[0].best_step) == (1, 3)
        assert watch.rows[0][-1]["step"] == 9


def test_tolerance_is_of_an_epochs_change_of_the_training_loss() -> None:
    # Within an epoch of three steps nothing moves; from the second to the third it changes by 5 %.
    losses = [[8.0, 8, 8, 4, 4, 4, 2, 2, 2, 1.9, 1.9, 1.9, 1]]
    assert ends(scripted(losses, per_epoch=3, stop=Stop(tolerance=0.051))[0]) == [("converged", 9)]
    assert ends(scripted(losses, per_epoch=3, stop=Stop(tolerance=0.049))[0]) == [("finished", 12)]
    every = Recording(unit="steps")
    assert ends(scripted(losses, per_epoch=3, stop=Stop(tolerance=0.051), recording=every)[0]) == [("converged", 9)]


def test_a_saddle_is_left_downhill_and_diverged_from_uphill() -> None:
    saddle = next(case for case in SURFACES if case.kind == "saddle")
    objective = surface(saddle, [{}] * 3, [0] * 3, FLOAT64)
    rates = [{"lr": 0.5}, {"lr": 2.5}, {"lr": 0.5}]
    descent = plan(objective, 40, ("gd", rates), bounds=np.full(3, 10.0), baseline=np.full(3, INF))
    outcomes, _ = train(descent, np.array([[4.0, 0.001], [4.0, 1e-9], [4.0, 0.0]]))
    # 0.001 · 1.5ⁿ > 10 from n = 23 on; 4 · 1.5ⁿ > 10 from n = 3 on; exactly on the ridge it is not left at all.
    assert ends(outcomes) == [("left", 23), ("diverged", 3), ("finished", 40)]
    assert "downhill" in outcomes[0].cause
    assert "uphill" in outcomes[1].cause


# ---- what is recorded


@each_unit
@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_epoch_0_every_so_many_and_the_last_step_are_recorded(every: int, unit: str) -> None:
    _, watch = scripted([[1.0] * 12], per_epoch=2, recording=Recording(every=every, unit=unit))
    apart = every * (2 if unit == "epochs" else 1)
    assert watch.column(0, "step").tolist() == sorted({*range(0, 12, apart), 11})


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "adamw"])
def test_what_a_minibatch_row_holds(optimizer: str) -> None:
    seeds, l2 = [4, 5], [0.3, 0.7]
    objective = learning(LINEAR, variant=VariantCase("", 3), seeds=seeds, l2=l2, m=7, held_out=5)
    settings = [{"lr": 0.2, "weight_decay": 0.5, "clip_norm": 0.1}] * 2
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


@each_unit
def test_a_schedule_without_a_length_ends_with_the_budget(unit: str) -> None:
    objective = learning(LINEAR, variant=VariantCase("minibatch", 8))
    schedule = "linear", [{"unit": unit}]
    descent = plan(objective, 30, ("gd", [{"lr": 1.0}]), schedule, recording=Recording(batch_loss=True))
    rates = train(descent, start(objective, [0]))[1].column(0, "lr")[1:]
    expected = 1 - np.arange(30) / 30 if unit == "steps" else 1 - np.arange(30) // 3 / 10
    np.testing.assert_allclose(rates, expected, rtol=1e-12)


# ---- going on from a state


MLP = ModelCase("mlp", "mlp", {"hidden": (4,)}, 3)


def long_descent() -> tuple[Descent, Array]:
    """Six runs that end at different steps, one of them diverging, with all kinds of memory."""
    seeds = [0, 1, 2, 3, 4, 4]
    objective = learning(MLP, variant=VariantCase("", 5), seeds=seeds, l2=[0.01] * 6)
    optimizer = "nadam", [{"lr": lr, "weight_decay": 0.01} for lr in (0.01, 0.03, 0.1, 0.3, 1e150, 1.0)]
    schedule = "plateau", [{"patience": 1.0, "decay": 0.5, "warmup": 2.0}]
    stop = Stop(patience=3, tolerance=3e-3)
    recording = Recording(every=3, unit="steps", parameters=True)
    descent = plan(objective, 60, optimizer, schedule, stop=stop, recording=recording, baseline=np.ones(6))
    return descent, start(objective, seeds)


class StopHere(Exception):  # noqa: N818
    pass


def assert_the_same_ends(one: dict[int, Outcome], other: dict[int, Outcome]) -> None:
    assert sorted(one) == sorted(other)
    for run, a in one.items():
        b = other[run]
        assert (a.status, a.cause, a.step, a.best_step) == (b.status, b.cause, b.step, b.best_step)
        np.testing.assert_array_equal(a.parameters, b.parameters)
        np.testing.assert_array_equal(a.best_parameters, b.best_parameters)


def assert_the_same_rows(one: Watch, other: Watch, since: int = 0) -> None:
    for run in one.rows:
        mine = [row for row in one.rows[run] if row["step"] >= since]
        others = [row for row in other.rows.get(run, []) if row["step"] >= since]
        assert len(mine) == len(others)
        for row, same in zip(mine, others, strict=True):
            assert row.keys() == same.keys()
            for name, value in row.items():
                np.testing.assert_array_equal(value, same[name])


def test_a_state_pickled_at_any_record_goes_on_to_the_same_bits() -> None:
    descent, parameters = long_descent()
    state, whole = begin(descent, parameters.copy()), Watch()
    kept: list[tuple[int, bytes]] = []

    def keep(rows: Rows) -> None:
        if not kept or kept[-1][0] != rows.step:
            kept.append((rows.step, pickle.dumps(state)))
        whole(rows)

    outcomes = descend(descent, state, keep)
    assert len({outcome.step for outcome in outcomes.values()}) >= 4
    assert {"diverged", "stopped"} <= {outcome.status for outcome in outcomes.values()}
    for step, saved in kept:
        again: State = pickle.loads(saved)
        assert again.step == step
        fresh, _ = long_descent()
        watch = Watch()
        assert_the_same_ends(descend(fresh.select(again.runs), again, watch), outcomes)
        assert_the_same_rows(whole, watch, since=step)


@pytest.mark.parametrize("stop_at", [0, 3, 9, 15, 30])
def test_a_state_left_by_an_exception_goes_on_to_the_same_bits(stop_at: int) -> None:
    descent, parameters = long_descent()
    outcomes, whole = train(descent, parameters)
    state, watch = begin(descent, parameters.copy()), Watch()

    def interrupt(rows: Rows) -> None:
        if rows.step == stop_at:
            raise StopHere
        watch(rows)

    with pytest.raises(StopHere):
        descend(descent, state, interrupt)
    assert_the_same_ends(descend(descent.select(state.runs), state, watch), outcomes)
    assert_the_same_rows(whole, watch)


def test_a_copied_state_does_not_share_arrays() -> None:
    descent, parameters = long_descent()
    state = begin(descent, parameters.copy())
    other = copy.deepcopy(state)
    first = descend(descent, state, Watch())
    second = descend(long_descent()[0], other, Watch())
    assert_the_same_ends(first, second)


def test_seconds_go_on_too() -> None:
    descent, parameters = long_descent()
    state = begin(descent, parameters)
    state.seconds = 1000.0
    assert all(outcome.seconds > 1000 for outcome in descend(descent, state, Watch()).values())
