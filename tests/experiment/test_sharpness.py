"""The Hessian's largest eigenvalue along the way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gdrun.analysis.curvature import dense_hessian
from gdrun.experiment.config import ConfigError, load
from gdrun.experiment.foresight.run import landscape
from gdrun.experiment.gauges import sharpness as module
from gdrun.experiment.problem import Problem, pose
from gdrun.experiment.results.folder import Finished
from gdrun.experiment.sources import Sources
from gdrun.experiment.stack import initial
from gdrun.experiment.training import train, train_tile

NETWORK: dict[str, Any] = {
    "dataset": {"kind": "blobs", "examples": 60, "classes": 3},
    "model": {"kind": "mlp", "hidden": [5], "activation": "tanh"},
    "descent": {"variant": "minibatch", "batch_size": 16},
    "epochs": 6,
    "optimizer": {"kind": "momentum", "lr": 0.1},
    "record": {"sharpness": 2},
}
BOWL = {
    "model": {"kind": "surface", "function": "quadratic", "condition": 20.0},
    "optimizer": {"kind": "gd", "lr": 0.05},
}


def posed(sources: Sources | None = None, **changes: Any) -> Problem:
    return pose(load({**NETWORK, **changes}), sources)


def column(run: Finished, name: str) -> list[Any]:
    return [row.get(name) for row in run.history]


def test_of_a_bowl_it_is_the_steeper_curvature() -> None:
    run = train(pose(load({**BOWL, "steps": 10, "record": {"sharpness": 4}})))
    seen = [0, 4, 8]
    assert [value for step, value in enumerate(column(run, "sharpness")) if step in seen] == pytest.approx([20] * 3)
    assert [value for step, value in enumerate(column(run, "sharpness")) if step not in seen] == [None] * 8
    assert column(run, "stability_limit")[0] is None
    assert column(run, "stability_limit")[4] == 40


def test_of_a_network_it_is_that_of_its_dense_hessian() -> None:
    problem = posed()
    run = train(problem)
    exact = np.linalg.eigvalsh(dense_hessian(landscape(problem), initial(problem)))[-1]
    assert column(run, "sharpness")[0] == pytest.approx(exact, rel=1e-3)
    assert [value is not None for value in column(run, "sharpness")] == [True, False, True, False, True, False, True]
    assert column(run, "stability_limit")[2] == pytest.approx(20)


def test_it_is_recorded_where_nothing_else_is_due() -> None:
    run = train(posed(record={"sharpness": 2, "every": 5}))
    assert column(run, "epoch") == [0, 2, 4, 5, 6]
    assert [value is not None for value in column(run, "sharpness")] == [True, True, True, False, True]


def test_alone_or_together_and_nothing_else_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = Sources()
    rates = [(0, 0.01), (1, 0.1), (2, 1.0), (0, 1e5)]
    problems = [posed(sources, seed=seed, optimizer={"kind": "momentum", "lr": lr}) for seed, lr in rates]
    together = train_tile(problems)
    monkeypatch.setattr(module, "ROOM", 1)  # one run at a time
    apart = train_tile(problems)
    alone = [train(problem) for problem in problems]
    for name in ("sharpness", "stability_limit"):
        for others in (apart, alone):
            assert [repr(column(run, name)) for run in together] == [repr(column(run, name)) for run in others]
    for run, (seed, lr) in zip(alone, rates, strict=True):
        without = train(posed(sources, seed=seed, optimizer={"kind": "momentum", "lr": lr}, record={}))
        assert repr(column(run, "train_loss")) == repr(column(without, "train_loss"))
        assert "sharpness" not in without.history[0]


def test_it_is_part_of_the_id_only_where_it_is_set() -> None:
    assert posed().id != posed(record={}).id
    assert posed(record={"sharpness": None}).id == posed(record={}).id
    with pytest.raises(ConfigError, match=r"record.sharpness: must be at least 1"):
        posed(record={"sharpness": 0})
