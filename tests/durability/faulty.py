"""A disk that fails: every write, sync, rename and deletion of results/writing.py, counted, some of which fail."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from unittest.mock import patch

FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@dataclass
class Disk:
    """Counts what is asked of it; whatever `fails` says does."""

    fails: Callable[[int], bool] = lambda number: False
    asked: list[str] = field(default_factory=list)

    def may_fail(self, what: str) -> None:
        """Raise an error if this is to fail."""
        self.asked.append(what)
        if self.fails(len(self.asked) - 1):
            raise OSError(FULL.errno, FULL.strerror)


def kind(what: str) -> str:
    """Which sort of file something was asked for."""
    name = what.partition(" ")[2].lstrip(".")
    sorts = {
        ".npz": {"t": "checkpoint", "r": "weights"},
        ".runs": {"t": "list", "p": "claims"},
        ".csv": {"t": "growing"},
        ".settings": {"t": "settings"},
    }
    for suffix, of in sorts.items():
        if f"{suffix}." in f"{name}." and len(stem := name.partition(".")[0]) == 12:
            return of[stem[0]]
    return name.partition(".csv")[0] + ".csv" if ".csv" in name else "comparison.json" if "json" in name else "any"


class File:
    """A file of a disk: half of what is written arrives before a write fails."""

    def __init__(self, file: IO[bytes], disk: Disk) -> None:
        self.file, self.disk = file, disk

    def __enter__(self) -> File:
        return self

    def __exit__(self, *error: object) -> None:
        self.file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.file, name)

    def write(self, content: bytes) -> int:
        try:
            self.disk.may_fail(f"write {Path(self.file.name).name}")
        except OSError:
            self.file.write(bytes(content)[: len(content) // 2])
            raise
        return self.file.write(content)


@contextmanager
def on(disk: Disk) -> Iterator[None]:
    """Let results be written to such a disk meanwhile."""
    opened, replaced, unlinked, synced = Path.open, Path.replace, Path.unlink, os.fsync

    def open_(path: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        if mode not in ("xb", "ab"):
            return opened(path, mode, *args, **options)
        disk.may_fail(f"open {path.name}")
        return File(opened(path, mode), disk)

    def replace(path: Path, target: Path) -> Path:
        disk.may_fail(f"rename {target.name}")
        return replaced(path, target)

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.exists():
            disk.may_fail(f"delete {path.name}")
        unlinked(path, missing_ok)

    def fsync(descriptor: int) -> None:
        disk.may_fail("sync")
        synced(descriptor)

    with (
        patch.object(Path, "open", open_),
        patch.object(Path, "replace", replace),
        patch.object(Path, "unlink", unlink),
        patch.object(os, "fsync", fsync),
    ):
        yield
