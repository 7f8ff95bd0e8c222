"""Standard streams that can be relied on: closed ones go nowhere, and nobody who stopped reading stops the work."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, TextIO


class Unread(io.FileIO):
    """A stream whose reader may leave: what is written then is lost, and no error."""

    def write(self, content: Any) -> int:
        """Write what can be written."""
        try:
            return super().write(content) or 0
        except BrokenPipeError:
            return memoryview(content).nbytes


class Unheeded(io.FileIO):
    """A stream of messages: no work stops because they cannot be written."""

    def write(self, content: Any) -> int:
        """Write what can be written."""
        try:
            return super().write(content) or 0
        except OSError:
            return memoryview(content).nbytes


def settle() -> None:
    """Put such streams in the place of those that the process was given."""
    for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:  # closed: the next file to be opened would take its number, and its output
            _open_nowhere(number)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = _over(Unread(1, "w", closefd=False), sys.stdout)
    sys.stderr = _over(Unheeded(2, "w", closefd=False), sys.stderr)


def _open_nowhere(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    if nowhere != number:
        os.dup2(nowhere, number)
        os.close(nowhere)


def _over(raw: io.FileIO, given: TextIO | None) -> TextIO:
    """Text as the given stream has it."""
    wrapper = given if isinstance(given, io.TextIOWrapper) else None
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=wrapper.encoding if wrapper else "utf-8",
        errors="backslashreplace",
        line_buffering=wrapper is not None and wrapper.line_buffering,
        write_through=wrapper is not None and wrapper.write_through,
    )
