"""Where a run that was trained twice differs, bit for bit, and what may be the reason."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gdrun.analysis.criteria import MEASURED
from gdrun.experiment.gauges.outcomes import gauge_of
from gdrun.experiment.results.tables import cell, value

MADE = ("gdrun", "python", "numpy", "blas", "cpu")
"""What the bits may depend on, besides the config."""
DERIVED = ("excess_loss", "final_excess_loss")
"""Reckoned from other columns once the lowest loss is known."""


@dataclass(frozen=True)
class Difference:
    """The first cell in which two histories, or two lines of runs.csv, are not the same."""

    column: str
    was: str
    now: str
    step: int | None = None
    """None where the number of records differs."""
    epoch: float | None = None

    @property
    def size(self) -> float | None:
        """How far apart the numbers are; None where they are no finite numbers."""
        was, now = value(self.was), value(self.now)
        if not all(isinstance(each, int | float) and math.isfinite(each) for each in (was, now)):
            return None
        return float(abs(now - was))

    def __str__(self) -> str:
        where = "" if self.step is None else f" at step {self.step}"
        return f"{self.column}{where} was {self.was or 'nothing'} and is {self.now or 'nothing'}"


def same_environment(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two runs were made where equal bits are to be expected."""
    return not changed_environment(one, other)


def changed_environment(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """The versions and machines that are not the same, before and now."""
    pairs = {name: (cell(before.get(name)), cell(now.get(name))) for name in MADE}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def difference(before: Sequence[Mapping[str, str]], now: Sequence[Mapping[str, Any]]) -> Difference | None:
    """The first difference of two histories, ids and times aside; None if there is none."""
    for old, new in zip(before, now, strict=False):
        for name, text in old.items():
            if name not in ("run", "seconds") and _differ(name, text, cell(new.get(name))):
                return Difference(name, text, cell(new.get(name)), new["step"], new["epoch"])
    return None if len(before) == len(now) else Difference("number of records", str(len(before)), str(len(now)))


def outcome_difference(before: Mapping[str, str], now: Mapping[str, Any]) -> Difference | None:
    """The first outcome in which two lines of runs.csv of a run differ."""
    for name, found in now.items():
        measured = name in ("status", "cause") or name.startswith(("end_", *MEASURED))
        if measured and _differ(name, before.get(name, ""), cell(found)):
            return Difference(name, before.get(name, ""), cell(found), now.get("end_step"), now.get("end_epoch"))
    return None


def _differ(column: str, was: str, now: str) -> bool:
    """Whether two cells are not the same; what is reckoned from others may be there in one of them only."""
    derived = column in DERIVED or gauge_of(column)
    return was != now and not (derived and "" in (was, now))
