"""Waiting for what another process or thread does."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 100.0
"""Seconds, on a busy machine."""
T = TypeVar("T")


def wait_until(what: Callable[[], T], process: subprocess.Popen[bytes] | None = None) -> T:
    """What it says as soon as that is true; it fails if it never is, or if the process that is to do it has ended."""
    deadline = time.monotonic() + PATIENCE
    while not (found := what()):
        assert process is None or process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)
    return found
