"""What signals do: the first asks what is training to save and stop, a second one does not wait; SIGUSR saves only."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import FrameType

STOPPING = ("SIGINT", "SIGTERM")
SAVING = ("SIGUSR1", "SIGUSR2")
"""SLURM sends one of them some time before it ends a job, if asked to."""
LINE_OF_ITS_OWN = b"\r\n\x1b[?25h"
"""What a shell needs to go on below a live table: a line, and its cursor."""


class Interrupted(BaseException):
    """A signal that ends gdrun; what was training is saved."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def word(self) -> str:
        """What happened."""
        return "interrupted" if self.number == signal.SIGINT else "terminated"


@dataclass
class Asked:
    """What signals have asked for since; one for the process, as signals are."""

    stop: int | None = None
    """The signal's number."""
    saves: int = 0
    """How many times all that trains was to be saved."""
    training: int = 0
    """How many pieces of work heed this at present."""
    shown: bool = False
    """A live table says so, which a line that is written into it would tear."""

    @property
    def said(self) -> str:
        """What has become of a signal to stop; nothing where none came."""
        if self.stop is None:
            return ""
        return f"{Interrupted(self.stop).word}: saving what is under way; once more to leave at once"


asked = Asked()


@contextmanager
def heeded() -> Iterator[Asked]:
    """Within it, a first signal does nothing but ask: who trains looks between two steps, saves, and raises."""
    asked.training += 1
    try:
        yield asked
    finally:
        asked.training -= 1
    if asked.stop is not None and not asked.training:  # it came when all was saved
        raise Interrupted(asked.stop)


@contextmanager
def shown_live() -> Iterator[None]:
    """Within it, a live table shows what is said of a signal."""
    before, asked.shown = asked.shown, True
    try:
        yield
    finally:
        asked.shown = before


@contextmanager
def handled() -> Iterator[None]:
    """Handle signals so meanwhile; not every system has all of them, and only the main thread may."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = dict.fromkeys(STOPPING, _stop) | dict.fromkeys(SAVING, _save)
    numbers = {getattr(signal, name): handler for name, handler in handlers.items() if hasattr(signal, name)}
    # what is ignored already stays so: a shell's background jobs ignore SIGINT
    numbers = {number: handler for number, handler in numbers.items() if signal.getsignal(number) != signal.SIG_IGN}
    before = {number: signal.signal(number, handler) for number, handler in numbers.items()}
    try:
        yield
    finally:
        asked.stop = None
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(number: int, frame: FrameType | None) -> None:
    if asked.stop is not None:
        _leave(number)
    asked.stop = number
    if not asked.training:
        raise Interrupted(number)
    if not asked.shown:
        _say(f"{asked.said}\n")


def _save(number: int, frame: FrameType | None) -> None:
    asked.saves += 1


def _leave(number: int) -> None:
    with suppress(OSError, ValueError):
        if sys.stderr is not None and sys.stderr.isatty():
            os.write(sys.stderr.fileno(), LINE_OF_ITS_OWN)
    os._exit(128 + number)


def _say(text: str) -> None:
    # not print: whatever was interrupted may hold its lock; and an error here would be the training's
    with suppress(OSError, ValueError):
        if sys.stderr is not None:
            os.write(sys.stderr.fileno(), text.encode())
