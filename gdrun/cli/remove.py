"""`gdrun remove`: delete what was run."""

from __future__ import annotations

import sys
from pathlib import Path

from gdrun.cli.exits import UsageError
from gdrun.experiment.runs import find_folder, find_run


def remove(wanted: str, results: Path, yes: bool) -> None:
    """Delete an experiment or a run, after asking. Raises NotFoundError, UsageError, WriteError."""
    if "/" in wanted:
        folder, row = find_run(wanted, results)
        _ask(f"run {row['id']} of {folder.name}", yes)
        folder.remove(row["id"])
        print(f"{folder.name}/{row['id']} removed")
        return
    folder = find_folder(wanted, results)
    _ask(f"{folder.path} with {len(folder.rows())} runs", yes)
    folder.remove_all()
    print(f"{folder.name} removed")


def _ask(what: str, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError(f"delete {what}? --yes says so where nobody can be asked")
    print(f"delete {what}? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing deleted")
