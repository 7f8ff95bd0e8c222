"""The command line called in this process, what it said and what it left in the current directory."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from gdrun.cli.app import run
from gdrun.experiment.results.writing import LOCK
from gdrun.experiment.runs import find_run

CONFIGS = Path(__file__).parents[2] / "configs"
GALLERY = [*sorted(CONFIGS.glob("*.yaml")), *sorted(CONFIGS.glob("textbook/[0-9]*.yaml"))]
RESULTS = Path("results")

LINE = """\
dataset: {kind: linear, examples: 40}
model: linear
optimizer: {kind: gd, lr: 0.1}
epochs: 3
"""
BOWL = """\
model: {kind: surface, function: quadratic, condition: 20, start: [4, 1]}
optimizer: {kind: gd, lr: 0.05}
steps: 10
"""
DIVERGES = BOWL.replace("0.05", "0.2").replace("steps: 10", "steps: 1000")
CLASSES = """\
dataset: {kind: blobs, examples: 60, classes: 3}
model: softmax
optimizer: {kind: gd, lr: 0.1}
epochs: 3
"""


@dataclass(frozen=True)
class Said:
    """What a command ended with and printed."""

    code: int
    out: str
    err: str

    def ok(self) -> str:
        """Standard output of a command that went well."""
        assert self.code == 0, self
        return self.out


def gdrun(*arguments: str | Path, stdin: str = "") -> Said:
    """`gdrun ARGUMENTS`, in this process."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
    argv = ["gdrun", *map(str, arguments)]
    stdin_patch = patch.object(sys, "stdin", io.StringIO(stdin))
    with patch.object(sys, "argv", argv), stdin_patch, redirect_stdout(out), redirect_stderr(err):
        code = run()
    return Said(code, *(_text(stream) for stream in (out, err)))


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    content = stream.buffer
    assert isinstance(content, io.BytesIO)
    return content.getvalue().decode()


def process(*arguments: str | Path, folder: Path, env: Mapping[str, str] | None = None, stdin: str = "") -> Said:
    """`python -m gdrun ARGUMENTS`, in a process of its own."""
    command = [sys.executable, "-m", "gdrun", *map(str, arguments)]
    surroundings = {**os.environ, **(env or {})}
    done = subprocess.run(
        command, cwd=folder, env=surroundings, input=stdin.encode(), capture_output=True, timeout=60, check=False
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextmanager
def running(*arguments: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`python -m gdrun ARGUMENTS` while it runs; it does not outlive the test."""
    command = [sys.executable, "-m", "gdrun", *arguments]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as begun:
        try:
            yield begun
        finally:
            begun.kill()


def shell(command: str, folder: Path) -> Said:
    """A bash command line in which `gdrun` is this one; a pipe ends with what failed in it."""
    line = f'gdrun() {{ {sys.executable} -m gdrun "$@"; }}; set -o pipefail; {command}'
    done = subprocess.run(["bash", "-c", line], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return Said(done.returncode, done.stdout, done.stderr)


def listing(folder: Path) -> dict[str, bytes]:
    """Every file and folder below a folder, with the files' bytes; locks left out."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"folder"
        for path in sorted(folder.rglob("*"))
        if path.name != LOCK
    }


def last(name: str) -> dict[str, str]:
    """The line of runs.csv of an experiment's last run."""
    return find_run(f"{name}/last", RESULTS)[1]


def write(**files: str) -> None:
    """Configs by name, in the current directory."""
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text)


def objects(text: str) -> list[dict[str, Any]]:
    """Lines of JSON, in which NaN and infinity are refused."""

    def refuse(token: str) -> None:
        raise AssertionError(f"{token} is no JSON")

    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]
