"""What is known of a posed run before its first step, from its config."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature.spectrum import LARGEST_PASSES
from gdrun.experiment.config import load
from gdrun.experiment.foresight import run
from gdrun.experiment.foresight.run import affordable, foresee
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.stack import initial

LINE = {"dataset": {"kind": "linear"}, "model": "linear", "descent": {"variant": "batch"}, "epochs": 100}


def posed(**changes: Any) -> Problem:
    return pose(load({**LINE, "optimizer": {"kind": "gd", "lr": 0.1}, **changes}))


def test_of_linear_regression() -> None:
    problem = posed()
    known = foresee(problem)
    assert problem.train is not None
    X = problem.train.X
    eigenvalues = np.linalg.eigvalsh(X.T @ X / len(X))
    assert known.curvature is not None
    assert pytest.approx(eigenvalues[-1], rel=1e-9) == known.curvature.L
    assert known.optimum is not None
    assert known.optimum.exists
    assert known.noise is not None
    assert known.prediction is not None
    assert known.prediction.verdict == "converges"
    assert known.rates.low < 2 / eigenvalues[-1] < known.rates.high
    assert known.notes == ()


def test_of_a_surface() -> None:
    surface = {"kind": "surface", "function": "quadratic", "condition": 20.0, "start": [4.0, 1.0]}
    problem = pose(load({"model": surface, "optimizer": {"kind": "gd", "lr": 0.11}, "steps": 50}))
    known = foresee(problem)
    assert known.noise is None
    assert known.prediction is not None
    assert known.prediction.verdict == "diverges"
    assert known.prediction.factor == pytest.approx(1.2)


def test_what_takes_too_long_is_left_out_with_a_word() -> None:
    known = foresee(posed(), most_passes=1)
    assert (known.curvature, known.optimum, known.prediction) == (None, None, None)
    assert len(known.notes) == 2
    assert all("longer" in note for note in known.notes)
    assert "usual" in known.rates.reason


def test_a_convex_loss_with_a_minimum_is_told_its_most_steps() -> None:
    softmax = {"kind": "softmax", "l2": 0.1}
    known = foresee(posed(dataset={"kind": "blobs", "classes": 3}, model=softmax)).prediction
    assert known is not None
    assert (known.verdict, known.at_most) == ("converges", True)
    assert known.steps is not None


def test_where_both_ends_take_too_long_the_largest_eigenvalue_is_left() -> None:
    problem = posed(model={"kind": "mlp", "hidden": [20]})  # whose whole Hessian takes more passes than that
    whole, part = foresee(problem).curvature, foresee(problem, most_passes=LARGEST_PASSES).curvature
    assert whole is not None
    assert part is not None
    assert whole.smallest is not None
    assert (part.smallest, part.mu, part.flat) == (None, None, None)
    assert pytest.approx(whole.L, rel=1e-6) == part.L
    assert foresee(problem, most_passes=LARGEST_PASSES - 1).curvature is None


def test_a_start_that_overflows_has_a_note() -> None:
    network = {"kind": "mlp", "hidden": [2], "activation": "identity"}
    size = posed(model=network).variables
    known = foresee(posed(model={**network, "initial": [1e200] * size}))
    assert known.curvature is None
    assert "finite" in known.notes[0]


def test_of_many_optima_the_one_nearest_to_the_start() -> None:
    # what all classes' weights have in common has no slope: descent leaves it as it is, and so does the optimum
    model = {"kind": "softmax", "initial": "normal"}
    problem = posed(dataset={"kind": "blobs", "classes": 3, "noise": 9.0}, model=model)
    lowest = foresee(problem).optimum
    assert lowest is not None
    assert lowest.parameters is not None
    common, begin = (point.reshape(-1, 3).sum(axis=1) for point in (lowest.parameters, initial(problem)))
    assert np.abs(begin).max() > 0
    assert common == pytest.approx(begin, rel=1e-6)


def test_what_is_affordable_goes_by_the_shortest_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 9.0, 10.0, 12.0, 20.0, 25.0, 30.0, 34.0])
    monkeypatch.setattr(run, "perf_counter", lambda: next(clock))
    assert affordable(posed(), 7.0) == 3.5
