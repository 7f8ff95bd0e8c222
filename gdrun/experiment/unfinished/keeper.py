"""What is kept of a tile while it trains: its records, and every so often where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from gdrun.descent.loop import Rows
from gdrun.descent.state import State
from gdrun.experiment.problem import Problem
from gdrun.experiment.signals import Interrupted, asked
from gdrun.experiment.unfinished.checkpoint import Checkpoint, write_checkpoint
from gdrun.experiment.unfinished.growing import Growing
from gdrun.experiment.unfinished.listing import list_runs, tile_name
from gdrun.experiment.unfinished.resuming import of_runs

SECONDS = 30.0
"""Between two checkpoints of a tile."""
SHARE = 20
"""A checkpoint that took long waits for so many times as long."""


@dataclass(frozen=True)
class Saving:
    """Where tiles in training are saved, and what was saved of them before."""

    folder: Path
    every: float = SECONDS
    begun: Mapping[str, Checkpoint] = field(default_factory=dict)
    """By run the tile that it was in."""

    def beginning(self, found: Iterable[Checkpoint]) -> Saving:
        """With some more tiles that were begun."""
        return replace(self, begun={**self.begun, **{run: saved for saved in found for run in saved.runs}})

    def only(self, tile: Sequence[Problem]) -> Saving:
        """What matters of it for one tile: it may go to another process."""
        return replace(self, begun={p.id: self.begun[p.id] for p in tile if p.id in self.begun})

    def found(self, tile: Sequence[Problem]) -> Checkpoint | None:
        """Where a tile stands; None if it was not begun, or not as one tile."""
        runs = [problem.id for problem in tile]
        saved = self.begun.get(runs[0])
        if saved is None or any(self.begun.get(run) is not saved for run in runs):
            return None
        kept = of_runs(saved, runs)
        return kept if kept.runs == tuple(runs) else None


class Keeper:
    """The records of a tile, those from before included; saves when it is time, or when a signal asks for it."""

    def __init__(self, tile: Sequence[Problem], made: Mapping[str, Any], saving: Saving | None) -> None:
        before = saving.found(tile) if saving else None
        self.runs = tuple(problem.id for problem in tile)
        self.state = before.state if before else None
        self.made = before.made if before else made
        self.records = list(before.records) if before else []
        self.saving = saving
        self.growing = Growing(saving.folder / f"{self.name}.csv", tile, self.records) if saving else None
        self.saves, self.next = asked.saves, perf_counter() + (saving.every if saving else 0)

    @property
    def name(self) -> str:
        """What the tile's files are called."""
        return tile_name(self.runs)

    def note(self, rows: Rows) -> None:
        """Keep a record. Raises WriteError."""
        self.records.append(rows)
        if self.growing:
            self.growing.add(rows)

    def pause(self, state: State) -> None:
        """Between two steps. Raises Interrupted where a signal asked to stop, and WriteError."""
        if asked.stop is None and asked.saves == self.saves and (self.saving is None or perf_counter() < self.next):
            return
        if self.saving:
            self._save(self.saving, state)
        if asked.stop is not None:
            raise Interrupted(asked.stop)

    def _save(self, saving: Saving, state: State) -> None:
        start, self.saves = perf_counter(), asked.saves
        list_runs(saving.folder, self.runs)
        write_checkpoint(
            saving.folder / f"{self.name}.npz", Checkpoint(self.runs, state, tuple(self.records), self.made)
        )
        self.next = perf_counter() + max(saving.every, SHARE * (perf_counter() - start))
