"""What the shell offers at Tab: config files, experiments their runs, names of the gallery. Nothing heavy here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import typer

CONFIG = (".yaml", ".yml")
RUN = re.compile(rb'^"?(r[0-9a-f]{11})"?,', re.MULTILINE)


def configs(incomplete: str) -> list[str]:
    """Config files, and the folders on the way to them; the content of a folder that is the only one."""
    head, tail = os.path.split(incomplete)
    found = list(_below(head, tail))
    while len(found) == 1 and found[0].endswith("/"):
        inner = list(_below(found[0], ""))
        if not inner:
            return []
        found = inner
    return found


def runs(context: typer.Context, incomplete: str) -> list[str]:
    """The experiments among the results; of the one that is meant the runs, too."""
    results = Path(context.params.get("results") or os.environ.get("GDRUN_RESULTS") or "results")
    begun, slash, _ = incomplete.partition("/")
    names = [begun] if slash else [name for name in _experiments(results) if name.startswith(begun)]
    found = [*names, *_runs(results, names[0])] if len(names) == 1 else names
    return [text for text in found if text.startswith(incomplete)]


def gallery(incomplete: str) -> list[str]:
    """The configs that come with gdrun."""
    from gdrun.experiment.gallery import gallery as shipped

    return [name for name in shipped() if name.startswith(incomplete)]


def _below(folder: str, begun: str) -> Iterator[str]:
    try:
        entries = sorted(os.scandir(folder or "."), key=lambda entry: entry.name)
    except OSError:
        return
    before = folder if not folder or folder.endswith("/") else f"{folder}/"
    for entry in entries:
        if not entry.name.startswith(begun) or (entry.name.startswith(".") and not begun):
            continue
        if entry.is_dir():
            yield f"{before}{entry.name}/"
        elif entry.name.endswith(CONFIG):
            yield f"{before}{entry.name}"


def _experiments(results: Path) -> list[str]:
    names = {file.parent.name for file in results.glob("*/runs.csv")}
    return sorted(names | {file.parents[2].name for file in results.glob("*/parts/*/runs.csv")})


def _runs(results: Path, name: str) -> list[str]:
    files = [results / name / "runs.csv", *sorted((results / name).glob("parts/*/runs.csv"))]
    found = [run.decode() for file in files if file.is_file() for run in RUN.findall(file.read_bytes())]
    return [f"{name}/{run}" for run in (*(["last", "best"] if found else []), *dict.fromkeys(found))]
