"""The files of a tile in training: what they are called, and which runs they are about."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path

from gdrun.experiment.results.writing import WriteError, delete, write_text


def tile_name(runs: Collection[str]) -> str:
    """What the files of a tile are called."""
    return f"t{hashlib.sha256(' '.join(runs).encode()).hexdigest()[:11]}"


def list_runs(folder: Path, runs: Collection[str]) -> None:
    """Write down which runs a tile has, if that was not done before, and not in a new folder. Raises WriteError."""
    if not folder.is_dir():
        raise WriteError(f"{folder}: is no longer there")
    file = folder / f"{tile_name(runs)}.runs"
    if not file.exists():
        write_text(file, listing(runs))


def listing(runs: Collection[str]) -> str:
    """Runs as a file has them."""
    return "".join(f"{run}\n" for run in runs)


def listed(file: Path) -> frozenset[str]:
    """The runs in a file; none where it is gone by now, or cannot be read."""
    try:
        return frozenset(file.read_text(encoding="ascii", errors="replace").split())
    except OSError:
        return frozenset()


def tiles(folder: Path) -> Iterator[tuple[str, frozenset[str]]]:
    """Names and runs of all tiles of which something is kept."""
    for file in sorted(folder.glob("t*.runs")):
        yield file.stem, listed(file)


def forget(folder: Path, name: str) -> None:
    """Delete a tile's files, its list last, and what somebody who was killed left half written. Raises WriteError."""
    files = (*folder.glob(f"{name}.*"), *folder.glob(f".{name}.*"))
    for file in sorted(files, key=lambda file: file.suffix == ".runs"):
        delete(file)
