"""Files into bytes, with one clear line when that fails."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from gdrun.data.table import DataError, did_you_mean


def existing_file(path: str, setting: str | None = "path") -> Path:
    """The file of that name, relative to the current directory. Raises DataError where there is none to read."""
    file = Path(path)
    if file.is_dir():
        raise DataError(f"{path or '(empty path)'}: is a folder, not a file", setting)
    try:
        file = file.expanduser()
        with file.open("rb"):
            return file
    except FileNotFoundError:
        folder = file.parent
        near = did_you_mean(file.name, (other.name for other in folder.iterdir())) if folder.is_dir() else ""
        where = "" if file.is_absolute() else f" in {Path.cwd()}"
        raise DataError(f"{path}: no such file{where}{near}", setting) from None
    except (OSError, RuntimeError, ValueError) as error:
        raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}", setting) from None


def read_bytes(path: str, setting: str | None = "path") -> bytes:
    """The content of a file, unpacked if it is gzipped. Raises DataError."""
    content = existing_file(path, setting).read_bytes()
    if content[:2] != b"\x1f\x8b":
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error):
        raise DataError(f"{path}: is a damaged gzip file", setting) from None
