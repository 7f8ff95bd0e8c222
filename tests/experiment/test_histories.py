"""What the loop saw, as rows of a history."""

from __future__ import annotations

import numpy as np

from gdrun.descent.loop import Rows
from gdrun.experiment.config import load
from gdrun.experiment.outcome import histories
from gdrun.experiment.problem import pose
from gdrun.experiment.sources import Sources

COLUMNS = [
    *("run", "epoch", "step", "examples", "lr", "train_loss", "batch_loss", "validation_loss"),
    *("train_accuracy", "validation_accuracy", "gradient_norm", "seconds"),
]


def record(runs: list[int], step: int, examples: int, **values: list[float]) -> Rows:
    return Rows(np.array(runs), step, examples, step / 8, {k: np.array(v) for k, v in values.items()}, None)


def test_each_run_has_its_own_rows_in_the_order_of_the_records() -> None:
    config = {"dataset": {"kind": "blobs", "examples": 50}, "model": "softmax", "epochs": 1}
    sources = Sources()
    problems = [
        pose(load({**config, "seed": seed, "optimizer": {"kind": "gd", "lr": 0.1}}), sources) for seed in range(3)
    ]
    both = {"validation_accuracy": [0.1, 0.2], "train_accuracy": [0.3, 0.4], "train_loss": [5.0, 6.0]}
    found = histories(
        problems,
        [
            record([0, 2], 0, 0, lr=[np.nan] * 2, batch_loss=[1.0, 2.0], gradient_norm=[7.0, 8.0], **both),
            record([2], 2, 50, lr=[0.1], batch_loss=[3.0], gradient_norm=[9.0]),
        ],
    )
    first, none, other = found
    assert none == []
    assert list(first[0]) == COLUMNS
    shared = {"epoch": 0, "step": 0, "examples": 0, "lr": None, "validation_loss": None, "seconds": 0.0}
    mine = {"train_loss": 5.0, "batch_loss": 1.0, "train_accuracy": 0.3, "validation_accuracy": 0.1}
    assert first == [{"run": problems[0].id, **shared, **mine, "gradient_norm": 7.0}]
    assert [row["run"] for row in other] == [problems[2].id] * 2
    assert [row["batch_loss"] for row in other] == [2.0, 3.0]
    last = other[1]
    assert (last["epoch"], last["step"], last["examples"], last["lr"]) == (1.25, 2, 50, 0.1)
    assert (last["train_loss"], last["seconds"]) == (None, 0.25)
