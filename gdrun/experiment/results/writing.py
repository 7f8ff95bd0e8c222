"""All writing goes through here: a file is there whole or not at all."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import uuid4

LOCK = ".lock"
PATIENCE = 600.0
"""Seconds to wait for a lock; whoever holds it commits, which takes seconds."""
LOCKLESS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)
MARK = 8
"""Characters by which temporary names differ."""
BLOCK = b"\0" * 4096


class WriteError(Exception):
    """Results that could not be written; the message says which file and why."""


def write(path: Path, fill: Callable[[IO[bytes]], object]) -> None:
    """Replace a file by what `fill` writes: to a temporary file beside it, to the disk, then renamed.

    Raises WriteError and leaves what was there.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid4().hex[:MARK]}")
        with temporary.open("xb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            with suppress(OSError):  # the next write to that file sweeps it up
                temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Replace a text file. Raises WriteError."""
    write(path, lambda file: file.write(text.encode()))


def append(path: Path, content: bytes) -> None:
    """Add to a file that is only looked at meanwhile. Raises WriteError."""
    try:
        with path.open("ab") as file:
            file.write(content)
    except OSError as error:
        raise WriteError(f"{path}: cannot be written: {error.strerror or error}") from None


def check_writable(folder: Path) -> None:
    """Raise WriteError if nothing can be written to a folder, before work is spent on what would go there."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(BLOCK)
            os.fsync(file.fileno())
    except OSError as error:
        raise WriteError(f"{folder}: cannot be written to: {error.strerror or error}") from None


def make_folder(folder: Path) -> None:
    """Make a folder whose lock can be taken, or leave nothing behind and raise WriteError."""
    check_writable(folder)
    absent = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            pass
    except (OSError, WriteError) as error:
        if absent:
            _give_up(folder / LOCK, absent)
        if isinstance(error, WriteError):
            raise
        raise WriteError(f"{folder}: cannot be made: {error.strerror or error}") from None


def _give_up(lock: Path, folders: list[Path]) -> None:
    with suppress(OSError):
        lock.unlink(missing_ok=True)
        for folder in folders:
            folder.rmdir()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which is a file in it. Raises WriteError."""
    from filelock import FileLock, Timeout

    if not folder.is_dir():  # filelock would make it anew
        raise WriteError(f"{folder}: is no longer there")
    lock = FileLock(folder / LOCK, timeout=PATIENCE, fallback_to_soft=False)
    try:
        lock.acquire()
    except Timeout:
        raise WriteError(f"{folder}: another gdrun has kept it locked for {PATIENCE:.0f} s") from None
    except OSError as error:
        hint = ": no file locks on this filesystem? --results DIR takes another" if error.errno in LOCKLESS else ""
        raise WriteError(f"{folder / LOCK}: cannot be locked: {error.strerror or error}{hint}") from None
    try:
        yield
    finally:
        lock.release()


def sweep(folder: Path, names: Collection[str]) -> None:
    """Delete what somebody who was killed left of files on their way to those names; nobody else may write them now.

    Raises WriteError.
    """
    for path in folder.glob(f".*.{'?' * MARK}"):
        if path.name[1 : -MARK - 1] in names:
            delete(path)


def delete(path: Path) -> None:
    """Delete a file, if it is there. Raises WriteError."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise WriteError(f"{path}: cannot be deleted: {error.strerror or error}") from None


def delete_folder(folder: Path) -> None:
    """Delete a folder with all that is in it. Raises WriteError."""
    try:
        shutil.rmtree(folder)
    except OSError as error:
        raise WriteError(f"{folder}: cannot be deleted: {error.strerror or error}") from None


def _sync_folder(folder: Path) -> None:
    """Make the rename last; Windows has no such thing and needs none."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
