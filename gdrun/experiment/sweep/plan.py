"""What a sweep is once it is expanded: fully resolved runs, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdrun.experiment.config import Loaded, RunConfig
from gdrun.experiment.config.compare import Compare
from gdrun.experiment.config.expect import Expectations


@dataclass(frozen=True)
class Candidate:
    """What is compared: the name that it was given, if any, and the file that it stands in."""

    label: str | None
    file: Path | None
    expect: Expectations
    """Of its best setting."""


@dataclass(frozen=True)
class Entry:
    """One run of a sweep."""

    candidate: int
    varied: Mapping[str, Any]
    """Its values of the swept settings that vary within its candidate, by dotted key."""
    loaded: Loaded

    @property
    def config(self) -> RunConfig:
        """The run's config."""
        return self.loaded.config


@dataclass(frozen=True)
class Sweep:
    """One experiment's runs: by candidate, then by setting, then by seed."""

    name: str
    candidates: tuple[Candidate, ...]
    entries: tuple[Entry, ...]
    swept: tuple[str, ...]
    """Dotted settings that a grid, zip, random draw or the seeds vary; the seed comes last."""
    options: Compare
