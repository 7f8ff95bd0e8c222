"""`gdrun init`: a config to begin with, from the gallery or for a CSV file."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gdrun.cli.exits import UsageError
from gdrun.data import Column, Csv, DataError, Table
from gdrun.data.files import read_bytes
from gdrun.data.memory import TEXT
from gdrun.experiment.config import as_yaml
from gdrun.experiment.gallery import gallery, summary
from gdrun.experiment.resources import granted_memory
from gdrun.experiment.results.writing import write_text

MOST_COLUMNS = 30
"""Columns that the comment describes."""
CSV_ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt")


def initialise(source: str, target: str | None, output: Path | None, force: bool) -> None:
    """Write a config of the gallery, or one for a CSV file. Raises UsageError, DataError, WriteError."""
    if source in gallery():
        text, name = gallery()[source].read_text(encoding="utf-8"), source
    elif source.lower().endswith(CSV_ENDINGS):
        text, name = (
            config_for(source, target, (Path(f"{stem(source)}.yaml") if output in (None, Path("-")) else output).name),
            stem(source),
        )
    else:
        raise UsageError(f"no config {source!r} in the gallery: {', '.join(gallery())}, or a CSV file")
    path = output or Path(f"{name}.yaml")
    if str(path) == "-":
        print(text, end="")
        return
    if path.exists() and not force:
        raise UsageError(f"{path}: is there already; --force overwrites it, -o FILE writes elsewhere")
    write_text(path, text)
    print(f"{path} written          next: gdrun train {path}")


def list_gallery() -> None:
    """Print the gallery's configs, a line each."""
    width = max(map(len, gallery()), default=0)
    for name, path in gallery().items():
        print(f"{name:{width}}  {summary(path)}")


def config_for(path: str, target: str | None, name: str) -> str:
    """A commented config for a CSV file, after looking at its columns; what it needs to be read is written down."""
    if target is None:
        raise UsageError(f"--target: which column is to be predicted? {_columns(path)}")
    wanted = int(target) if target.lstrip("-").isdecimal() else target
    table, helped, reasons = _read({"path": path, "target": wanted})
    lines = [f"# {path}: {len(table.targets)} examples, {len(table.feature_names)} features.        gdrun train {name}"]
    lines += [f"#   {_described(column)}" for column in table.columns[:MOST_COLUMNS]]
    lines += (
        [f"#   … {len(table.columns) - MOST_COLUMNS} more: gdrun check"] if len(table.columns) > MOST_COLUMNS else []
    )
    lines += [f"# {reason}" for reason in reasons]
    lines += ["seed: 0", "", as_yaml({"dataset": {"kind": "csv", **helped}}).rstrip(), *_training(table)]
    return "\n".join(" ".join(line.splitlines()) if line.startswith("#") else line for line in lines) + "\n"


def _read(given: dict[str, Any]) -> tuple[Table, dict[str, Any], list[str]]:
    """The table, the settings that it takes to read it, and why; raises DataError where nothing helps."""
    reasons: list[str] = []
    while True:
        try:
            return Csv(**given).read(granted_memory()), given, reasons
        except DataError as error:
            remedy = _remedy(error, given)
            if remedy is None:
                raise
            given = given | remedy
            reasons.append(f"{', '.join(remedy)}: {str(error).removeprefix(given['path'] + ': ')}")


def _remedy(error: DataError, given: Mapping[str, Any]) -> dict[str, Any] | None:
    """A setting that may help against what is wrong with a file; None if none does, or it was tried."""
    message = str(error)
    column = re.search(r"column '(.+?)':", message)
    if "`encoding`" in message and "encoding" not in given:
        return {"encoding": "cp1252"}
    if "`decimal`" in message and "decimal" not in given:
        return {"decimal": ","}
    if error.setting == "missing" and "missing" not in given:
        return {"missing": "drop" if "only `missing: drop`" in message else "mean"}
    if "`drop`" in message and column and column[1] not in (given["target"], *given.get("drop", ())):
        return {"drop": (*given.get("drop", ()), column[1])}
    return None


def stem(path: str) -> str:
    """A file's name without folders and endings."""
    return Path(path).name.partition(".")[0]


def _columns(path: str) -> str:
    try:
        lines = read_bytes(path, most=granted_memory() / TEXT).decode("utf-8-sig", "replace").splitlines()
        names = next(csv.reader(lines[:1]), [])
    except csv.Error:
        names = []
    shown = ", ".join(names[:20]) + (", …" if len(names) > 20 else "")
    return f"the first line has {shown}" if names else "the file is empty"


def _described(column: Column) -> str:
    return f"{column.name}: {column.role}, {column.read_as}" + (f" ({column.detail})" if column.detail else "")


def _training(table: Table) -> list[str]:
    """The rest of the config, as the target asks for."""
    if table.classes is None:
        model = (
            "model: linear                       # or: {kind: mlp, hidden: [32]}, with dataset.standardize_target: true"
        )
        optimizer = "optimizer: {kind: gd, lr: 0.1}      # gdrun list optimizers shows the others"
    else:
        kind = "logistic" if len(table.classes) == 2 else "softmax"
        model = f"model: {kind:29} # or: {{kind: mlp, hidden: [32]}}"
        optimizer = "optimizer: {kind: momentum, lr: 0.05}   # gdrun list optimizers shows the others"
    size = min(32, max(2, len(table.targets) // 10))
    return [
        model,
        f"descent: {{variant: minibatch, batch_size: {size}}}   # or: batch (all examples a step), stochastic (one)",
        optimizer,
        "schedule: cosine                    # leave it out for a constant learning rate",
        "epochs: 100",
    ]
