"""gdrun in a process of its own: Ctrl-C, pipes, a full disk, a locale of ASCII."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.cli.driver import LINE, last, objects, process, running, shell, write


def test_a_process_of_its_own(here: Path) -> None:
    write(line=LINE)
    said = process("train", "-", "--name", "piped", "--format", "json", folder=here, stdin=LINE)
    assert (said.code, said.err) == (0, "")
    assert objects(said.out)[0]["experiment"] == "piped"


SLOW = LINE.replace("epochs: 3", "epochs: 1000000")


def test_ctrl_c_ends_with_130_and_one_line(here: Path) -> None:
    write(slow=SLOW)
    with running("train", "slow.yaml", folder=here) as begun:
        assert begun.stderr is not None
        first = [begun.stderr.readline() for _ in range(3)]  # it trains
        begun.send_signal(signal.SIGINT)
        out, err = begun.communicate(timeout=60)
    assert first[2].split()[0] == "0"
    assert (begun.returncode, out) == (130, "")
    assert [line.split(":")[0] for line in err.splitlines()[-2:]] == ["interrupted", "interrupted"]
    assert "Traceback" not in err


def test_a_reader_that_leaves_early_is_no_error(here: Path) -> None:
    write(line=LINE.replace("epochs: 3", "epochs: 300"))
    said = shell("gdrun list | head -n 1", here)
    assert (said.code, said.out, said.err) == (0, "optimizers\n", "")
    said = shell("gdrun train line.yaml 2>&1 >/dev/null | head -n 1", here)
    assert said.out.startswith("linear 32 + 8 ")
    assert said.code == 0
    assert last("line")["status"] == "finished"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux only")
def test_a_full_disk_behind_stdout_is_74(here: Path) -> None:
    said = shell("gdrun schema > /dev/full", here)
    assert (said.code, said.err) == (74, "output: No space left on device\n")


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}


def test_ascii_where_the_locale_has_no_more(here: Path) -> None:
    write(line=LINE)
    said = process("train", "line.yaml", folder=here, env=ASCII)
    assert said.code == 0
    assert (said.out + said.err).isascii()
    assert said.err.startswith("linear 32 + 8 x 5 | linear 5-1")
    assert "?" not in said.out + said.err
    said = process("init", "quickstart", "-o", "-", folder=here, env=ASCII)
    assert said.code == 0
    assert "8 \\xd7 8 pixels" in said.out
