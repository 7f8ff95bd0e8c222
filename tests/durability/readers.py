"""What is read, from files changed by chance: configs, a dataset's CSV, an experiment's results."""

from __future__ import annotations

import io
import random
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from gdrun.analysis.criteria import QuestionError
from gdrun.data import Csv, DataError, prepare
from gdrun.experiment import comparison
from gdrun.experiment.config import ConfigError, load
from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import ResultsWarning
from gdrun.experiment.sweep import expand
from tests.cli.driver import gdrun
from tests.durability.made import MANY, ONE

GALLERY = Path(__file__).parents[2] / "configs"
ALL = b"""\
seed: 3
name: everything
dataset: {kind: csv, path: a.csv, target: y, drop: [a, 2], decimal: ".", na_values: [none], missing: mean, test: 0.1}
model: {kind: mlp, hidden: [8, 4], activation: tanh, l2: 0.01, initial: he}
loss: {kind: huber, delta: 1.5}
descent: {variant: minibatch, batch_size: 8, replacement: true}
optimizer:
  kind: adamw
  lr: 0.01
  weight_decay: 0.1
  clip_norm: 1.0
schedule: {kind: multistep, milestones: [2, 4], decay: 0.5, warmup: 1, unit: epochs}
examples: 1000
stop: {patience: 3, tolerance: 1e-8, loss: 0.01}
record: {every: 2, unit: steps, batch_loss: true, paths: true}
dtype: float32
expect: {status: [finished, stopped], validation_loss: {at_most: 1.5}}
"""
SWEEP = b"""\
dataset: digits
model: softmax
steps: 5
optimizer: {kind: gd, lr: {log: [1e-3, 1, 4]}}
compare:
  seeds: [1, 2, 5]
  zip: {dtype: [float32, float64], model.l2: [0, 0.1]}
  target: 0.5
  rows: [optimizer.kind]
  candidates:
    - optimizer: {kind: [gd, momentum], lr: [0.1, 0.2]}
      label: plain
    - random: {n: 3, seed: 1}
      optimizer: {kind: adam, lr: {linear: [0.1, 1, 5]}}
      descent: {batch_size: {range: [4, 6]}}
      expect: {status: diverged}
"""
COLOURS = b"".join(b"%d,%.3f,%s,%d\n" % (i, i / 7, (b"red", b"blue")[i % 2], i % 3) for i in range(12))
TABLES: Mapping[str, tuple[bytes, Mapping[str, Any]]] = {
    "classes": (b"a,b,colour,y\n" + COLOURS, {"target": "y"}),
    "decimals": (b"x;y\n1,5;2\n2,5;3,25\n-3;1e-3\n0;7\n", {"target": "y", "decimal": ","}),
    "quotes": (b'"first ""name""",y\n"a, b",1.5\n"c",2\n"a, b",NA\n"c",3\n', {"target": "y", "missing": "drop"}),
    "tabs": (b"1\t2\t3\n4\t5\t6\n7\t8\t9.5\n", {"target": -1}),
    "words": (b"y,x\nyes,1\nno,2\nyes,\nno,3\nyes,?\n", {"target": 0, "missing": "mean"}),
}
"""Each with settings by which it can be read."""
SETTINGS: Mapping[str, tuple[Any, ...]] = {
    "target": ("y", -1, 0, 3),
    "header": (True, False),
    "drop": (("a",), (1,)),
    "encoding": ("latin-1", "utf-16", "idna", "rot13", "x"),
    "delimiter": (",", ";", "::", "a", '"', " ", "\n"),
    "decimal": (".", ","),
    "missing": ("error", "drop", "mean"),
    "max_categories": (2,),
    "task": ("classification", "regression"),
    "na_values": (("yes", "1"),),
    "validation": (0.0, 0.9),
    "standardize_target": (True,),
}
"""Other ways of reading."""


@dataclass(frozen=True)
class Reader:
    """A reader of files, and files that it reads."""

    whole: Mapping[str, bytes]
    read: Callable[[str, bytes, random.Random], bool]
    """Whether a file of that name with that content is read; its own errors are refusals, others are mistakes."""


def configs() -> Reader:
    """Configs, for `train` and `compare`."""
    files = {file.name: file.read_bytes() for file in sorted(GALLERY.glob("*.yaml"))}
    return Reader(files | {"all": ALL, "sweep": SWEEP, "many": MANY.encode(), "one": ONE.encode()}, _read_config)


def _read_config(name: str, content: bytes, chance: random.Random) -> bool:
    return any([_is_read(lambda: load("-", stdin=_stream(content))), _is_read(lambda: _expand(content))])


def _expand(content: bytes) -> None:
    expand(["-"], name="x", stdin=_stream(content), rates=lambda tree, file: [0.1, 0.2])


def _is_read(read: Callable[[], object]) -> bool:
    try:
        read()
    except ConfigError as error:
        _check_lines(str(error), 101)
        return False
    return True


def data() -> Reader:
    """A dataset's CSV file, read with settings chosen by chance."""
    return Reader({name: table for name, (table, _) in TABLES.items()}, _read_data)


def _read_data(name: str, content: bytes, chance: random.Random) -> bool:
    Path("a.csv").write_bytes(content)
    others = {name: chance.choice(values) for name, values in SETTINGS.items() if chance.random() < 0.05}
    try:
        found = prepare(Csv(**{"path": "a.csv", **TABLES[name][1], **others}), 1e8)
    except DataError as error:
        _check_lines(str(error), 1)
        return False
    for part in filter(None, (found.train, found.validation, found.test)):
        assert np.isfinite(part.features).all()
        assert np.isfinite(part.targets).all()
    return True


def results() -> Reader:
    """The files of an experiment: what is read of changed ones are runs that there were, and they stay as they are."""
    Path("many.yaml").write_text(MANY)
    gdrun("compare", "many.yaml", "epochs=2", "compare.seeds=1", "--quiet").ok()
    folder = Folder(Path("results/many"))
    whole = {name: (folder.path / name).read_bytes() for name in LOOKS}
    known = {(run, row["config"]) for run, row in folder.rows().items()}

    def read(name: str, content: bytes, chance: random.Random) -> bool:
        (folder.path / name).write_bytes(content)
        try:
            return _read_results(folder, name, known)
        finally:
            assert (folder.path / name).read_bytes() == content
            (folder.path / name).write_bytes(whole[name])

    return Reader(whole, read)


def _read_results(folder: Folder, name: str, known: set[tuple[str, str]]) -> bool:
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", ResultsWarning)
        try:
            LOOKS[name](folder, known)
        except (ReadError, QuestionError) as error:
            _check_lines(str(error), 1)
            return False
    for warning in said:
        assert issubclass(warning.category, ResultsWarning), warning
        _check_lines(str(warning.message), 1)
    return not said


def _look_at_runs(folder: Folder, known: set[tuple[str, str]]) -> None:
    rows = {run: dict(row) for run, row in folder.typed_rows().items()}
    assert {(run, row["config"]) for run, row in rows.items()} <= known
    runs = folder.runs()
    assert not len(runs) or {*runs["id"]} == {*rows}


def _look_at_history(folder: Folder, known: set[tuple[str, str]]) -> None:
    history = folder.history()
    assert not len(history) or {*history["run"]} <= {run for run, _ in known}


def _look_at_comparison(folder: Folder, known: set[tuple[str, str]]) -> None:
    found = comparison.read(folder)
    if found is not None:
        comparison.rankings(found, folder)


LOOKS = {"runs.csv": _look_at_runs, "history.csv": _look_at_history, "comparison.json": _look_at_comparison}


def _stream(content: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")


def _check_lines(message: str, most: int) -> None:
    lines = message.split("\n")
    assert len(lines) <= most
    assert all(line.isprintable() and 0 < len(line) < 2000 for line in lines), lines


READERS: Mapping[str, Callable[[], Reader]] = {"configs": configs, "data": data, "results": results}
