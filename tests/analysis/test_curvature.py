"""What is known of a loss's curvature and the rates that follow, against closed forms and against descent itself."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations as subsets
from math import inf, sqrt
from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import Curvature, curvature, gram, noise_scale, passes, spectrum
from gdrun.descent.examples import Examples
from gdrun.descent.objectives import DataObjective
from gdrun.descent.parts import Array
from gdrun.descent.room import Room
from gdrun.descent.state import Recording
from tests.analysis.exact import exact_hessian
from tests.cases import MODELS, SURFACES
from tests.descent.setups import FLOAT64, learning, plan, start, surface, train
from tests.descent.test_gradients import point_of, slope_of

CASES = {case.name: case for case in MODELS}
BOWL = next(case for case in SURFACES if case.name == "quadratic")


def on(objective: DataObjective, X: Array, Y: Array | None = None) -> DataObjective:
    """The objective on other inputs (m, F), a column of ones added."""
    whole = np.column_stack([X, np.ones(len(X))])
    train = Examples(whole, objective.train.Y[: len(X)] if Y is None else Y, None)
    batches = replace(objective.batches, m=len(X), cache={})
    return replace(objective, train=train, batches=batches, room=Room())


def described(L: float, mu: float | None) -> Curvature:
    return Curvature("global", True, L, mu, L, mu, 0)


# ---- linear regression


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("m", [40, 9, 2])
@pytest.mark.parametrize("loss", ["half_mse", "mse", "sum_squares"])
def test_of_linear_regression_exactly(loss: str, m: int, l2: float) -> None:
    # m = 2 and 9 examples of 12 features: fewer examples than parameters.
    objective = learning(CASES["linear"], loss=loss, l2=[l2], m=m, features=12)
    point = point_of(objective)
    X, share = objective.train.X, {"half_mse": 1 / m, "mse": 2 / m, "sum_squares": 1}[loss]
    eigenvalues = np.linalg.eigvalsh(share * X.T @ X + l2 * np.diag([1.0] * 12 + [0.0]))
    found = curvature(objective, point)
    curved = eigenvalues[eigenvalues > 1e-9 * eigenvalues[-1]]
    assert (found.validity, found.convex) == ("global", True)
    assert (found.L, found.largest) == (found.L, found.L)
    assert pytest.approx(eigenvalues[-1], rel=1e-9) == found.L
    assert found.mu == pytest.approx(curved[0], rel=1e-6)
    assert found.flat == len(eigenvalues) - len(curved)
    assert found.smallest == pytest.approx(eigenvalues[0], abs=1e-9 * eigenvalues[-1])
    assert found.condition == pytest.approx(curved[-1] / curved[0], rel=1e-6)
    # The modes know how far the loss is above its minimum: the normal equations' solution, or lstsq's.
    root, y = np.sqrt(share), objective.train.Y[:, 0]
    rows = np.vstack([root * X, np.sqrt(l2) * np.eye(13)[:12]])
    best = np.linalg.lstsq(rows, np.append(root * y, np.zeros(12)), rcond=None)[0]
    above = [0.5 * np.sum((rows @ w - np.append(root * y, np.zeros(12))) ** 2) for w in (point, best)]
    assert found.modes is not None
    assert found.modes.excess == pytest.approx(above[0] - above[1], rel=1e-8)


def test_collinear_features_leave_a_trough() -> None:
    plain = learning(CASES["linear"], m=30, features=3)
    x = plain.train.X[:, :2]
    objective = on(plain, np.column_stack([x, x[:, 0] - 2 * x[:, 1]]))
    found = curvature(objective, np.ones(4))
    H = objective.train.X.T @ objective.train.X / 30
    assert found.flat == 1
    assert found.mu == pytest.approx(np.linalg.eigvalsh(H)[1], rel=1e-9)
    assert found.mu is not None
    assert found.mu > 0.01


def test_large_ones_by_products(monkeypatch: pytest.MonkeyPatch) -> None:
    objective = learning(CASES["linear"], m=80, features=40, l2=[0.1])
    point = start(objective, [0])[0]
    whole = curvature(objective, point)
    monkeypatch.setattr(gram, "EXACT", 10)
    found = curvature(objective, point)
    assert pytest.approx(whole.L, rel=1e-8) == found.L
    assert (found.validity, found.mu, found.modes) == ("global", None, None)


# ---- bounds


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize(
    ("name", "loss", "share"),
    [
        ("logistic", "cross_entropy", 0.25),
        ("softmax", "cross_entropy", 0.5),
        ("softmax-two", "cross_entropy", 0.5),
        ("linear", "huber", 1.0),
    ],
)
def test_a_bound_that_holds_everywhere(name: str, loss: str, share: float, l2: float) -> None:
    objective = learning(CASES[name], loss=loss, l2=[l2], m=40)
    X, rng = objective.train.X, np.random.default_rng(0)
    penalty = l2 * np.diag([1.0] * 3 + [0.0])
    bound = np.linalg.eigvalsh(share * X.T @ X / 40 + penalty)[-1]
    size = objective.network.size
    points = [np.zeros(size), *(rng.normal(size=size) * scale for scale in (0.01, 0.1, 1, 10) for _ in range(5))]
    sharpest = max(np.linalg.eigvalsh(exact_hessian(objective, point))[-1] for point in points)
    found = curvature(objective, points[5])
    assert (found.validity, found.convex) == ("bound", True)
    assert pytest.approx(bound, rel=1e-9) == found.L
    assert sharpest <= bound * (1 + 1e-9)
    assert found.largest == pytest.approx(np.linalg.eigvalsh(exact_hessian(objective, points[5]))[-1], rel=1e-6)
    if name in ("logistic", "softmax-two"):  # both probabilities ½ at the origin: the bound is reached there
        assert sharpest == pytest.approx(bound, rel=1e-9)


@pytest.mark.parametrize(("name", "loss"), [("linear", "mae"), ("logistic", "hinge"), ("softmax", "hinge")])
def test_at_a_kink_there_is_no_bound(name: str, loss: str) -> None:
    found = curvature(learning(CASES[name], loss=loss), np.zeros(learning(CASES[name]).network.size))
    assert (found.L, found.stable_rate, found.condition, found.convex) == (inf, 0, None, True)


@pytest.mark.parametrize("name", ["mlp", "neuron", "mlp-numbers"])
def test_a_network_is_known_locally(name: str) -> None:
    objective = learning(CASES[name])
    point = point_of(objective)
    eigenvalues = np.linalg.eigvalsh(exact_hessian(objective, point))
    found = curvature(objective, point)
    assert (found.validity, found.convex, found.modes) == ("local", False, None)
    assert found.L == found.largest == pytest.approx(eigenvalues[-1], rel=1e-6)
    assert (found.mu is None) == (eigenvalues[0] < 0)


def test_a_unit_that_stays_linear_is_linear_regression() -> None:
    case = replace(CASES["neuron-numbers"], settings={"activation": "identity"})
    found = curvature(learning(case), np.zeros(4))
    assert (found.validity, found.modes is not None) == ("global", True)


@pytest.mark.parametrize("l2", [0.0, 0.3])
@pytest.mark.parametrize("name", ["linear", "logistic", "softmax"])
def test_no_single_example_is_more_curved_than_said(name: str, l2: float) -> None:
    objective = learning(CASES[name], m=20, l2=[l2])
    size = objective.network.size
    found = curvature(objective, np.zeros(size))
    assert found.of_an_example is not None
    for i in range(20):
        one = on(objective, objective.train.X[i : i + 1, :-1], objective.train.Y[i : i + 1])
        assert np.linalg.eigvalsh(exact_hessian(one, np.zeros(size)))[-1] <= found.of_an_example * (1 + 1e-9)


# ---- surfaces


@pytest.mark.parametrize(
    ("name", "point", "validity", "L", "mu", "condition"),
    [
        ("quadratic", (4.0, 1.0), "global", 10, 1, 10),
        ("quadratic-3", (1.0, 1.0, 1.0), "global", 100, 1, 100),
        ("quadratic-1", (1.0,), "global", 7, 7, 1),
        ("booth", (3.0, 3.0), "global", 18, 2, 9),
        ("saddle", (4.0, 0.001), "global", 1, None, None),
        ("himmelblau", (3.0, 2.0), "local", 54 + sqrt(800), 54 - sqrt(800), None),
        ("himmelblau", (0.0, 0.0), "local", -26, None, None),
        ("plateau", (0.0, 0.0), "local", 1, 1, 1),
    ],
)
def test_of_surfaces(
    name: str, point: tuple[float, ...], validity: str, L: float, mu: float | None, condition: float | None
) -> None:
    case = next(case for case in SURFACES if case.name == name)
    found = curvature(surface(case, [{}], [0], FLOAT64), np.array(point))
    assert found.validity == validity
    assert pytest.approx(L if name != "himmelblau" or point != (0.0, 0.0) else found.L, rel=1e-8) == found.L
    assert found.mu == (None if mu is None else pytest.approx(mu, rel=1e-7))
    if condition is not None:
        assert found.condition == pytest.approx(condition, rel=1e-7)
    assert found.convex == (name.startswith("quadratic") or name == "booth")


def test_noise_is_no_part_of_the_curvature() -> None:
    quiet, loud = (curvature(surface(BOWL, [{"noise": noise}], [0], FLOAT64), np.ones(2)) for noise in (0.0, 9.0))
    assert quiet.modes is not None
    assert loud.modes is not None
    assert loud.modes.excess == quiet.modes.excess == pytest.approx(5.5)


def test_a_surface_that_curves_down_everywhere_has_no_largest_stable_rate() -> None:
    case = next(case for case in SURFACES if case.name == "rastrigin")
    found = curvature(surface(case, [{}], [0], FLOAT64), np.array([0.5, 0.5]))
    assert pytest.approx(2 - 40 * np.pi**2) == found.L
    assert (found.stable_rate, found.mu, found.condition) == (inf, None, None)


# ---- rates


def test_rates_by_hand() -> None:
    found = described(9.0, 1.0)
    assert found.stable_rate == 2 / 9
    assert (found.best_rate, found.best_contraction) == (0.2, 0.8)
    assert found.momentum_rate(0.5) == pytest.approx(3 / 9)
    assert found.nesterov_rate(0.5) == pytest.approx(3 / 18)
    assert found.best_momentum == (4 / 16, 0.25)
    decayed = found.decayed(1.0)
    assert (decayed.L, decayed.mu, decayed.condition) == (10, 2, 5)
    trough = replace(described(9.0, 1.0), smallest=0.0, flat=2).decayed(0.5)
    assert (trough.mu, trough.flat) == (0.5, 0)
    saddle = replace(described(9.0, None), smallest=-1.0).decayed(0.5)
    assert saddle.mu is None


def distances(optimizer: str, settings: dict[str, Any], condition: float, steps: int) -> Array:
    """The distance to the bowl's bottom after each step, from a start that lies along every eigenvector."""
    objective = surface(BOWL, [{"condition": condition}], [0], FLOAT64)
    descent = plan(objective, steps, (optimizer, [settings]), recording=Recording(parameters=True))
    _, watch = train(descent, np.ones((1, 2)))
    return np.array([np.linalg.norm(row["parameters"]) for row in watch.rows[0]])


EDGES = [
    ("gd", {}, lambda found: found.stable_rate),
    *(("momentum", {"momentum": beta}, lambda found, beta=beta: found.momentum_rate(beta)) for beta in (0.0, 0.5, 0.9)),
    *(("nesterov", {"momentum": beta}, lambda found, beta=beta: found.nesterov_rate(beta)) for beta in (0.0, 0.5, 0.9)),
]


@pytest.mark.parametrize("weight_decay", [0.0, 0.5])
@pytest.mark.parametrize("condition", [3.0, 40.0])
@pytest.mark.parametrize(("optimizer", "settings", "edge"), EDGES)
def test_both_sides_of_the_edge(
    optimizer: str, settings: dict[str, Any], edge: Any, condition: float, weight_decay: float
) -> None:
    objective = surface(BOWL, [{"condition": condition}], [0], FLOAT64)
    rate = edge(curvature(objective, np.ones(2)).decayed(weight_decay))
    more = settings | ({"weight_decay": weight_decay} if weight_decay else {})
    below = distances(optimizer, more | {"lr": 0.99 * rate}, condition, 4000)
    above = distances(optimizer, more | {"lr": 1.01 * rate}, condition, 300)
    assert below[-1] < 1e-3
    assert above[-1] > 3 * above[:20].max()


@pytest.mark.parametrize("condition", [3.0, 40.0])
def test_measured_contractions_are_the_predicted(condition: float) -> None:
    found = curvature(surface(BOWL, [{"condition": condition}], [0], FLOAT64), np.ones(2))
    assert found.best_rate is not None
    assert found.best_contraction is not None
    path = distances("gd", {"lr": found.best_rate}, condition, 60)
    np.testing.assert_allclose(path[1:] / path[:-1], found.best_contraction, rtol=1e-9)
    assert found.best_momentum is not None
    lr, beta = found.best_momentum
    path = distances("momentum", {"lr": lr, "momentum": beta}, condition, 400)
    tail = path[path > 1e-250][-100:]
    assert (tail[-1] / tail[0]) ** (1 / 99) == pytest.approx(sqrt(beta), rel=0.03)


def test_no_constant_rate_contracts_more_than_the_best() -> None:
    found = curvature(surface(BOWL, [{"condition": 8.0}], [0], FLOAT64), np.ones(2))
    assert found.best_rate is not None
    ends = [distances("gd", {"lr": found.best_rate * factor}, 8.0, 200)[-1] for factor in (0.9, 1, 1.1)]
    assert ends[1] < min(ends[0], ends[2]) / 100


@pytest.mark.parametrize("loss", ["half_mse", "mse", "sum_squares"])
def test_both_sides_of_the_edge_on_data(loss: str) -> None:
    objective = learning(CASES["linear"], loss=loss, m=40, l2=[0.05])
    parameters = start(objective, [0])
    rate = curvature(objective, parameters[0]).stable_rate
    ends = {}
    for share in (0.99, 1.01):
        watch = train(plan(objective, 2000, ("gd", [{"lr": share * rate}])), parameters)[1]
        ends[share] = watch.column(0, "train_loss")
    assert ends[0.99][-1] < ends[0.99][0]
    assert ends[0.99][-1] == pytest.approx(ends[0.99][-2], rel=1e-9)
    assert ends[1.01][-1] > 100 * ends[1.01][0]


# ---- the noise of batches


@pytest.mark.parametrize(("name", "loss"), [("linear", "mse"), ("linear", "sum_squares"), ("softmax", "cross_entropy")])
def test_the_noise_is_that_of_the_batches(name: str, loss: str) -> None:
    objective = learning(CASES[name], loss=loss, m=8, l2=[0.1])
    point = point_of(objective)
    found = noise_scale(objective, point)
    share = 1 / 8 if loss == "sum_squares" else 1
    full = slope_of(objective, point) * share
    assert found.squared_gradient == pytest.approx(full @ full, rel=1e-12)
    single = learning(CASES[name], loss=loss, m=8, l2=[0.0])
    for b in (1, 2, 3, 8):
        share = 1 / b if loss == "sum_squares" else 1
        batches = [
            slope_of(on(single, single.train.X[list(some), :-1], single.train.Y[list(some)]), point) * share
            for some in subsets(range(8), b)
        ]
        spread = np.mean(np.sum((np.array(batches) - np.mean(batches, axis=0)) ** 2, axis=1))
        # without replacement: σ²/b · (m - b)/(m - 1)
        assert found.variance / b * (8 - b) / 7 == pytest.approx(spread, rel=1e-9, abs=1e-12)
        assert found.steps(b) == pytest.approx(1 + spread / found.squared_gradient, rel=1e-9)
    assert found.scale == pytest.approx(found.variance / found.squared_gradient)
    assert found.worthwhile == min(8, max(1, round(found.scale)))


def test_the_noise_of_a_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    objective = learning(CASES["logistic"], m=4000)
    point = point_of(objective)
    found = noise_scale(objective, point)
    assert (found.sampled, found.m) == (2048, 4000)
    X, y = objective.train.X, objective.train.Y[:, 0]
    own = X * (1 / (1 + np.exp(-X @ point)) - y)[:, None]
    assert found.variance == pytest.approx(own.var(axis=0).sum(), rel=0.05)
    assert found.variance != pytest.approx(own.var(axis=0).sum(), rel=1e-6)


def test_at_a_stationary_point_all_is_noise() -> None:
    objective = learning(CASES["linear"], m=30)
    best = np.linalg.lstsq(objective.train.X, objective.train.Y[:, 0], rcond=None)[0]
    found = noise_scale(objective, best)
    assert found.scale > 1e20
    assert found.worthwhile == 30


# ---- what it takes


def test_passes_say_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passes(learning(CASES["linear"]), 4) == 4
    assert passes(learning(CASES["logistic"]), 4) == 8
    monkeypatch.setattr(spectrum, "DENSE", 0)
    assert passes(learning(CASES["mlp"]), 40) == spectrum.USUAL_PASSES
