"""Configs with something to compare, shared by the sweeps' tests."""

from __future__ import annotations

import io
import re
from typing import Any

from gdrun.experiment.config import ConfigError
from gdrun.experiment.sweep import Sweep, expand

BASE = """\
dataset: digits
model: {kind: mlp, hidden: [32]}
optimizer: {kind: gd, lr: 0.1}
epochs: 3
"""

# lines over the base, the command line, the error; `…` stands for a list that changes with every new part
Wrong = tuple[str, list[str], list[str]]


def sweep_of(text: str, *overrides: str) -> Sweep:
    """The one sweep of a config's text."""
    (found,) = expand(["-"], overrides, "x", io.StringIO(text))
    return found


def varied(text: str, *overrides: str) -> list[dict[str, Any]]:
    """What varies, run by run."""
    return [dict(entry.varied) for entry in sweep_of(text, *overrides).entries]


def wrong(text: str, *overrides: str) -> list[str]:
    """The lines of its error."""
    try:
        sweep_of(text, *overrides)
    except ConfigError as error:
        return str(error).replace("<stdin>", "c.yaml").splitlines()
    return []


def over_base(lines: str) -> str:
    """The base with these top-level lines."""
    keys = {line.partition(":")[0] for line in lines.splitlines()}
    return "".join(f"{line}\n" for line in BASE.splitlines() if line.partition(":")[0] not in keys) + lines


def assert_said(lines: str, overrides: list[str], expected: list[str]) -> None:
    """The errors of these lines are just those."""
    found = wrong(over_base(lines), *overrides)
    assert len(found) == len(expected), found
    for line, pattern in zip(found, expected, strict=True):
        assert re.fullmatch(re.escape(pattern).replace("…", ".*"), line.removeprefix("c.yaml:")), line
