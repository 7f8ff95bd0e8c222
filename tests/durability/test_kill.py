"""SIGKILL at random instants, 20 times; `python -m tests.durability.kill --times 200` does it more often."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parents[2]


@pytest.mark.parametrize(("what", "times"), [("train", 9), ("compare", 9), ("jobs", 2)])
def test_killed_at_any_instant_it_goes_on_to_the_same_bits(what: str, times: int) -> None:
    command = [sys.executable, "-m", "tests.durability.kill", "--only", what, "--times", str(times), "--seed", "1"]
    done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    said = re.match(
        rf"{what}: {times} kills in \d+ stories, (\d+) with something saved, \d+ between commits; "
        r"the last worker ended after (\d+\.\d) s; nothing lost",
        done.stdout,
    )
    assert said, done.stdout
    assert int(said[1]) > 0 or times < 9  # two may both come before there is something to save
    assert float(said[2]) < 30  # about a second, if nothing else is running
