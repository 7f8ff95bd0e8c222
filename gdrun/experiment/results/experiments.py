"""The experiments below a results folder."""

from __future__ import annotations

from pathlib import Path

from gdrun.experiment.results.folder import Folder

RESULTS = "results"
"""Where experiments are kept if nothing else is said."""


def experiments(results: Path) -> list[Folder]:
    """The folders below the results folder that hold runs, ended or not, by name."""
    return [
        folder
        for folder in folders(results)
        if folder.unfinished.is_dir() or any(part.runs_file.is_file() for part in folder.parts())
    ]


def folders(results: Path) -> list[Folder]:
    """The folders below the results folder, by name; hidden ones left out."""
    if not results.is_dir():
        return []
    return [Folder(path) for path in sorted(results.iterdir()) if path.is_dir() and not path.name.startswith(".")]
