"""Configs with something to compare, shared by the sweeps' tests."""

from __future__ import annotations

import io
from typing import Any

from gdrun.experiment.config import ConfigError
from gdrun.experiment.sweep import Sweep, expand

BASE = """\
dataset: digits
model: {kind: mlp, hidden: [32]}
optimizer: {kind: gd, lr: 0.1}
epochs: 3
"""


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
