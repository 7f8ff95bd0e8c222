from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from gdrun.descent.parts import Array, stacked
from gdrun.descent.schedules import Schedule
from tests.cases import BUDGET, LOSSES, RATE, SCHEDULES, ScheduleCase, complete, other
from tests.references import read

REFERENCES = read("schedules")
RUNS = 12
DTYPES = (np.dtype(np.float64), np.dtype(np.float32))

each_case = pytest.mark.parametrize("case", SCHEDULES, ids=lambda case: case.name)


def rates(
    kind: str,
    runs: Sequence[dict[str, Any]],
    *,
    lr: Sequence[float] | None = None,
    budget: float = BUDGET,
    times: int | None = None,
    losses: Sequence[float] = LOSSES,
    dtype: np.dtype[Any] = DTYPES[0],
) -> Array:
    """The rates of R runs at the times 0, 1, … of the budget, (times, R)."""
    part = Schedule.kinds[kind]
    schedule: Schedule = stacked(part, [complete(part, settings) for settings in runs], dtype)
    base = np.array([RATE] * len(runs) if lr is None else lr, dtype).reshape(-1, 1)
    state, found = schedule.state(len(runs), dtype), []
    for t in range(int(budget) if times is None else times):
        found.append(schedule.rate(base, np.full_like(base, t), np.full_like(base, budget), state)[:, 0])
        schedule.observe(state, np.full_like(base, losses[t % len(losses)]))
    return np.array(found)


def test_every_kind_has_a_case_and_a_reference() -> None:
    names = [case.name for case in SCHEDULES]
    assert len(set(names)) == len(names)
    assert set(names) == set(REFERENCES)
    assert {case.kind for case in SCHEDULES} == set(Schedule.kinds)
    # PyTorch's ReduceLROnPlateau cannot follow a warm-up; below, by hand.
    assert {case.kind for case in SCHEDULES if case.settings.get("warmup")} == set(Schedule.kinds) - {"plateau"}


@each_case
def test_every_rate_is_the_references(case: ScheduleCase) -> None:
    # The neighbours have other numbers: what leaks between runs, or broadcasts wrongly, shows.
    runs = [other(Schedule.kinds[case.kind], case.settings, k) for k in (5, 0, 9)]
    found = rates(case.kind, runs, lr=[0.7, RATE, 0.2])[: case.times]
    np.testing.assert_allclose(found[:, 1], REFERENCES[case.name], rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@each_case
def test_a_run_has_the_same_bits_alone_and_in_a_stack(case: ScheduleCase, dtype: np.dtype[Any]) -> None:
    runs = [other(Schedule.kinds[case.kind], case.settings, k) for k in range(RUNS)]
    lr = [RATE * (1 + k / 7) for k in range(RUNS)]
    alone = np.hstack([rates(case.kind, [run], lr=[base], dtype=dtype) for run, base in zip(runs, lr, strict=True)])
    assert alone.dtype == dtype
    for first, last in ((0, 5), (5, RUNS), (0, RUNS)):
        together = rates(case.kind, runs[first:last], lr=lr[first:last], dtype=dtype)
        np.testing.assert_array_equal(together, alone[:, first:last])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("budget", [1, 2, 3, 10])
@each_case
def test_rates_of_the_shortest_budgets_are_positive_and_no_higher_than_asked(
    case: ScheduleCase, budget: int, dtype: np.dtype[Any]
) -> None:
    found = rates(case.kind, [case.settings], budget=budget, dtype=dtype)
    assert found.shape == (budget, 1)
    assert np.all(found > 0)
    assert np.all(found <= RATE * 1.000001)


def test_warm_up_by_hand() -> None:
    found = rates("constant", [{"warmup": 4.0}, {"warmup": 1.0}, {"warmup": 0.0}], lr=[1.0, 1.0, 3.0], budget=6)
    expected = [[0.2, 0.5, 3], [0.4, 1, 3], [0.6, 1, 3], [0.8, 1, 3], [1, 1, 3], [1, 1, 3]]
    np.testing.assert_allclose(found, np.array(expected), rtol=1e-15)


@pytest.mark.parametrize("kind", ["cosine", "linear", "polynomial"])
def test_what_has_no_length_lasts_for_the_budget_less_the_warm_up(kind: str) -> None:
    of_budget = rates(kind, [{"warmup": 3.0}], lr=[1], budget=11, times=14)
    np.testing.assert_allclose(of_budget[[3, 7, 11, 13], 0], [1, 0.5, 0, 0], atol=1e-15)
    of_its_own = rates(kind, [{"warmup": 3.0, "length": 4.0}], lr=[1], budget=11, times=14)
    np.testing.assert_allclose(of_its_own[[3, 5, 7, 13], 0], [1, 0.5, 0, 0], atol=1e-15)


def test_step_drops_on_the_hour() -> None:
    found = rates("step", [{"every": 3.0, "decay": 0.5}, {"every": 2.5, "decay": 0.1}], lr=[8, 1], budget=7)
    expected = np.array([[8, 8, 8, 4, 4, 4, 2], [1, 1, 1, 0.1, 0.1, 0.01, 0.01]])
    np.testing.assert_allclose(found.T, expected, rtol=1e-14)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_step_drops_on_the_hour_after_millions_of_steps(dtype: np.dtype[Any]) -> None:
    step: Schedule = stacked(Schedule.kinds["step"], [complete(Schedule.kinds["step"], {"every": 7e6})], dtype)
    one = np.ones((1, 1), dtype)
    found = [step.rate(one, one * t, one * 2e7, {}).item() for t in (6_999_999, 7_000_000, 13_999_999, 14_000_000)]
    np.testing.assert_allclose(found, [1, 0.1, 0.1, 0.01], rtol=1e-6)


def test_cosine_restarts_grow_by_hand() -> None:
    found = rates("cosine_restarts", [{"period": 2.0, "growth": 2.0}], lr=[1], budget=7)
    np.testing.assert_allclose(found[:, 0], [1, 0.5, 1, (2 + 2**0.5) / 4, 0.5, (2 - 2**0.5) / 4, 1], rtol=1e-14)


@pytest.mark.parametrize("growth", [1.0, 1.3])
def test_restarts_of_any_period_stay_between_end_and_lr(growth: float) -> None:
    periods = [0.1, 0.3, 0.7, 1.0, 1.1, 3.3, 7.7]
    found = rates("cosine_restarts", [{"period": p, "growth": growth, "end": 0.2} for p in periods], lr=[1] * 7)
    assert np.all(found >= 0.2)
    assert np.all(found <= 1)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("shrink", ["none", "halve", "exponential"])
def test_cycles_of_any_length_never_go_below_their_low(shrink: str, dtype: np.dtype[Any]) -> None:
    # At a cycle's end, rounding of t - cycle · length would give a small negative rate.
    runs = [
        {"rise": k * tenth, "fall": k * 0.3, "low": 0.0, "shrink": shrink, "decay": 0.9}
        for k in (0.1, 0.2, 0.7, 1.0, 1.1, 3.3)
        for tenth in (0.1, 0.7, 1.3)
    ]
    found = rates("cyclic", runs, budget=1000, dtype=dtype)
    assert np.all(found >= 0)
    assert np.all(found <= RATE * 1.000001)


def test_one_cycle_by_hand() -> None:
    found = rates("one_cycle", [{}, {"rise": 0.01}], lr=[1, 1], budget=10, times=12)
    np.testing.assert_allclose(found[[0, 1, 2, 9, 11], 0], [0.04, 0.52, 1, 4e-6, 4e-6], rtol=1e-10)
    assert np.all(np.diff(found[2:10, 0]) < 0)
    # So short a rise that its top lies before t = 0: a fall from the start.
    assert np.all(np.diff(found[:10, 1]) < 0)
    assert 0.95 < found[0, 1] <= 1


def test_plateau_by_hand() -> None:
    falling_once = [2.0, 1.0, 1.0, 0.99995, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    runs = [{"patience": 2.0, "decay": 0.5}, {"patience": 2.0, "decay": 0.5, "cooldown": 2.0, "end": 0.4}]
    found = rates("plateau", runs, lr=[1, 1], budget=11, losses=falling_once)
    # 1.0 is the best from t = 1 on, 0.99995 too small an improvement: the third bad epoch, t = 4, drops the rate.
    np.testing.assert_array_equal(found[:, 0], [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25])
    np.testing.assert_array_equal(found[:, 1], [1, 1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.4])


def test_plateau_watches_through_the_warm_up() -> None:
    found = rates("plateau", [{"warmup": 3.0, "patience": 1.0, "decay": 0.5}], lr=[8], budget=6, losses=[1.0])
    np.testing.assert_array_equal(found[:, 0], [2, 4, 6, 4, 4, 2])


def test_plateau_of_losses_below_zero() -> None:
    found = rates("plateau", [{"patience": 1.0, "decay": 0.5}], lr=[1], budget=5, losses=[-1.0])
    np.testing.assert_array_equal(found[:, 0], [1, 1, 1, 0.5, 0.5])
    still_falling = rates("plateau", [{"patience": 1.0}], lr=[1], budget=9, losses=[-0.1 * t for t in range(9)])
    assert np.all(still_falling == 1)


def test_a_loss_that_is_no_number_is_no_improvement() -> None:
    found = rates("plateau", [{"patience": 1.0, "decay": 0.5}], lr=[1], budget=6, losses=[np.nan, np.inf, 1.0])
    np.testing.assert_array_equal(found[:, 0], [1, 1, 0.5, 0.5, 0.5, 0.25])
