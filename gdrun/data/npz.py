"""NumPy's .npz files: a zip of arrays, whose headers are believed only as far as the zip's own sizes bear them out."""

from __future__ import annotations

import io
import lzma
import math
import tokenize
import warnings
import zipfile
import zlib
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from gdrun.data.files import read_bytes
from gdrun.data.memory import UNLIMITED, check_bytes, check_table
from gdrun.data.table import DataError

HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
"""Version 3 is for field names beyond Latin-1: structures, which no dataset has."""
DAMAGED = (
    zipfile.BadZipFile,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
)
"""What a zip file ends with that is cut, altered, encrypted or packed in a way of its own."""
UNREADABLE = (ValueError, TypeError, SyntaxError, LookupError, AttributeError, MemoryError, tokenize.TokenError)
"""What NumPy ends with where a header is no header: it is parsed as Python's."""


def read_npz(path: str, setting: str | None, memory: float = UNLIMITED) -> dict[str, NDArray[Any]]:
    """All arrays by name, if so many bytes of `memory` can hold them; nothing is unpickled. Raises DataError."""
    content = read_bytes(path, setting, memory)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as members:
            check_bytes(sum(member.file_size for member in members.infolist()), memory, path, setting)
            found = {member.filename: member for member in members.infolist() if member.filename.endswith(".npy")}
            return {
                name.removesuffix(".npy"): _array(members, member, f"{path}: array {name[:-4]!r}", setting, memory)
                for name, member in found.items()
            }
    except DataError:
        raise
    except DAMAGED:
        raise DataError(f"{path}: is not an .npz file, or a damaged one", setting) from None


def _array(
    members: zipfile.ZipFile, member: zipfile.ZipInfo, start: str, setting: str | None, memory: float
) -> NDArray[Any]:
    with members.open(member) as file:
        shape, dtype = _header(file, start, setting)
        size = member.file_size - file.tell()
    if dtype.hasobject:
        raise DataError(
            f"{start}: holds Python objects, which would have to be unpickled; save plain numbers or text", setting
        )
    count = math.prod(shape)
    if min(shape, default=0) < 0 or count * dtype.itemsize != size:
        raise DataError(f"{start}: is damaged: {size} bytes are no array {shape} of {dtype}", setting)
    check_table(count, 1, memory, start, setting)
    with members.open(member) as file:
        array: NDArray[Any] = npy.read_array(file)
        return array


def _header(file: IO[bytes], start: str, setting: str | None) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """The shape and type that an array has by its header, as yet unread."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy's about headers of its oldest versions
            shape, _, dtype = HEADERS[npy.read_magic(file)](file)
    except UNREADABLE:
        raise DataError(f"{start}: is damaged, or no array of plain numbers or text", setting) from None
    return shape, dtype
