"""How things stand with runs that have not ended: being trained, saved and waiting, or left behind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from gdrun.experiment.environment import environment
from gdrun.experiment.outcome import BITS, same_environment
from gdrun.experiment.results.arrays import ReadError
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.writing import WriteError
from gdrun.experiment.unfinished.checkpoint import Checkpoint, read_checkpoint
from gdrun.experiment.unfinished.claims import held
from gdrun.experiment.unfinished.listing import listed, tiles

RUNNING, INTERRUPTED, STALE = STANDINGS = ("running", "interrupted", "stale")


@dataclass(frozen=True)
class Standing:
    """Runs of a tile that have not ended."""

    name: str
    """running: a gdrun trains them; interrupted: saved, they can go on; stale: they will start again."""
    runs: tuple[str, ...]
    step: int | None = None
    """Where they were saved last."""
    growing: Path | None = None
    """Their history so far."""
    cause: str = ""
    """Why they cannot go on."""


def standings(folder: Folder, ended: Collection[str]) -> list[Standing]:
    """What there is of an experiment's runs besides those that have ended, each once."""
    unfinished = folder.unfinished
    claimed = {run for file in unfinished.glob("p*.lock") for run in _claimed(file)} - set(ended)
    found, begun = [], set[str]()
    for name, runs in tiles(unfinished):
        file, begun = unfinished / f"{name}.npz", begun | runs
        growing = file.with_suffix(".csv") if file.with_suffix(".csv").exists() else None
        if trained := runs & claimed:
            found.append(Standing(RUNNING, tuple(sorted(trained)), _step(file), growing))
        if others := runs - claimed - set(ended):
            found.append(_waiting(file, tuple(sorted(others)), growing))
    if rest := claimed - begun:
        found.append(Standing(RUNNING, tuple(sorted(rest))))
    return list(_once(sorted(found, key=lambda each: (STANDINGS.index(each.name), -(each.step or 0)))))


def _once(found: Iterable[Standing]) -> Iterator[Standing]:
    seen: set[str] = set()
    for each in found:
        runs = tuple(run for run in each.runs if run not in seen)
        seen.update(runs)
        if runs:
            yield replace(each, runs=runs)


def _claimed(lock: Path) -> frozenset[str]:
    try:
        there = held(lock.parent, lock.stem)
    except WriteError:  # where nothing can be written, nothing is trained
        there = False
    return listed(lock.with_suffix(".runs")) if there else frozenset()


def _step(file: Path) -> int | None:
    try:
        return read_checkpoint(file).state.step
    except ReadError:  # nothing is saved yet
        return None


def _waiting(file: Path, runs: tuple[str, ...], growing: Path | None) -> Standing:
    try:
        saved = read_checkpoint(file)
    except ReadError:
        cause = "damaged" if file.exists() else "nothing was saved of them"
        return Standing(STALE, runs, None, growing, cause)
    if same_environment(saved.made, environment()):
        return Standing(INTERRUPTED, runs, saved.state.step, growing)
    return Standing(STALE, runs, saved.state.step, growing, _made_with(saved))


def _made_with(saved: Checkpoint) -> str:
    """In what a checkpoint's environment differs from this one."""
    here = environment()
    other = [f"{name} {saved.made.get(name)}" for name in BITS if saved.made.get(name) != here[name]]
    return f"saved with {', '.join(other)}"
