"""Losses and metrics of final and best parameters are those of the parameters, recorded or not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gdrun.descent.objectives import DataObjective
from gdrun.experiment.results.arrays import under
from gdrun.experiment.stack import stack
from tests.experiment.trained import in_one_stack, tiles_of

DATA = {
    "classes": "dataset: {kind: blobs, examples: 120, test: 0.2}\nmodel: {kind: mlp, hidden: [4]}",
    "numbers": "dataset: {kind: linear, examples: 120, noise: 1, validation: 0}\nmodel: linear",
}
RUNS = """
descent: {batch_size: 16}
optimizer: {kind: momentum, lr: 0.1}
epochs: 7
compare:
  candidates:
    - {optimizer: {lr: 0.003}, model: {l2: 0.1}}
    - {optimizer: {lr: 0.9, momentum: 0.99}, model: {l2: 0.01}}
    - {optimizer: {lr: 1.0e+200}, model: {l2: 0.001}}
  seeds: 2
"""
RECORDS = {
    "each epoch": "record: {every: 1}",
    "some epochs": "record: {every: 4}",
    "between epochs": "record: {every: 4, unit: steps}",
    "every batch": "record: {every: 4, batch_loss: true}",
}


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("data", DATA.values(), ids=DATA)
def test_final_and_best_values_are_those_of_the_kept_parameters(
    data: str, record: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tile,) = tiles_of(f"{data}{RUNS}{record}\n")
    finished = in_one_stack(tile, monkeypatch)
    assert {run.row["status"] for run in finished} == {"finished", "diverged"}
    for problem, run in zip(tile, finished, strict=True):
        objective, network = stack([problem])[0].objective, problem.network
        assert isinstance(objective, DataObjective)
        assert network is not None
        for which in ("final", "best"):
            parameters = network.unnamed(under(which, run.weights))[None]
            with np.errstate(all="ignore"):
                expected = objective.training(parameters) | objective.validation(parameters)
                if problem.test is not None:
                    tested = replace(objective, held_out=problem.test).validation(parameters)
                    expected |= {name.replace("validation", "test"): column for name, column in tested.items()}
            found = {name: value for name, value in run.row.items() if name.startswith(f"{which}_")}
            wanted = {f"{which}_{name}": column.item() for name, column in expected.items()}
            assert list(found)[: len(wanted)] == list(wanted)
            assert repr({name: found[name] for name in wanted}) == repr(wanted)
