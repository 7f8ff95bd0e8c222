"""What a command has in hand of an experiment: tiles gone on with, tiles claimed, tiles saved, tiles done."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep
from typing import Self

from gdrun.experiment.difference import same_environment
from gdrun.experiment.environment import environment
from gdrun.experiment.problem import Problem
from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.reading import warn
from gdrun.experiment.results.writing import WriteError
from gdrun.experiment.signals import Interrupted, asked
from gdrun.experiment.unfinished.checkpoint import Checkpoint, read_checkpoint
from gdrun.experiment.unfinished.claims import Claims
from gdrun.experiment.unfinished.keeper import SECONDS, Saving
from gdrun.experiment.unfinished.resuming import begun

BETWEEN_LOOKS = 0.5
"""Seconds between two looks at what another process trains."""


@dataclass
class Desk:
    """The tiles of an experiment that this process trains, and how they are saved; none is where nothing is kept."""

    claims: Claims | None = None
    saving: Saving | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self.claims is not None:
            with suppress(WriteError):  # if it is why we leave, it was said already
                self.claims.leave()

    def go_on(self, wanted: Collection[str]) -> list[Checkpoint]:
        """What was saved of the wanted runs and is trained by nobody; tiles of theirs go on from there."""
        if self.claims is None or self.saving is None or not self.claims.folder.is_dir():
            return []
        free = set(wanted) - self.claims.elsewhere()
        found = begun(_readable(self.claims.folder, free), free)
        self.saving = replace(self.saving, begun={run: saved for saved in found for run in saved.runs})
        return found

    def elsewhere(self) -> set[str]:
        """The runs that other processes are training. Raises WriteError."""
        return set() if self.claims is None else self.claims.elsewhere()

    def take(self, tile: Sequence[Problem]) -> list[Problem]:
        """Those of a tile that no other process trains, from now on ours. Raises WriteError."""
        if self.claims is None:
            return list(tile)
        taken = self.claims.take([problem.id for problem in tile])
        return [problem for problem in tile if problem.id in taken]

    def release(self, ended: Collection[str]) -> None:
        """Those runs are committed: what was kept of them meanwhile can go. Raises WriteError."""
        if self.claims is not None:
            self.claims.release(ended)

    def wait_for(self, runs: Collection[str]) -> None:
        """Wait until no other process trains any of those runs. Raises Interrupted."""
        while self.elsewhere() & set(runs):
            sleep(BETWEEN_LOOKS)
            if asked.stop is not None:
                raise Interrupted(asked.stop)


def desk(experiment: Path, every: float = SECONDS) -> Desk:
    """The desk for an experiment's folder."""
    claims = Claims(experiment)
    return Desk(claims, Saving(claims.folder.absolute(), every))


def _readable(folder: Path, wanted: Collection[str]) -> list[Checkpoint]:
    """The checkpoints with wanted runs; a damaged one is set aside, one from elsewhere is left alone."""
    found = []
    for path in sorted(folder.glob("t*.npz")):
        try:
            saved = read_checkpoint(path)
        except ReadError as error:
            warn(f"{error}: kept as {path.name}.damaged, its runs start again")
            path.rename(path.with_name(f"{path.name}.damaged"))
            continue
        if not set(saved.runs) & set(wanted):
            continue
        if same_environment(saved.made, environment()):
            found.append(saved)
        else:
            warn(f"{path}: was saved with another gdrun, NumPy or CPU: its runs start again, for the same bits")
    return found
