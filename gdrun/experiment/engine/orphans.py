"""Workers end with the process that started them, whatever its end was, and from their first moment on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PAUSE = 0.2
"""Seconds between two looks at who the parent is."""
WATCH = """\
import os, threading, time
def watch():
    while os.getppid() == {parent}:
        time.sleep({pause})
    os._exit(1)
threading.Thread(target=watch, daemon=True).start()
"""
"""What a worker does first. Dask watches, too, but only once it is imported, which takes a worker seconds."""


@contextmanager
def ending_with_us() -> Iterator[None]:
    """Let processes that are spawned meanwhile end with this one: another becomes their parent when it is gone."""
    from multiprocessing import spawn

    usual = spawn.get_command_line

    def watching(**handles: Any) -> list[str]:
        command = usual(**handles)
        if os.name == "posix" and "-c" in command:  # not where Python itself is part of an executable
            at = command.index("-c") + 1
            command[at] = WATCH.format(parent=os.getpid(), pause=PAUSE) + command[at]
        return command

    spawn.get_command_line = watching
    try:
        yield
    finally:
        spawn.get_command_line = usual
