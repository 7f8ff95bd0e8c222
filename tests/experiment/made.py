"""Runs that never trained, as a commit takes them, and the rows that are then in a table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from gdrun.experiment.config.identity import run_id
from gdrun.experiment.results.folder import Finished, Folder


def made_id(name: str) -> str:
    return run_id(f'{{"run":"{name}"}}')


def ended(name: str, points: int = 2, status: str = "finished", **more: Any) -> Finished:
    run = made_id(name)
    history = [{"run": run, "step": step, "train_loss": 1 / (step + 3)} for step in range(points)]
    row = {"id": run, "status": status, "cause": None, "lr": 0.1, **more, "config": f'{{"run":"{name}"}}'}
    return Finished(run, row, history, {"final/position": np.ones(2)}, {"step": np.arange(points)})


def prepared(path: Path, shard: str | None = None) -> Folder:
    folder = Folder(path, shard)
    folder.prepare()
    return folder


R1, R2, R3, R4 = (made_id(name) for name in "1234")


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))
