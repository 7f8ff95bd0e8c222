"""Claims: which runs a process trains, so that no other one does meanwhile. They end with the process."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from gdrun.experiment.results.writing import WriteError, append, delete, locked, write_text
from gdrun.experiment.unfinished.listing import forget, listed, listing, tiles

if TYPE_CHECKING:
    from filelock import FileLock

LOOKED_AT = 5.0
"""Seconds for which somebody who only looks may have a lock that is new."""


def nobody() -> Collection[str]:
    """No runs."""
    return ()


@dataclass
class Claims:
    """What this process trains below one experiment's folder: a list of runs, and a lock held while that counts.

    One lock for all of them, since a process may have thousands of tiles in hand, but not thousands of files open.
    """

    experiment: Path
    name: str = field(default_factory=lambda: f"p{uuid4().hex[:11]}")
    runs: set[str] = field(default_factory=set)
    lock: FileLock | None = None

    @property
    def folder(self) -> Path:
        """Where tiles in progress are kept."""
        return self.experiment / "unfinished"

    @property
    def file(self) -> Path:
        """The list of our runs."""
        return self.folder / f"{self.name}.runs"

    def take(self, runs: Collection[str], ended: Callable[[], Collection[str]] = nobody) -> set[str]:
        """Claim those of some runs that no other process trains and that have not ended meanwhile; those that are ours.

        Raises WriteError.
        """
        new = [run for run in runs if run not in self.runs]
        if new:
            with locked(self.experiment):
                others = self._elsewhere().union(ended())
                self._claim([run for run in new if run not in others])
        return self.runs & set(runs)

    def _claim(self, runs: Collection[str]) -> None:
        if not runs:
            return
        try:
            self.folder.mkdir(exist_ok=True)
            if self.lock is None:
                lock = lock_of(self.folder, self.name)
                lock.acquire(timeout=LOOKED_AT)
                self.lock = lock
        except OSError as error:
            raise WriteError(f"{self.folder}: cannot be written to: {error.strerror or error}") from None
        append(self.file, listing(runs).encode())
        self.runs |= set(runs)

    def elsewhere(self) -> set[str]:
        """The runs that other processes are training. Raises WriteError."""
        if not self.folder.is_dir():
            return set()
        with locked(self.experiment):
            return self._elsewhere()

    def _elsewhere(self) -> set[str]:
        """Meanwhile nobody else claims anything, so that what the dead have left can go."""
        found: set[str] = set()
        for file in self.folder.glob("p*.lock"):
            if file.stem == self.name:
                continue
            if held(self.folder, file.stem):
                found |= listed(file.with_suffix(".runs"))
            else:
                forget(self.folder, file.stem)
        return found

    def release(self, ended: Collection[str]) -> None:
        """Those runs have been committed: delete what was kept of tiles that have no others. Raises WriteError."""
        if not self.folder.is_dir():
            return
        with locked(self.experiment):
            if self.runs & set(ended):
                self.runs -= set(ended)
                write_text(self.file, listing(sorted(self.runs)))
            self._forget(lambda name, runs: runs <= set(ended))
            self._tidy()

    def leave(self) -> None:
        """Let go of all runs; what was saved of them stays. Raises WriteError."""
        if self.lock is None:
            return
        try:
            if self.folder.is_dir():
                with locked(self.experiment):
                    delete(self.file)
                    self._forget(lambda name, runs: not (self.folder / f"{name}.npz").exists())
                    self.lock.release()
                    delete(Path(self.lock.lock_file))
                    self._tidy()
        finally:
            self.lock.release()
            self.lock, self.runs = None, set()

    def _forget(self, what: Callable[[str, frozenset[str]], bool]) -> None:
        others = self._elsewhere()
        for name, runs in tiles(self.folder):
            if not runs & others and what(name, runs):
                forget(self.folder, name)

    def _tidy(self) -> None:
        with suppress(OSError):  # there is more in it
            self.folder.rmdir()


def lock_of(folder: Path, name: str) -> FileLock:
    """The lock of a process."""
    from filelock import FileLock

    return FileLock(folder / f"{name}.lock", timeout=0, fallback_to_soft=False)


def held(folder: Path, name: str) -> bool:
    """Whether a process is still there. Raises WriteError."""
    from filelock import Timeout

    lock = lock_of(folder, name)
    try:
        lock.acquire()
    except Timeout:
        return True
    except OSError as error:
        raise WriteError(f"{lock.lock_file}: cannot be locked: {error.strerror or error}") from None
    lock.release()
    return False
