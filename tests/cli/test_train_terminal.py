"""The live table of `gdrun train` on a terminal."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gdrun.descent.loop import Rows
from tests.cli.driver import LINE, write


def on_terminal(*arguments: str, folder: Path, **env: str) -> str:
    """What a terminal of 140 columns is sent."""
    master, slave = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 140, 0, 0))
    command = [sys.executable, "-m", "gdrun", *arguments]
    surroundings = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    with subprocess.Popen(
        command, cwd=folder, stdin=slave, stdout=slave, stderr=slave, env=surroundings | {"TERM": "xterm"} | env
    ) as running:
        os.close(slave)
        seen, deadline = b"", time.monotonic() + 30
        while time.monotonic() < deadline:
            ready, _, _ = select.select([master], [], [], 0.1)
            try:
                part = os.read(master, 65536) if ready else b""
            except OSError:  # the other end is closed
                break
            seen += part
            if not part and running.poll() is not None:
                break
    os.close(master)
    assert running.returncode == 0
    return seen.decode()


def test_a_live_table_on_a_terminal(here: Path) -> None:
    write(line=LINE)
    text = on_terminal("train", "line.yaml", folder=here)
    assert "\x1b[1m" in text  # bold headings
    assert "\x1b[?25l" in text  # no cursor while it is live
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "train loss so far" in text
    assert "█" in text
    assert "R²" in text.partition("finished")[0]
    assert "finished: 3 epochs" in text


def test_no_color_and_dumb_terminals(here: Path) -> None:
    write(line=LINE)
    text = on_terminal("train", "line.yaml", folder=here, NO_COLOR="1")
    assert not [code for code in ("\x1b[3", "\x1b[4", "\x1b[9") if code in text]
    text = on_terminal("train", "line.yaml", "--rerun", folder=here, TERM="dumb")
    assert "\x1b" not in text
    assert "train loss" in text
    assert "so far" not in text


@pytest.mark.parametrize(("width", "curve"), [(60, False), (80, False), (130, True)])
def test_the_live_table_never_cuts_a_digit(width: int, curve: bool) -> None:
    from rich.console import Console

    from gdrun.cli.progress import Progress, _table
    from gdrun.experiment.config import load
    from gdrun.experiment.problem import pose

    write(line=LINE)
    seen = Progress(pose(load("line.yaml")), steps=4)
    values = {
        name: np.array([1.566e-07]) for name in ("lr", "train_loss", "validation_loss", "train_r2", "gradient_norm")
    }
    for step in range(4):
        seen.see(Rows(np.array([0]), step, 32 * step, 0.1 * step, values | {"validation_r2": np.array([0.5])}, None))
    console = Console(width=width, file=io.StringIO(), record=True)
    console.print(_table(seen, width))
    text = console.export_text()
    assert "1.566e-07" in text
    assert "…" not in text
    assert ("train loss so far" in text) == curve
