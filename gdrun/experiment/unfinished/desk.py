"""What a command has in hand of an experiment: tiles gone on with, tiles claimed, tiles saved, tiles done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from typing import Self

from gdrun.experiment.difference import same_environment
from gdrun.experiment.environment import environment
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.reading import warn
from gdrun.experiment.results.writing import WriteError
from gdrun.experiment.signals import Interrupted, asked
from gdrun.experiment.unfinished.checkpoint import Checkpoint, read_checkpoint
from gdrun.experiment.unfinished.claims import Claims, nobody
from gdrun.experiment.unfinished.keeper import SECONDS, Saving
from gdrun.experiment.unfinished.listing import tiles
from gdrun.experiment.unfinished.resuming import begun, of_runs

BETWEEN_LOOKS = 0.5
"""Seconds between two looks at what another process trains."""


@dataclass
class Ended:
    """Which runs of a folder need no training; read again when another process has added some."""

    folder: Folder
    files: list[tuple[int, int] | None] = field(default_factory=list)
    runs: set[str] = field(default_factory=set)

    def now(self) -> set[str]:
        """The runs."""
        files = [_version(part.runs_file) for part in self.folder.parts()]
        if files != self.files:
            self.files, self.runs = files, self.folder.done()
        return self.runs


def _version(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


@dataclass
class Desk:
    """The tiles of an experiment that this process trains, and how they are saved; none is where nothing is kept."""

    claims: Claims | None = None
    saving: Saving | None = None
    ended: Ended | None = None
    """None where runs are trained that have ended before."""
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """The lines of runs.csv that there were before."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.claims is not None:
            with suppress(WriteError):  # if it is why we leave, it was said already
                self.claims.leave()

    def go_on(self, wanted: Collection[str], rows: Mapping[str, Mapping[str, str]]) -> list[Checkpoint]:
        """What was saved of the wanted runs and is trained by nobody; tiles of theirs go on from there.

        What was saved before a run last ended, by its row in runs.csv, is of no use. Raises WriteError.
        """
        if self.claims is None or self.saving is None or not self.claims.folder.is_dir():
            return []
        free = set(wanted) - self.claims.elsewhere()
        self.rows = rows
        found = begun([_newer(saved, rows) for saved in _readable(self.claims.folder, free)], free)
        self.saving = self.saving.beginning(found)
        return found

    def look_again(self, tile: Sequence[Problem]) -> None:
        """Go on with a tile where its worker saved it, if that was lost since. Raises WriteError."""
        self.go_on([problem.id for problem in tile], self.rows)

    def elsewhere(self) -> set[str]:
        """The runs that other processes are training. Raises WriteError."""
        return set() if self.claims is None else self.claims.elsewhere()

    def take(self, tile: Sequence[Problem]) -> list[Problem]:
        """Those of a tile that no other process trains or has trained, from now on ours. Raises WriteError."""
        if self.claims is None:
            return list(tile)
        taken = self.claims.take([problem.id for problem in tile], self.ended.now if self.ended else nobody)
        return [problem for problem in tile if problem.id in taken]

    def release(self, ended: Collection[str]) -> None:
        """Those runs are committed: what was kept of them meanwhile can go. Raises WriteError."""
        if self.claims is not None:
            self.claims.release(ended)

    def clear(self) -> None:
        """Delete what is still kept of runs that have ended: a worker may have saved a tile that was taken back."""
        if self.ended is not None:
            tidy(self.ended.folder, self.ended.now())

    def wait_for(self, runs: Collection[str]) -> None:
        """Wait until no other process trains any of those runs. Raises Interrupted."""
        while self.elsewhere() & set(runs):
            sleep(BETWEEN_LOOKS)
            if asked.stop is not None:
                raise Interrupted(asked.stop)


def desk(folder: Folder, every: float = SECONDS, rerun: bool = False) -> Desk:
    """The desk for an experiment's folder."""
    claims = Claims(folder.path)
    return Desk(claims, Saving(claims.folder.absolute(), every), None if rerun else Ended(folder))


def tidy(folder: Folder, ended: Collection[str]) -> None:
    """Delete what a command that was killed has left of runs that have ended, where it can be deleted."""
    with suppress(WriteError):
        Claims(folder.path).release(ended)


def _newer(saved: Checkpoint, rows: Mapping[str, Mapping[str, str]]) -> Checkpoint:
    """What of a checkpoint was begun after its runs had ended last."""
    begun = str(saved.made.get("started"))
    ended = {run for run in saved.runs if run in rows and rows[run].get("started", "") >= begun}
    return of_runs(saved, [run for run in saved.runs if run not in ended]) if ended else saved


def _readable(folder: Path, wanted: Collection[str]) -> list[Checkpoint]:
    """The checkpoints with wanted runs; a damaged one is set aside, one from elsewhere is left alone."""
    found = []
    for name, runs in tiles(folder):
        path = folder / f"{name}.npz"
        if not runs & set(wanted) or not path.exists():
            continue
        try:
            saved = read_checkpoint(path)
        except ReadError as error:
            with suppress(OSError):  # another process has done so, or ended the tile
                path.replace(path.with_name(f"{path.name}.damaged"))
                warn(f"{error}: kept as {path.name}.damaged, its runs start again")
            continue
        if same_environment(saved.made, environment()):
            found.append(saved)
        else:
            warn(f"{path}: was saved with another gdrun, NumPy or CPU: its runs start again, for the same bits")
    return found
