"""What is predicted before a run against what the run then does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import curvature
from gdrun.analysis.optimum import optimum
from gdrun.analysis.prediction import Prediction, predict
from gdrun.analysis.prediction import verdict as module
from gdrun.analysis.prediction.conditions import edge_kind, rates_of
from gdrun.analysis.prediction.quadratic import Rule, swings
from gdrun.analysis.prediction.suggested_rates import suggested
from gdrun.analysis.prediction.verdict import most_steps
from gdrun.descent.landscape import SurfaceObjective
from gdrun.descent.objectives import DataObjective
from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent, Recording
from tests.analysis.test_optimum import noisy
from tests.cases import MODELS, SCHEDULES, SURFACES, ScheduleCase, VariantCase
from tests.descent.setups import FLOAT64, learning, part, plan, start, surface, train

CASES = {case.name: case for case in MODELS}
BOWL = next(case for case in SURFACES if case.name == "quadratic-3")
BEGIN: Array = np.array([[1.0, 1.0, 1.0]])


def bowl(condition: float, noise: float = 0.0) -> SurfaceObjective:
    return surface(BOWL, [{"condition": condition, "noise": noise}], [0], FLOAT64)


def regression(**more: Any) -> DataObjective:
    return learning(CASES["linear"], m=40, **more)


def losses_of(descent: Descent, begin: Array, every: int = 1) -> Array:
    """The training loss after every step, or every so many."""
    recorded = replace(descent, recording=Recording(every, "steps"))
    return train(recorded, begin)[1].column(0, "train_loss")


def predicted(descent: Descent, begin: Array) -> Prediction:
    assert isinstance(descent.objective, DataObjective | SurfaceObjective)
    return predict(descent, begin[0], curvature(descent.objective, begin[0]), optimum(descent.objective, begin[0]))


def measured_steps(descent: Descent, begin: Array, lowest: float = 0.0, most: int = 100_000) -> int:
    """Steps until the excess loss is a hundredth of the start's; `most` of them are taken under a constant rate."""
    excess = losses_of(replace(descent, steps=min(descent.steps, most)), begin) - lowest
    return int(np.flatnonzero(excess <= 0.01 * excess[0])[0])


SETTLING = [
    ("gd", {"lr": 0.005}, 40.0),
    ("gd", {"lr": 0.03}, 40.0),
    ("gd", {"lr": 0.3}, 3.0),
    ("momentum", {"lr": 0.01, "momentum": 0.5}, 40.0),
    ("momentum", {"lr": 0.02, "momentum": 0.9}, 40.0),
    ("nesterov", {"lr": 0.01, "momentum": 0.9}, 40.0),
    ("gd", {"lr": 0.03, "weight_decay": 0.02}, 40.0),
    ("momentum", {"lr": 0.01, "momentum": 0.8, "weight_decay": 0.02}, 40.0),
]


@pytest.mark.parametrize(("kind", "settings", "condition"), SETTLING)
def test_the_steps_to_the_bottom_of_a_bowl(kind: str, settings: dict[str, Any], condition: float) -> None:
    descent = plan(bowl(condition), 2000, (kind, [settings]))
    found = predicted(descent, BEGIN)
    assert found.verdict in ("converges", "oscillates")
    assert found.steps == measured_steps(descent, BEGIN)
    assert not found.at_most


@pytest.mark.parametrize(("kind", "settings", "condition"), SETTLING)
def test_the_steps_are_foretold_beyond_those_that_are_followed(
    kind: str, settings: dict[str, Any], condition: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    descent = plan(bowl(condition), 2000, (kind, [settings]))
    whole = predicted(descent, BEGIN)
    monkeypatch.setattr(module, "FOLLOWED", 8 if kind == "gd" else 20)
    found = predicted(descent, BEGIN)
    assert found.steps is not None
    assert whole.steps is not None
    assert whole.steps / 2 <= found.steps <= whole.steps * 2
    if kind == "gd":
        assert found.steps == pytest.approx(whole.steps, rel=2e-3, abs=1)


@pytest.mark.parametrize("l2", [0.0, 0.1])
@pytest.mark.parametrize("share", [0.02, 0.2, 0.5, 0.99])
@pytest.mark.parametrize("kind", ["gd", "momentum", "nesterov"])
def test_the_steps_of_linear_regression(kind: str, share: float, l2: float) -> None:
    objective = regression(l2=[l2])
    begin = start(objective, [0])
    found = curvature(objective, begin[0])
    momentum = {} if kind == "gd" else {"momentum": 0.7}
    descent = plan(objective, 3000, (kind, [{"lr": share * 2 / found.L / (1 + bool(momentum)), **momentum}]))
    lowest = optimum(objective).loss
    assert lowest is not None
    steps = predicted(descent, begin).steps
    assert steps is not None
    assert steps == measured_steps(descent, begin, lowest, steps + 2)


@pytest.mark.parametrize("features", [12, 60])
def test_the_steps_with_more_features_than_examples(features: int) -> None:
    for l2 in (0.0, 0.05):
        objective = learning(CASES["linear"], m=10, features=features, l2=[l2])
        begin = start(objective, [0])
        rate = 1 / curvature(objective, begin[0]).L
        descent = plan(objective, 4000, ("gd", [{"lr": rate}]))
        lowest = optimum(objective, begin[0]).loss
        assert lowest is not None
        steps = predicted(descent, begin).steps
        assert steps is not None
        assert steps == pytest.approx(measured_steps(descent, begin, lowest, steps + 2), abs=1)


@pytest.mark.parametrize("optimizer", ["gd", "momentum", "nesterov"])
@pytest.mark.parametrize("share", [0.99, 1.01])
def test_both_sides_of_the_edge(optimizer: str, share: float) -> None:
    objective = regression()
    begin = start(objective, [0])
    momentum = {} if optimizer == "gd" else {"momentum": 0.6}
    edge = predicted(plan(objective, 9, (optimizer, [{"lr": 0.1, **momentum}])), begin).edge
    descent = plan(objective, 4000, (optimizer, [{"lr": share * edge, **momentum}]))
    found, losses = predicted(descent, begin), losses_of(descent, begin, every=100)
    if share > 1:
        assert found.verdict == "diverges"
        assert found.factor is not None
        growth = (losses[-1] / losses[-3]) ** (1 / 400)  # of the distance: the root of the loss's
        assert growth == pytest.approx(found.factor, rel=1e-3)
    else:
        assert found.verdict == "oscillates"
        assert losses[-1] < losses[0]
        assert found.steps is not None
        assert found.steps == measured_steps(descent, begin, optimum(objective).loss or 0, found.steps + 2)


def test_growth_by_hand() -> None:
    # 2/L = 0.2 on a bowl of curvatures 1, √10 and 10; at 0.21 a step multiplies by |1 - 2.1|.
    found = predicted(plan(bowl(10.0), 50, ("gd", [{"lr": 0.21}])), BEGIN)
    assert found.verdict == "diverges"
    assert found.edge == pytest.approx(0.2)
    assert found.factor == pytest.approx(1.1)
    assert found.text == "diverges: each step multiplies the distance to the minimum by 1.1"


def test_contraction_by_hand() -> None:
    found = predicted(plan(bowl(10.0), 500, ("gd", [{"lr": 0.1}])), BEGIN)
    assert found.verdict == "converges"
    assert found.factor == pytest.approx(0.9)
    # the mode 1 begins with 1/(1 + √10 + 10) of the loss and shrinks by 0.81 a step: the others are soon gone
    steps = np.log(0.01 * (11 + np.sqrt(10))) / np.log(0.81)
    assert found.steps == pytest.approx(steps, abs=1)
    assert found.text == f"converges: about {found.steps} steps to 1 % of the excess loss"


@pytest.mark.parametrize(
    ("kind", "settings", "steps", "verdict"),
    [
        ("gd", {"lr": 0.1}, 100, "converges"),
        ("gd", {"lr": 0.001}, 100, "slow"),
        ("gd", {"lr": 0.199}, 1000, "oscillates"),
        ("gd", {"lr": 0.2}, 1000, "oscillates"),
        ("gd", {"lr": 0.2001}, 1000, "diverges"),
        ("momentum", {"lr": 0.1, "momentum": 0.9}, 1000, "oscillates"),
        ("momentum", {"lr": 0.001, "momentum": 0.5}, 3000, "converges"),
        ("momentum", {"lr": 0.001, "momentum": 0.5}, 300, "slow"),
        ("momentum", {"lr": 0.39, "momentum": 0.9}, 1000, "diverges"),
        ("nesterov", {"lr": 0.1, "momentum": 0.5}, 1000, "converges"),
        ("nesterov", {"lr": 0.16, "momentum": 0.5}, 1000, "diverges"),
    ],
)
def test_verdicts(kind: str, settings: dict[str, Any], steps: int, verdict: str) -> None:
    assert predicted(plan(bowl(10.0), steps, (kind, [settings])), BEGIN).verdict == verdict


@pytest.mark.parametrize(
    ("root", "swinging"), [(0.9, False), (-0.9, True), (-0.3, False), (0.9 + 0.3j, True), (0.3 + 0.05j, False)]
)
def test_what_swings(root: complex, swinging: bool) -> None:
    assert swings(root) == swinging


def test_roots_are_those_of_the_iteration() -> None:
    curvatures = np.array([0.1, 1.0, 3.0])
    for rule in (Rule(), Rule(0.8), Rule(0.8, ahead=True), Rule(0.8, weight_decay=0.5)):
        for at, curve in enumerate(curvatures + rule.weight_decay):
            step = np.array([[rule.momentum, curve], [-0.4 * rule.momentum, 1 - 0.4 * curve]])  # of (v, θ)
            if rule.ahead:
                step[1] = [-0.4 * rule.momentum**2, 1 - 0.4 * curve * (1 + rule.momentum)]
            largest = np.abs(np.linalg.eigvals(step)).max()
            assert abs(rule.roots(curvatures, 0.4)[at]) == pytest.approx(largest, rel=1e-6)


@pytest.mark.parametrize("case", SCHEDULES, ids=lambda case: case.name)
def test_the_steps_under_every_schedule(case: ScheduleCase) -> None:
    schedule = case.kind, [{**case.settings, "unit": "steps"}]
    descent = plan(bowl(6.0), 100, ("gd", [{"lr": 0.25}]), schedule)
    found = predicted(descent, BEGIN)
    if case.kind == "plateau":
        assert (found.verdict, found.reason) == ("unknown", "the rates depend on how the loss falls")
        return
    rates = train(replace(descent, recording=Recording(unit="steps")), BEGIN)[1].column(0, "lr")
    np.testing.assert_allclose(rates_of(descent), rates[1:], rtol=1e-14)
    assert found.rate == rates[1:].max()
    losses = losses_of(descent, BEGIN)
    if losses[-1] <= 0.01 * losses[0]:
        assert found.steps == measured_steps(descent, BEGIN)
    else:
        assert (found.verdict, found.steps) == ("slow", None)


@pytest.mark.parametrize("unit", ["steps", "epochs"])
def test_the_rates_of_steps_within_epochs(unit: str) -> None:
    objective = regression(variant=VariantCase("", 8))
    descent = plan(objective, 15, ("gd", [{"lr": 0.1}]), ("cosine", [{"warmup": 1.0, "unit": unit}]))
    rates = train(replace(descent, recording=Recording(unit="steps")), start(objective, [0]))[1].column(0, "lr")
    np.testing.assert_allclose(rates_of(descent), rates[1:], rtol=1e-14)


def test_a_schedule_that_begins_above_the_edge_and_ends_below() -> None:
    # 2/L = 0.2: growth at first, then recovery, or not.
    for decay, steps, verdict in ((0.9, 200, "converges"), (0.9999, 200, "diverges")):
        schedule = "exponential", [{"decay": decay, "unit": "steps"}]
        descent = plan(bowl(10.0), steps, ("gd", [{"lr": 0.22}]), schedule)
        losses = losses_of(descent, BEGIN)
        assert (losses[-1] < losses[0]) == (verdict == "converges")
        assert losses.max() > 1.05 * losses[0]
        assert predicted(descent, BEGIN).verdict in (verdict, "oscillates" if verdict == "converges" else verdict)


def test_a_changing_rate_over_too_many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOLLOWED", 5)
    descent = plan(bowl(6.0), 100, ("gd", [{"lr": 0.25}]), ("linear", [{}]))
    assert "too many steps" in predicted(descent, BEGIN).reason


def test_at_the_bottom_there_is_nothing_to_do() -> None:
    found = predicted(plan(bowl(6.0), 100, ("gd", [{"lr": 0.1}])), np.zeros((1, 3)))
    assert (found.verdict, found.steps) == ("converges", 0)


def test_weight_decay_may_end_above() -> None:
    descent = plan(bowl(1.0), 100, ("gd", [{"lr": 0.1, "weight_decay": 1.0}]))
    begin = np.array([[1.0, 1.0, 1.0]])
    assert predicted(descent, begin).steps is not None  # the minimum is where the decay pulls
    objective = regression()
    begin = start(objective, [0])
    descent = plan(objective, 300, ("gd", [{"lr": 0.1, "weight_decay": 1.0}]))
    found, losses = predicted(descent, begin), losses_of(descent, begin)
    lowest = optimum(objective).loss
    assert lowest is not None
    assert (losses.min() - lowest) > 0.01 * (losses[0] - lowest)
    assert (found.verdict, found.steps) == ("converges", None)
    assert "weight decay" in found.reason


# ---- convex, and not quadratic


@pytest.mark.parametrize(
    ("name", "optimizer", "kind"),
    [
        ("linear", ("momentum", {"momentum": 0.5}), "exact"),
        ("logistic", ("gd", {}), "bound"),
        ("logistic", ("momentum", {"momentum": 0.0}), "bound"),
        ("logistic", ("momentum", {"momentum": 0.5}), "alike"),
        ("softmax", ("nesterov", {"momentum": 0.5}), "alike"),
        ("logistic", ("adam", {}), "bound"),
        ("mlp", ("nesterov", {"momentum": 0.5}), "local"),
    ],
)
def test_how_the_largest_stable_rate_is_known(name: str, optimizer: tuple[str, Any], kind: str) -> None:
    objective = learning(CASES[name])
    descent = plan(objective, 10, (optimizer[0], [{"lr": 0.1, **optimizer[1]}]))
    known = curvature(objective, start(objective, [0])[0])
    assert edge_kind(known, descent.optimizer) == kind


@pytest.mark.parametrize(("name", "loss"), [("logistic", None), ("softmax", None), ("linear", "huber")])
def test_below_a_bound_it_converges_within_the_steps_said(name: str, loss: str | None) -> None:
    objective = noisy(name, loss=loss)
    begin = start(objective, [1])
    known = curvature(objective, begin[0])
    for share in (0.5, 0.95):
        descent = plan(objective, 600, ("gd", [{"lr": share * 2 / known.L}]))
        found = predicted(descent, begin)
        assert (found.verdict, found.at_most) == ("converges", True)
        lowest = optimum(objective, begin[0]).loss
        assert found.steps is not None
        assert lowest is not None
        assert measured_steps(descent, begin, lowest) <= found.steps
        assert "at most" in found.text
    above = plan(objective, 3000, ("gd", [{"lr": 1.01 * 2 / known.L}]))
    assert predicted(above, begin).verdict == "unknown"
    without = predict(descent, begin[0], known)
    assert (without.verdict, without.steps) == ("converges", None)
    heavy = plan(objective, 3000, ("momentum", [{"lr": 0.99 * 2 * 0.5 / known.L, "momentum": 0.5}]))
    assert predicted(heavy, begin).verdict == "converges"
    heavier = plan(objective, 3000, ("momentum", [{"lr": 1.01 * 2 * 0.5 / known.L, "momentum": 0.5}]))
    assert predicted(heavier, begin).verdict == "unknown"


def test_the_bound_on_the_steps_by_hand() -> None:
    # f₀ = 2, ‖x₀ - x*‖² = 4, L = 1: at most 2 · 4 · 99 / (lr (2 - lr) · 2) steps.
    objective = bowl(1.0)
    begin = np.array([2.0, 0.0, 0.0])
    assert most_steps(objective, begin, 1.0, 1.0, optimum(objective, begin)) == 396
    assert most_steps(objective, begin, 0.5, 1.0, optimum(objective, begin)) == 528
    assert most_steps(objective, np.zeros(3), 0.5, 1.0, optimum(objective, begin)) == 0


def test_separable_classes_are_said_to_have_no_minimum() -> None:
    objective = learning(CASES["logistic"], m=6, features=8)
    begin = start(objective, [1])
    found = predicted(plan(objective, 100, ("gd", [{"lr": 0.01}])), begin)
    assert found.verdict == "unknown"
    assert "no minimum" in found.reason


# ---- where nothing can be said


@pytest.mark.parametrize(
    ("objective", "optimizer", "reason"),
    [
        (bowl(6.0), ("adam", {}), "adam adapts"),
        (bowl(6.0), ("rmsprop", {"momentum": 0.5}), "rmsprop adapts"),
        (bowl(6.0), ("gd", {"lr": 0.1, "clip_norm": 1.0}), "clipped"),
        (bowl(6.0), ("gd", {"lr": 0.1, "clip_value": 1.0}), "clipped"),
        (bowl(6.0, noise=0.1), ("gd", {"lr": 0.1}), "noisy"),
        (regression(loss="mae"), ("gd", {"lr": 0.1}), "kinks"),
        (learning(CASES["mlp"]), ("gd", {"lr": 0.1}), "not convex"),
        (learning(CASES["mlp"]), ("gd", {"lr": 100.0}), "above the edge"),
        (learning(CASES["mlp"]), ("gd", {"lr": 1e-3}), "below the edge"),
        (noisy("logistic"), ("nesterov", {"lr": 0.1}), "Nesterov"),
        (noisy("logistic"), ("gd", {"lr": 0.1, "weight_decay": 0.1}), "weight decay"),
        (regression(variant=VariantCase("", 8)), ("gd", {"lr": 0.1}), "noisy"),
        (regression(variant=VariantCase("", 40, replacement=True)), ("gd", {"lr": 0.1}), "noisy"),
        (noisy("softmax", variant=VariantCase("", 8)), ("gd", {"lr": 0.1}), "noisy"),
        (surface(next(c for c in SURFACES if c.name == "saddle"), [{}], [0], FLOAT64), ("gd", {"lr": 0.1}), "minimum"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_said_is_not(objective: Any, optimizer: Any, reason: str) -> None:
    kind, settings = optimizer
    begin: Array = np.ones((1, 2 if "Saddle" in str(objective) else 3))
    if isinstance(objective, DataObjective):
        begin = start(objective, [0])
    found = predicted(plan(objective, 100, (kind, [settings])), begin)
    assert found.verdict == "unknown"
    assert reason in found.reason
    assert found.text == f"no prediction: {found.reason}"


def test_a_batch_of_all_examples_has_no_noise() -> None:
    objective = regression(variant=VariantCase("", 40))
    begin = start(objective, [0])
    assert predicted(plan(objective, 100, ("gd", [{"lr": 0.1}])), begin).verdict == "converges"


@pytest.mark.parametrize("loss", ["half_mse", "sum_squares"])
@pytest.mark.parametrize("batch_size", [1, 8])
def test_what_diverges_in_the_mean_diverges_in_batches(batch_size: int, loss: str) -> None:
    objective = regression(loss=loss, variant=VariantCase("", batch_size))
    begin = start(objective, [0])
    edge = predicted(plan(objective, 9, ("gd", [{"lr": 1e-3}])), begin).edge
    share = batch_size / 40 if loss == "sum_squares" else 1
    assert edge == pytest.approx(2 / (curvature(objective, begin[0]).L * share))
    descent = plan(objective, 4000, ("gd", [{"lr": 1.2 * edge}]), baseline=np.ones(1))
    assert predicted(descent, begin).verdict == "diverges"
    assert train(descent, begin)[0][0].status == "diverged"


@pytest.mark.parametrize("batch_size", [1, 2, 8])
def test_below_the_certain_edge_of_batches_it_settles(batch_size: int) -> None:
    objective = regression(variant=VariantCase("", batch_size, replacement=True))
    begin = start(objective, [0])
    known = curvature(objective, begin[0])
    assert known.of_an_example is not None
    certain = 2 / (known.of_an_example / batch_size + known.L)
    below, above = (plan(objective, 4000, ("gd", [{"lr": share * certain}])) for share in (0.95, 1.05))
    assert predicted(below, begin).reason.endswith("decide")
    assert f"certain only below {certain:.3g}" in predicted(above, begin).reason
    losses = losses_of(below, begin, every=10)
    assert losses[-100:].mean() < 10 * losses[0]


# ---- rates to sweep


def made(kind: str, **settings: Any) -> Optimizer:
    optimizer: Optimizer = part(Optimizer, kind, [settings])
    return optimizer


def test_rates_to_sweep_go_around_the_edge() -> None:
    found = suggested(curvature(bowl(10.0), BEGIN[0]), made("gd", lr=1.0))
    assert (found.low, found.high, len(found.rates)) == (0.002, 0.32, 9)
    assert sum(rate > 0.2 for rate in found.rates) == 1
    assert "0.2" in found.reason
    heavy = suggested(curvature(bowl(10.0), BEGIN[0]), made("momentum", lr=1.0, momentum=0.9))
    assert (heavy.low, heavy.high) == (0.00038, 0.61)


@pytest.mark.parametrize("name", ["linear", "logistic", "softmax", "mlp", "mlp-numbers"])
@pytest.mark.parametrize("kind", ["gd", "momentum", "nesterov"])
def test_a_good_rate_is_among_those_suggested(name: str, kind: str) -> None:
    # The best of the range is neither its lowest nor its highest, by the loss after 60 steps.
    objective = noisy(name, l2=[0.01])
    begin = start(objective, [0])
    momentum = {} if kind == "gd" else {"momentum": 0.8}
    found = suggested(curvature(objective, begin[0]), made(kind, lr=1.0, **momentum))
    ends = []
    for rate in found.rates:
        losses = losses_of(plan(objective, 60, (kind, [{"lr": rate, **momentum}])), begin)
        ends.append(losses[-1] if np.isfinite(losses[-1]) else np.inf)
    assert 0 < int(np.argmin(ends)) < len(ends) - 1


@pytest.mark.parametrize(
    ("kind", "low", "high"), [("adam", 1e-4, 0.1), ("lion", 1e-5, 0.01), ("adagrad", 1e-3, 1), ("adadelta", 0.1, 100)]
)
def test_adaptive_optimizers_get_the_usual_rates(kind: str, low: float, high: float) -> None:
    found = suggested(curvature(bowl(10.0), BEGIN[0]), made(kind))
    assert (found.low, found.high) == (low, high)
    assert "usual" in found.reason


def test_without_curvature_the_usual_rates() -> None:
    for known in (None, curvature(learning(CASES["linear"], loss="mae"), np.zeros(4))):
        found = suggested(known, made("gd", lr=1.0))
        assert (found.low, found.high) == (1e-4, 1.0)
        assert "usual" in found.reason
