"""A descent to be left and gone on with, and whether two of them ended the same."""

from __future__ import annotations

import numpy as np

from gdrun.descent.loop import Outcome
from gdrun.descent.parts import Array
from gdrun.descent.state import Descent, Recording
from gdrun.descent.stopping import Stop
from tests.cases import ModelCase, VariantCase
from tests.descent.setups import Watch, learning, plan, start

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
