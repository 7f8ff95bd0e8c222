"""Small experiments, and what is kept of them: bits that must not depend on what happened on the way."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdrun.experiment.results.arrays import read_arrays
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import read_history, read_runs
from gdrun.experiment.unfinished.checkpoint import read_checkpoint

ONE = """\
dataset: {kind: blobs, examples: 60, classes: 3}
model: softmax
optimizer: {kind: adam, lr: 0.02}
schedule: {kind: plateau, patience: 4}
descent: {variant: minibatch, batch_size: 7}
record: {paths: true}
epochs: 120
"""
MANY = """\
dataset: {kind: blobs, examples: 60, classes: 3}
model: softmax
epochs: 60
compare:
  save: weights
  seeds: 2
  candidates:
    - {optimizer: {kind: momentum, lr: [0.01, 0.1, 1.0e+300]}, schedule: {kind: cosine, warmup: 3}}
    - {optimizer: {kind: adam, lr: [0.01, 0.1]}, descent: {variant: stochastic}}
    - {optimizer: {kind: gd, lr: [0.1, 0.2]}, stop: {patience: 3}}
"""
"""Three tiles; two runs diverge at once, some stop on the way."""
WIDE = """\
dataset: {kind: blobs, examples: 60, classes: 3}
model: softmax
epochs: 20
optimizer: {kind: gd, lr: [0.01, 0.1]}
descent: {variant: minibatch, batch_size: {range: [4, 15]}}
"""
"""Twelve tiles of two runs."""
TIMES = ("seconds", "started")
COMMANDS = {"one": ("train", "one.yaml"), "many": ("compare", "many.yaml", "--jobs", "1")}
RUNS = {"one": 1, "many": 14}


def write_configs(folder: Path) -> None:
    """The configs."""
    (folder / "one.yaml").write_text(ONE)
    (folder / "many.yaml").write_text(MANY)
    (folder / "wide.yaml").write_text(WIDE)


@dataclass(frozen=True)
class Kept:
    """All that is kept of an experiment, times aside, and the order in which it was written."""

    runs: dict[str, Any]
    history: Counter[Any]
    arrays: dict[str, dict[str, bytes]]
    others: dict[str, bytes]


def kept(folder: Path) -> Kept:
    """What is kept in an experiment's folder."""
    arrays = {
        str(path.relative_to(folder)): _bytes(path) for kind in ("weights", "paths") for path in files(folder, kind)
    }
    others = {path.name: path.read_bytes() for path in folder.glob("*.json")}
    runs = _rows(folder / "runs.csv")
    assert len({dict(row)["id"] for row in runs}) == len(runs)
    return Kept({dict(row)["id"]: row for row in runs}, Counter(_rows(folder / "history.csv")), arrays, others)


def files(folder: Path, kind: str) -> list[Path]:
    """The arrays of one kind; halves of files that a killed process left are hidden ones."""
    return [path for path in (folder / kind).glob("*.npz") if not path.name.startswith(".")]


def _bytes(path: Path) -> dict[str, bytes]:
    return {name: array.tobytes() + str(array.dtype).encode() for name, array in read_arrays(path).items()}


def _rows(path: Path) -> list[tuple[tuple[str, str], ...]]:
    text = io.StringIO(path.read_text(encoding="utf-8")) if path.exists() else io.StringIO()
    return [
        tuple(sorted((name, cell) for name, cell in row.items() if name not in TIMES and cell))
        for row in csv.DictReader(text)
    ]


def committed(folder: Path) -> dict[str, Any]:
    """The runs that are there, with their histories and weights, after looking at every file: all must be whole."""
    if not folder.is_dir():
        return {}
    for table in (read_runs(folder / "runs.csv"), read_history(folder / "history.csv")):
        assert not table.faults, (table.path, table.faulty)
    for path in (folder / "unfinished").glob("t*.npz"):
        assert read_checkpoint(path).runs
    runs = _rows(folder / "runs.csv")
    ids = [dict(row)["id"] for row in runs]
    assert len(set(ids)) == len(ids)
    history = Folder(folder).history()  # warns, which is an error in tests, where points are missing
    points = Counter(history["run"]) if len(history) else Counter[str]()
    assert set(points) == set(ids)
    return {
        run: (
            row,
            points[run],
            [_bytes(path) for kind in ("weights", "paths") if (path := folder / kind / f"{run}.npz").exists()],
        )
        for run, row in zip(ids, runs, strict=True)
    }


def differences(found: Kept, whole: Kept) -> list[Any]:
    """Some of what differs."""
    runs = [(found.runs.get(run), row) for run, row in whole.runs.items() if found.runs.get(run) != row]
    rows = [*(found.history - whole.history), *(whole.history - found.history)]
    arrays = [name for name in {**found.arrays, **whole.arrays} if found.arrays.get(name) != whole.arrays.get(name)]
    others = [name for name in {**found.others, **whole.others} if found.others.get(name) != whole.others.get(name)]
    return [*runs[:2], *rows[:4], *arrays[:4], *others]


def half_files(folder: Path) -> list[Path]:
    """What is left of files that were being written."""
    return [path for path in folder.rglob(".*") if path.name != ".lock"]


def no_half_files(folder: Path) -> bool:
    """Whether nothing is left of files that were being written, and nothing of what was unfinished."""
    return not half_files(folder) and not (folder / "unfinished").exists()
