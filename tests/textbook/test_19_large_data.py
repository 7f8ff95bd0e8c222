"""19: a batch step's work grows with the data, a mini-batch step's does not; memory grows only up to a chunk."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.analysis.criteria import value_of
from gdrun.descent.parts import Array
from gdrun.experiment.config import load
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.tiles import bytes_of
from tests.textbook.made import compared, config, ids, interval, lines, records, untimed

SIZES = (500, 1000, 2000, 4000)


def to_target(descent: dict[str, Any], lr: float, target: float = 0.2) -> dict[str, Array]:
    """Steps and examples until the loss is 0.2, by size of the data (sizes, seeds)."""
    candidates = [{"label": str(m), "dataset": {"examples": m}} for m in SIZES]
    settings = config("19-growing", examples=None, steps=120, record={"unit": "steps"}, optimizer={"lr": lr})
    compare = {"seeds": 4, "target": target, "candidates": candidates}
    found = compared(settings | {"descent": descent, "compare": compare}).answer
    results = {(run.label, run.seed): run for run in found.comparison.results(found.kept)}
    return {
        way: np.array([[value_of(results[str(m), seed], way) for seed in range(4)] for m in SIZES], float)
        for way in ("steps_to_target", "examples_to_target")
    }


def test_batch_needs_as_many_steps_whatever_the_size_and_so_examples_in_proportion() -> None:
    found = to_target({"variant": "batch"}, 1.0)
    steps, examples = found["steps_to_target"], found["examples_to_target"]
    assert steps.max() / steps.min() < 2
    np.testing.assert_array_equal(examples, steps * np.array(SIZES)[:, None])
    growth = np.log(examples[-1] / examples[0]) / np.log(SIZES[-1] / SIZES[0])
    low, high = interval(growth, 0.95)
    assert 0.8 < low < high < 1.2


def test_minibatches_of_32_need_as_many_examples_whatever_the_size() -> None:
    examples = to_target({"variant": "minibatch", "batch_size": 32}, 0.1)["examples_to_target"]
    growth = np.log(examples[-1] / examples[0]) / np.log(SIZES[-1] / SIZES[0])
    low, high = interval(growth, 0.95)
    assert -0.3 < low < high < 0.3


def test_on_the_same_examples_a_small_set_hides_it_and_a_large_one_shows_it() -> None:
    found = compared(config("19-growing", compare={"seeds": 2}))
    assert found.unmet == []
    steps = {label: lines(found, label)["end_step"].tolist() for label in ("batch, 1,000", "batch, 10,000")}
    assert steps == {"batch, 1,000": [40, 40], "batch, 10,000": [4, 4]}
    assert len(ids(found, "32 of 10,000")) == 2
    assert records(found, "32 of 10,000", "examples").max() == 40_000


def problem(m: int, descent: dict[str, Any]) -> Problem:
    settings = config("19-growing", dataset={"examples": m}, compare={}) | {"descent": descent}
    return pose(load({key: value for key, value in settings.items() if key != "compare"}))


@pytest.mark.parametrize(("descent", "grows"), [({"variant": "batch"}, True), ({"batch_size": 32}, False)])
def test_the_memory_of_a_step_grows_with_a_batch_of_all_but_only_to_a_chunk(
    descent: dict[str, Any], grows: bool
) -> None:
    held = [bytes_of(problem(m, descent)) for m in (100, 200, 4000, 8000)]
    assert (held[1] > 1.5 * held[0]) == grows
    assert (held[2] > 3 * held[1]) == grows
    # a sum may be formed in pieces: there are more and more examples, but what a step holds is bounded
    assert held[3] <= held[2] * 1.01


def test_the_number_of_steps_in_which_hardware_takes_the_same_examples() -> None:
    found = compared(untimed(config("19-hardware", epochs=1)))
    assert found.unmet == []
    steps = {label: int(lines(found, label)["end_step"].iloc[0]) for label in ("1 example", "8 examples")}
    assert steps == {"1 example": 1797, "8 examples": 225}
