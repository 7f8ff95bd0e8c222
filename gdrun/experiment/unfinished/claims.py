"""Claims: which runs a process trains, so that no other one does meanwhile. A claim ends with its process."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gdrun.experiment.results.writing import WriteError, delete, locked
from gdrun.experiment.unfinished.keeper import list_runs

if TYPE_CHECKING:
    from filelock import FileLock


@dataclass
class Claims:
    """The claims of this process below one experiment's folder: for each tile a list of its runs, and a lock."""

    experiment: Path
    own: dict[str, tuple[FileLock, frozenset[str]]] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """Where tiles in progress are kept."""
        return self.experiment / "unfinished"

    @property
    def runs(self) -> set[str]:
        """The runs that are claimed here."""
        return {run for _, runs in self.own.values() for run in runs}

    def take(self, runs: Collection[str]) -> set[str]:
        """Claim those of some runs that no other process has; the claimed ones. Raises WriteError."""
        already = self.runs & set(runs)
        new = [run for run in runs if run not in already]
        if new:
            with locked(self.experiment):
                others = self._elsewhere()
                new = [run for run in new if run not in others]
                if new:
                    self._claim(new)
        return already | set(new)

    def _claim(self, runs: Collection[str]) -> None:
        try:
            self.folder.mkdir(exist_ok=True)
            name = list_runs(self.folder, runs)
            lock = self._lock(name)
            lock.acquire()
        except OSError as error:
            raise WriteError(f"{self.folder}: cannot be written to: {error.strerror or error}") from None
        self.own[name] = lock, frozenset(runs)

    def _lock(self, name: str) -> FileLock:
        from filelock import FileLock

        return FileLock(self.folder / f"{name}.lock", timeout=0, fallback_to_soft=False)

    def elsewhere(self) -> set[str]:
        """The runs that other processes are training. Raises WriteError."""
        if not self.folder.is_dir():
            return set()
        with locked(self.experiment):
            return self._elsewhere()

    def _elsewhere(self) -> set[str]:
        return {run for name, runs in self.tiles() if name not in self.own and self._held(name) for run in runs}

    def _held(self, name: str) -> bool:
        from filelock import Timeout

        lock = self._lock(name)
        try:
            lock.acquire()
        except Timeout:
            return True
        except OSError as error:
            raise WriteError(f"{lock.lock_file}: cannot be locked: {error.strerror or error}") from None
        lock.release()
        return False

    def tiles(self) -> Iterator[tuple[str, frozenset[str]]]:
        """Names and runs of all tiles in progress or left behind."""
        for file in sorted(self.folder.glob("t*.runs")):
            yield file.stem, frozenset(file.read_text().split())

    def release(self, ended: Collection[str]) -> None:
        """Let go of tiles whose runs have all been committed, and delete what was kept of them. Raises WriteError."""
        done = set(ended)
        if not self.folder.is_dir():
            return
        with locked(self.experiment):
            for name, runs in self.tiles():
                if runs <= done and (name in self.own or not self._held(name)):
                    self._forget(name)
            self._tidy()

    def leave(self) -> None:
        """Let go of all tiles; what was saved of them stays. Raises WriteError."""
        if not self.own or not self.folder.is_dir():
            return
        with locked(self.experiment):
            for name in list(self.own):
                if (self.folder / f"{name}.npz").exists():
                    self.own.pop(name)[0].release()
                else:
                    self._forget(name)
            self._tidy()

    def _tidy(self) -> None:
        if not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _forget(self, name: str) -> None:
        if name in self.own:
            self.own.pop(name)[0].release()
        for file in self.folder.glob(f"{name}.*"):
            delete(file)
