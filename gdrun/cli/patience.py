"""What takes long says so: a line on stderr after some seconds, and again now and then."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from time import perf_counter

from gdrun.analysis.numerals import duration
from gdrun.cli.words import plain

FIRST = 3.0
"""Seconds without a word."""
AGAIN = 20.0
"""Seconds between two lines."""


@contextmanager
def patience(what: str, quiet: bool = False) -> Iterator[None]:
    """Say what is being done, if it is not done soon."""
    done = Event()
    began = perf_counter()

    def tell() -> None:
        wait = FIRST
        while not done.wait(wait):
            text = f"{what}: {duration(perf_counter() - began)} so far"
            print(plain(text, sys.stderr), file=sys.stderr, flush=True)
            wait = AGAIN

    thread = Thread(target=tell, daemon=True)
    if not quiet:
        thread.start()
    try:
        yield
    finally:
        done.set()
        if not quiet:
            thread.join()
