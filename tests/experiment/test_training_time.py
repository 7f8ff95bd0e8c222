"""How long runs will take: what is counted, and what is reckoned from it; no test looks at a clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gdrun.descent.loop import descend
from gdrun.descent.objectives import DataObjective
from gdrun.descent.state import Descent, State, begin
from gdrun.experiment import training_time
from gdrun.experiment.config import load
from gdrun.experiment.gauges.sharpness import Sharpness
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.stack import stack
from gdrun.experiment.training import train
from gdrun.experiment.training_time import Cost, Doubling, Mark, between, looks, measurements, part, smaller, tried

LINE: dict[str, Any] = {
    "dataset": {"kind": "linear", "examples": 50},
    "model": "linear",
    "optimizer": {"kind": "gd", "lr": 0.01},
    "descent": {"batch_size": 8},
    "epochs": 7,
}
BOWL: dict[str, Any] = {
    "model": {"kind": "surface", "function": "quadratic", "condition": 20, "start": [4, 1]},
    "optimizer": {"kind": "gd", "lr": 0.05},
    "steps": 10,
}


def posed(config: dict[str, Any], **changes: Any) -> Problem:
    return pose(load({**config, **changes}))


LOOKS = [
    {},
    {"record": {"every": 3}},
    {"record": {"every": 4, "unit": "steps"}},
    {"record": {"every": 5, "unit": "steps"}, "epochs": None, "steps": 13},
    {"epochs": None, "steps": 12},
    {"epochs": None, "steps": 3},
    {"record": {"batch_loss": True}},
    {"descent": "batch"},
]


@pytest.mark.parametrize("changes", LOOKS, ids=str)
def test_looks_are_the_steps_at_which_a_run_is_evaluated_or_recorded(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    descent, parameters = stack([posed(LINE, **changes)])
    state = begin(descent, parameters)
    looked: set[int] = set()
    validation = DataObjective.validation

    def noted(self: DataObjective, parameters: Any) -> Any:
        looked.add(state.step)
        return validation(self, parameters)

    monkeypatch.setattr(DataObjective, "validation", noted)
    descend(descent, state, lambda rows: looked.add(rows.step))
    assert looks(descent) == len(looked)


def test_a_surface_is_looked_at_in_every_step() -> None:
    assert looks(stack([posed(BOWL)])[0]) == 11


def test_a_cost_is_what_happened_between_two_marks() -> None:
    descent, _ = stack([posed(LINE)])  # 5 steps an epoch
    found = between(Mark(4, 1.0, 10.0), Mark(16, 3.4, 14.4), replace(descent, recording=Doubling()), runs=2)
    assert found.step == pytest.approx(2.4 / 24)
    assert found.look == pytest.approx(2.0 / (2 * 5))  # after 5, 8, 10, 15 and 16 steps
    assert found.run(descent) == pytest.approx(35 * 0.1 + (8 + 2) * 0.2)


@pytest.mark.parametrize(
    ("config", "unit"), [(LINE, "epochs"), (LINE, "steps"), (BOWL, "steps")], ids=["line", "steps of a line", "bowl"]
)
@pytest.mark.parametrize("every", [1, 2, 3, 50])
def test_the_sharpness_is_reckoned_where_it_is_measured(config: dict[str, Any], unit: str, every: int) -> None:
    problem = posed(config, record={"sharpness": every, "unit": unit})
    times = sum("sharpness" in row and row["sharpness"] is not None for row in train(problem).history)
    descent = stack([problem])[0]
    (gauge,) = descent.recording.gauges
    assert measurements(descent, gauge) == times
    assert Cost(0.0, 0.0, gauges=(0.5,)).run(descent) == 0.5 * times


def test_one_measurement_of_one_run_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    read = Sharpness.read

    def noted(self: Sharpness, descent: Descent, state: State, gradient: Any) -> Any:
        seen.append(len(state.parameters))
        return read(self, descent, state, gradient)

    monkeypatch.setattr(Sharpness, "read", noted)
    problems = [posed(LINE, seed=seed, record={"sharpness": 1}) for seed in range(3)]
    assert tried(problems, 0.1).gauges > (0,)
    assert seen == [1]
    assert tried([posed(LINE)], 0.1).gauges == ()


def test_every_run_and_step_is_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    tiles = [[posed(LINE, seed=seed) for seed in seeds] for seeds in ((0, 1, 2), (3, 4))]
    tiles.append([posed(LINE, seed=5, epochs=2)])
    asked: list[float] = []

    def cost(tile: Sequence[Problem], seconds: float) -> Cost:
        asked.append(seconds)
        return Cost(step=2.0, look=0.0) if tile[0].config.epochs == 7 else Cost(step=3.0, look=0.0)

    monkeypatch.setattr(training_time, "cost", cost)
    assert training_time.forecast(tiles, 1.0) == pytest.approx(5 * 35 * 2.0 + 10 * 3.0)
    assert asked == [0.5, 0.5]


def test_what_is_not_tried_is_like_the_nearest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_time, "MOST_TRIED", 2)
    monkeypatch.setattr(training_time, "cost", lambda tile, seconds: Cost(step=_size(tile[0]), look=0.0))
    tiles = [[posed(LINE, descent={"batch_size": size}, epochs=None, steps=10)] for size in (2, 9, 20, 40)]
    assert training_time.forecast(tiles) == pytest.approx(10 * (2.0 + 2.0 + 2.0 + 40.0))
    monkeypatch.setattr(training_time, "cost", lambda tile, seconds: Cost(step=tile[0].config.optimizer.lr, look=0.0))
    kinds = ({"kind": kind, "lr": lr} for kind, lr in (("gd", 1.0), ("adam", 2.0), ("lion", 9.0)))
    alike = [[posed(LINE, optimizer=kind, epochs=None, steps=10)] for kind in kinds]
    assert training_time.forecast(alike) == pytest.approx(10 * (1.0 + 9.0 + 5.0))  # as much work: the mean of both


def _size(problem: Problem) -> float:
    return float(problem.settings["descent"]["batch_size"])


def test_a_part_of_the_examples_stands_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {**LINE, "dataset": {"kind": "linear", "examples": 5000, "features": 3}}
    problem = posed(many)
    assert part(problem) == 1.0
    monkeypatch.setattr(training_time, "WORK", 4 * 400)  # 4 parameters, 4,000 examples to train on
    assert part(problem) == pytest.approx(0.1)
    assert part(posed(many, descent={"batch_size": 1000})) == pytest.approx(0.25)
    assert part(posed(BOWL)) == 1.0
    less = smaller(problem, 0.1)
    assert less.train is not None
    assert less.held_out is not None
    assert (less.train.m, less.held_out.m, less.id) == (400, 100, problem.id)
    seen: list[int] = []

    def trial(tile: Sequence[Problem], seconds: float) -> Cost:
        assert tile[0].train is not None
        seen.append(tile[0].train.m)
        return Cost(step=1.0, look=1.0, gauges=(1.0,))

    monkeypatch.setattr(training_time, "tried", trial)
    assert training_time.cost([problem], 1.0) == Cost(1.0, 10.0, (10.0,))
    assert training_time.cost([posed(many, descent="batch")], 1.0) == Cost(10.0, 10.0, (10.0,))
    assert seen == [400, 400]


@pytest.mark.parametrize(("tick", "steps"), [(1.0, 128), (0.0, 350)])
def test_a_trial_ends_when_its_time_is_over_or_its_budget(
    tick: float, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [0.0]  # that takes a tick at each look: 1 at the beginning, 2 after 0 steps, …, 10 after 128

    def counter() -> float:
        clock[0] += tick
        return clock[0]

    problem = posed(LINE, epochs=70)
    seen: list[int] = []
    monkeypatch.setattr(training_time, "perf_counter", counter)
    monkeypatch.setattr(training_time, "histories", lambda tile, rows: seen.append(rows[0].step))
    assert tried([problem], 10.5).step >= 0
    assert seen[-1] == steps
    assert set(seen) <= {0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 350}
