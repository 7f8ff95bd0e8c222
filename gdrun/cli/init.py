"""`gdrun init`: a config to begin with, from the gallery or for a CSV file."""

from __future__ import annotations

import csv
from pathlib import Path

from gdrun.cli.exits import UsageError
from gdrun.data import Column, Csv, Table
from gdrun.data.files import read_bytes
from gdrun.experiment.config import as_yaml
from gdrun.experiment.gallery import gallery, summary
from gdrun.experiment.results.writing import write_text

CSV_ENDINGS = (".csv", ".csv.gz", ".tsv", ".txt")


def initialise(source: str, target: str | None, output: Path | None, force: bool) -> None:
    """Write a config of the gallery, or one for a CSV file. Raises UsageError, DataError, WriteError."""
    if source in gallery():
        text, name = gallery()[source].read_text(encoding="utf-8"), source
    elif source.lower().endswith(CSV_ENDINGS):
        text, name = config_for(source, target), stem(source)
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


def config_for(path: str, target: str | None) -> str:
    """A commented config for a CSV file, after looking at its columns."""
    if target is None:
        raise UsageError(f"--target: which column is to be predicted? {_columns(path)}")
    wanted = int(target) if target.lstrip("-").isdecimal() else target
    table = Csv(path=path, target=wanted).read()
    dataset = {"kind": "csv", "path": path, "target": wanted}
    lines = [
        f"# {path}: {len(table.targets)} examples, {len(table.feature_names)} features.  gdrun train {stem(path)}.yaml"
    ]
    lines += [f"#   {' '.join(_described(column).splitlines())}" for column in table.columns]
    lines += ["seed: 0", "", as_yaml({"dataset": dataset}).rstrip(), *_training(table)]
    return "\n".join(lines) + "\n"


def stem(path: str) -> str:
    """A file's name without folders and endings."""
    return Path(path).name.partition(".")[0]


def _columns(path: str) -> str:
    try:
        lines = read_bytes(path, None).decode("utf-8-sig", "replace").splitlines()
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
