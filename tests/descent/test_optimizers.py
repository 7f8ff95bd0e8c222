from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from gdrun.descent.optimizers import Optimizer
from gdrun.descent.parts import Array, stacked, take
from tests.cases import OPTIMIZERS, START, STEPS, OptimizerCase, complete, gradient, other
from tests.references import read

REFERENCES = read("optimizers")
RUNS = 12
SIZE = 37  # no multiple of what processors and BLAS take at once
DTYPES = (np.dtype(np.float64), np.dtype(np.float32))

each_case = pytest.mark.parametrize("case", OPTIMIZERS, ids=lambda case: case.name)
each_kind = pytest.mark.parametrize("kind", Optimizer.kinds)

Gradient = Callable[[Array, int], Array]


def make(kind: str, runs: Sequence[dict[str, Any]], dtype: np.dtype[Any] = DTYPES[0]) -> Optimizer:
    part = Optimizer.kinds[kind]
    optimizer: Optimizer = stacked(part, [complete(part, settings) for settings in runs], dtype)
    return optimizer


def walk(optimizer: Optimizer, start: Array, steps: int, slope: Gradient = gradient) -> Array:
    """The parameters before the first and after each step, (steps + 1, R, P), with gradients scaled as is wanted."""
    parameters, scratch = start.copy(), np.empty_like(start)
    state, path = optimizer.state(parameters), [start]
    for step in range(steps):
        scaled = slope(parameters, step) * (1 if optimizer.scale is None else optimizer.scale)
        optimizer.step(parameters, scaled, state, optimizer.lr if optimizer.scale is None else None, scratch)
        path.append(parameters.copy())
    return np.array(path)


def constant(*values: float) -> Gradient:
    """The same gradient for every run at every step."""
    return lambda parameters, step: np.broadcast_to(np.array(values, parameters.dtype), parameters.shape).copy()


def test_every_kind_has_a_case_and_a_reference() -> None:
    names = [case.name for case in OPTIMIZERS]
    assert len(set(names)) == len(names)
    assert set(names) == set(REFERENCES)
    assert {case.kind for case in OPTIMIZERS} == set(Optimizer.kinds)
    for extra in ("weight_decay", "clip_norm", "clip_value"):
        assert {case.kind for case in OPTIMIZERS if extra in case.settings} == set(Optimizer.kinds)


@each_case
def test_every_step_is_the_references(case: OptimizerCase) -> None:
    # The neighbours have other numbers: what leaks between runs, or broadcasts wrongly, shows.
    settings = [other(Optimizer.kinds[case.kind], case.settings, k) for k in (5, 0, 9)]
    path = walk(make(case.kind, settings), np.array([START - 0.3, START, START + 0.4]), STEPS)
    # The absolute tolerance is for weight decay, which takes a parameter of 2 down to 1e-8.
    np.testing.assert_allclose(path[:, 1], REFERENCES[case.name], rtol=1e-10, atol=1e-14)
    assert not np.any(np.all(np.isclose(path[1:, [0, 2]], path[1:, 1:2], rtol=1e-6), axis=-1))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@each_case
def test_a_run_has_the_same_bits_alone_and_in_a_stack(case: OptimizerCase, dtype: np.dtype[Any]) -> None:
    settings = [other(Optimizer.kinds[case.kind], case.settings, k) for k in range(RUNS)]
    start = np.linspace(-2, 2, RUNS * SIZE).reshape(RUNS, SIZE).astype(dtype)
    alone = [walk(make(case.kind, settings[k : k + 1], dtype), start[k : k + 1], 40)[:, 0] for k in range(RUNS)]
    assert all(path.dtype == dtype for path in alone)
    for first, last in ((0, 5), (5, RUNS), (0, RUNS)):
        together = walk(make(case.kind, settings[first:last], dtype), start[first:last], 40)
        np.testing.assert_array_equal(together, np.stack(alone[first:last], axis=1))


@each_case
def test_chosen_runs_go_on_to_the_same_bits(case: OptimizerCase) -> None:
    settings = [other(Optimizer.kinds[case.kind], case.settings, k) for k in range(4)]
    optimizer, start = make(case.kind, settings), START + np.array([[0.0], [0.1], [0.2], [0.3]])
    whole = walk(optimizer, start, 20)
    chosen = np.array([3, 1])
    parameters, scratch, state = start.copy(), np.empty_like(start), optimizer.state(start)
    for step in range(20):
        if step == 10:
            optimizer, parameters, scratch, state = (take(v, chosen) for v in (optimizer, parameters, scratch, state))
        scaled = gradient(parameters, step) * (1 if optimizer.scale is None else optimizer.scale)
        optimizer.step(parameters, scaled, state, optimizer.lr if optimizer.scale is None else None, scratch)
    np.testing.assert_array_equal(parameters, whole[-1, chosen])


@each_case
def test_gradients_are_scaled_where_twice_the_gradients_make_twice_the_steps(case: OptimizerCase) -> None:
    optimizer = make(case.kind, [case.settings])
    state, scratch = optimizer.state(START[None]), np.empty_like(START[None])
    twice, headings = optimizer.state(START[None]), []
    for step in range(STEPS):
        slope = gradient(START[None], step)
        once = optimizer.heading(START[None], slope.copy(), state, scratch).copy()
        headings.append(np.allclose(2 * once, optimizer.heading(START[None], 2 * slope, twice, scratch), rtol=1e-12))
    assert (optimizer.scale is not None) == all(headings)


@each_case
def test_scaled_beforehand_or_not_the_steps_are_the_same(case: OptimizerCase) -> None:
    optimizer = make(case.kind, [other(Optimizer.kinds[case.kind], case.settings, k) for k in (0, 5)])
    if optimizer.scale is None:
        return
    factors = 1 / np.arange(1.0, STEPS + 1)  # a schedule
    paths = []
    for scale in (np.ones_like(optimizer.lr), optimizer.scale):
        parameters, scratch = np.array([START, START + 0.3]), np.empty((2, len(START)))
        state, path = optimizer.state(parameters), []
        for step, factor in enumerate(factors):
            rate = optimizer.lr * factor / scale
            optimizer.step(parameters, gradient(parameters, step) * scale, state, rate, scratch)
            path.append(parameters.copy())
        paths.append(path)
    np.testing.assert_allclose(paths[1], paths[0], rtol=1e-12)
    np.testing.assert_allclose(optimizer.unscaled(optimizer.scale * [[3.0, 4.0]]), [[3.0, 4.0]] * 2, rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@each_kind
def test_where_the_gradient_is_zero_nothing_moves(kind: str, dtype: np.dtype[Any]) -> None:
    optimizer = make(kind, [{"lr": 0.1, "weight_decay": 0.0, "clip_norm": 1.0}], dtype)
    start = np.array([[0.0, -3.0, 1e-30]], dtype)
    np.testing.assert_array_equal(walk(optimizer, start, 5, constant(0, 0, 0))[-1], start)


def test_gd_contracts_a_quadratic_by_1_minus_lr_curvature() -> None:
    curvature = np.array([1.0, 4.0, 16.0])
    path = walk(make("gd", [{"lr": 0.1}, {"lr": 0.125}]), np.ones((2, 3)), 30, lambda p, step: p * curvature)
    expected = (1 - np.array([[0.1], [0.125]]) * curvature) ** np.arange(31)[:, None, None]
    np.testing.assert_allclose(path, expected, rtol=1e-12)
    assert np.all(np.abs(path[:, 1, 2]) == 1)  # lr = 2/16: the edge of stability


def test_the_best_heavy_ball_converges_at_the_textbook_rate() -> None:
    flat, steep = 1.0, 100.0
    lr, root = 4 / (np.sqrt(steep) + np.sqrt(flat)) ** 2, (10 - 1) / (10 + 1)
    optimizer = make("momentum", [{"lr": lr, "momentum": root**2}])
    path = walk(optimizer, np.ones((1, 2)), 200, lambda p, step: p * np.array([flat, steep]))
    # Both ends of the spectrum have a double root ±√momentum: x_t = (1 + slope t) (±√momentum)^t.
    roots = np.array([root, -root])
    slope = (1 - lr * np.array([flat, steep])) / roots - 1
    t = np.arange(201)[:, None]
    np.testing.assert_allclose(path[:, 0], (1 + slope * t) * roots**t, rtol=1e-9)


@pytest.mark.parametrize("kind", ["momentum", "nesterov"])
@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_the_terminal_velocity_is_1_over_1_minus_momentum(kind: str, momentum: float) -> None:
    path = walk(make(kind, [{"lr": 0.1, "momentum": momentum}]), np.zeros((1, 1)), 400, constant(2.0))
    np.testing.assert_allclose(path[-2] - path[-1], 0.1 * 2.0 / (1 - momentum), rtol=1e-11)


@pytest.mark.parametrize("kind", ["adam", "amsgrad", "adamax", "adamw"])
def test_adams_first_step_is_lr_in_every_component_whatever_the_gradients_size(kind: str) -> None:
    path = walk(make(kind, [{"lr": 0.1, "weight_decay": 0.0}]), np.zeros((1, 3)), 1, constant(3.0, -2e-3, 1e9))
    np.testing.assert_allclose(path[1, 0], [-0.1, 0.1, -0.1], rtol=1e-5)


def test_lion_turns_where_gradient_and_momentum_balance() -> None:
    # After a gradient of 1 the momentum is 1 - β2; a gradient of -β1 (1 - β2) / (1 - β1) cancels it.
    balance = 0.9 * (1 - 0.99) / (1 - 0.9)
    optimizer = make("lion", [{"lr": 1.0, "beta1": 0.9, "beta2": 0.99}])
    slopes = np.array([[1.0, 1.0], [-0.9995 * balance, -1.0005 * balance]])
    path = walk(optimizer, np.zeros((1, 2)), 2, lambda p, step: slopes[step : step + 1].copy())
    np.testing.assert_array_equal(path[:, 0], [[0.0, 0.0], [-1.0, -1.0], [-2.0, 0.0]])


def test_adagrads_steps_shrink_as_1_over_root_t_under_a_constant_gradient() -> None:
    path = walk(make("adagrad", [{"lr": 0.1}]), np.zeros((1, 1)), 50, constant(7.0))
    np.testing.assert_allclose(path[:-1, 0, 0] - path[1:, 0, 0], 0.1 / np.sqrt(np.arange(1, 51)), rtol=1e-9)


@pytest.mark.parametrize("kind", ["adamw", "lion"])
def test_decoupled_decay_acts_where_there_is_no_gradient(kind: str) -> None:
    path = walk(make(kind, [{"lr": 0.1, "weight_decay": 0.5}]), np.ones((1, 2)), 20, constant(0, 0))
    np.testing.assert_allclose(path[:, 0, 1], 0.95 ** np.arange(21), rtol=1e-12)


@pytest.mark.parametrize("value", [0.1, 0.3, 7.7])
def test_a_variance_rounded_below_zero_is_zero(value: float) -> None:
    # Under a constant gradient, average square less squared average ends as rounding of either sign.
    optimizer = make("rmsprop", [{"lr": 1e-9, "centered": True, "rho": rho} for rho in (0.5, 0.9, 0.99)])
    assert np.all(np.isfinite(walk(optimizer, np.zeros((3, 1)), 5000, constant(value))))


def test_clipping_by_hand() -> None:
    gradients = np.array([[3.0, 4.0], [0.3, -0.4], [0.0, 0.0]])
    by_norm = gradients.copy()
    make("gd", [{"lr": 1.0, "clip_norm": norm} for norm in (1.0, 2.0, 1.0)]).clip(by_norm)
    np.testing.assert_allclose(by_norm[0], [0.6, 0.8], rtol=1e-6)
    np.testing.assert_array_equal(by_norm[1:], gradients[1:])
    by_value = gradients.copy()
    make("gd", [{"lr": 1.0, "clip_value": value} for value in (3.5, 0.35, 1.0)]).clip(by_value)
    np.testing.assert_array_equal(by_value, [[3.0, 3.5], [0.3, -0.35], [0.0, 0.0]])
    both = gradients[:1].copy()  # values first
    make("gd", [{"lr": 1.0, "clip_value": 3.0, "clip_norm": 1.0}]).clip(both)
    np.testing.assert_allclose(both, [[0.5**0.5, 0.5**0.5]], rtol=1e-6)
