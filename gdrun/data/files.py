"""Files into bytes, with one clear line when that fails, and no more of them than there is memory for."""

from __future__ import annotations

import errno
import gzip
import io
import os
import select
import stat
import zlib
from io import BufferedReader
from itertools import islice
from pathlib import Path

from gdrun.data.memory import UNLIMITED, check_bytes
from gdrun.data.table import DataError, did_you_mean

PATIENCE = 5.0
"""Seconds until a pipe's writer has to be there."""
CHUNK = 1 << 24
SMALL = 1 << 28
EXPANSION = 100
"""How many times its packed size a large file unpacks to at most; tables of data shrink to a third or a tenth."""
MOST_NEIGHBOURS = 10_000
"""Files of a folder among which a near miss is looked for."""


def opened(file: Path) -> BufferedReader:
    """A file open for reading, a pipe once somebody writes to it. Raises OSError."""
    # opening a pipe as usual would wait for its writer for ever
    descriptor = os.open(file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if stat.S_ISFIFO(mode) and not select.select([descriptor], [], [], PATIENCE)[0]:
            raise TimeoutError(errno.ETIMEDOUT, "a pipe that nobody writes to")
        if os.name == "posix":
            os.set_blocking(descriptor, True)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def open_file(path: str, setting: str | None = "path") -> BufferedReader:
    """The file of that name, relative to the current directory, open for reading. Raises DataError.

    A dataset's file is one that can be read again; without a `setting`, such as what is predicted from, a pipe will do.
    """
    file = Path(path)
    try:
        file = file.expanduser()
        mode = file.stat().st_mode
        if stat.S_ISREG(mode) or (setting is None and stat.S_ISFIFO(mode)):
            return opened(file)
    except FileNotFoundError:
        raise DataError(f"{path}: no such file{_near(file)}", setting) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}", setting) from None
    what = "folder" if stat.S_ISDIR(mode) else "pipe or a device"
    raise DataError(f"{path or '(empty path)'}: is a {what}, not a file", setting)


def _near(file: Path) -> str:
    """Where a file was looked for, and what is there."""
    where = "" if file.is_absolute() else f" in {Path.cwd()}"
    if not file.parent.is_dir():
        return where
    return where + did_you_mean(file.name, (other.name for other in islice(file.parent.iterdir(), MOST_NEIGHBOURS)))


def read_bytes(path: str, setting: str | None = "path", most: float = UNLIMITED) -> bytes:
    """The content of a file, unpacked if it is gzipped; no more than `most` bytes of it. Raises DataError."""
    with open_file(path, setting) as file:
        check_bytes(os.fstat(file.fileno()).st_size, most, path, setting)
        content = _read(file, path, setting, most)
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as unpacked:
            believed = max(SMALL, EXPANSION * len(content))
            return _read(unpacked, f"{path}: unpacked", setting, min(most, believed))
    except (OSError, EOFError, zlib.error):
        raise DataError(f"{path}: is a damaged gzip file", setting) from None


def _read(file: BufferedReader | gzip.GzipFile, path: str, setting: str | None, most: float) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while chunk := file.read(CHUNK):
        size += len(chunk)
        check_bytes(size, most, path, setting)
        chunks.append(chunk)
    return b"".join(chunks)
