"""Whether a run's outcomes, or those of some runs of one setting, are as expected."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from gdrun.analysis.criteria import MEASURED
from gdrun.analysis.statistics import mean_and_deviation

DIVERGED, FAILED = "diverged", "failed"
Row: TypeAlias = Mapping[str, Any]
"""A line of runs.csv, numbers as numbers."""


@dataclass(frozen=True)
class Expected:
    """What outcomes are to be."""

    statuses: tuple[str, ...] = ()
    """How a run may end; () for any way."""
    bounds: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """The smallest and the largest value that will do, by column of runs.csv."""

    @property
    def diverging(self) -> bool:
        """Whether a run that diverges is as it should be."""
        return DIVERGED in self.statuses


@dataclass(frozen=True)
class Judged:
    """An expectation held against what came."""

    what: str
    """The status, an outcome, or two candidates' outcomes beside each other."""
    found: str
    wanted: str
    met: bool
    missed: str = ""
    """By how much."""
    who: str = ""
    """The candidate, where there are some, and its best setting."""

    @property
    def text(self) -> str:
        """What came and what was expected, as a line."""
        line = f"{self.what} is {self.found}, expected {self.wanted}"
        return ": ".join(filter(None, (self.who, line, self.missed)))

    @property
    def in_words(self) -> Judged:
        """The same for people: what a column is called, without underscores."""
        column, *beside = self.what.split(" ", 1)
        return replace(self, what=" ".join([column.replace("_", " "), *beside]))


def judged(expected: Expected, rows: Sequence[Row]) -> list[Judged]:
    """Each expectation held against some runs of one setting.

    A bound holds for the mean. No run may be without a value; a loss or metric of a run that diverged counts only
    where that is expected. A status holds for every run.
    """
    found = [_status(expected.statuses, rows)] if expected.statuses else []
    return found + [_bound(expected, column, rows) for column in expected.bounds]


def _status(statuses: Sequence[str], rows: Sequence[Row]) -> Judged:
    found = Counter(str(row["status"]) for row in rows)
    wrong = {status: count for status, count in found.items() if status not in statuses}
    ended = ", ".join(f"{status}{_share(count, rows)}" for status, count in (wrong or found).items())
    return Judged("status", ended, " or ".join(statuses), not wrong)


def _share(count: int, rows: Sequence[Row]) -> str:
    return f" in {count} of {len(rows)} runs" if len(rows) > 1 else ""


def _bound(expected: Expected, column: str, rows: Sequence[Row]) -> Judged:
    low, high = expected.bounds[column]
    known, lacking = known_values(column, rows, expected.diverging)
    if lacking:
        return missing(column, lacking, low, high)
    return within(column, mean_of(known), low, high, f" (mean of {len(rows)} runs)" if len(rows) > 1 else "")


def known_values(column: str, rows: Sequence[Row], diverging: bool) -> tuple[list[float], str]:
    """The runs' values, and which of them have none, and why."""
    values = [_value(row, column, diverging) for row in rows]
    known = [value for value in values if isinstance(value, float)]
    if len(known) == len(values):
        return known, ""
    why = next(value for value in values if isinstance(value, str))
    return known, f"{_share(len(values) - len(known), rows)} ({why})"


def within(name: str, value: float, low: float | None, high: float | None, over: str = "") -> Judged:
    """A value held against its bounds; `over` says what it is the mean of."""
    wanted = _wanted(low, high)
    if low is not None and not value >= low:
        return Judged(name, f"{_shown(value, low)}{over}", wanted, met=False, missed=f"{low - value:.3g} too low")
    if high is not None and not value <= high:
        return Judged(name, f"{_shown(value, high)}{over}", wanted, met=False, missed=f"{value - high:.3g} too high")
    return Judged(name, f"{value:.6g}{over}", wanted, met=True)


def missing(name: str, why: str, low: float | None, high: float | None) -> Judged:
    """A value that is not there."""
    return Judged(name, f"missing{why}", _wanted(low, high), met=False)


def _wanted(low: float | None, high: float | None) -> str:
    if low is not None and low == high:
        return f"exactly {low:.15g}"
    sides = {"at least": low, "at most": high}
    return " and ".join(f"{side} {bound:.15g}" for side, bound in sides.items() if bound is not None)


def _value(row: Row, column: str, diverging: bool) -> float | str:
    """A run's value, or why it has none that counts."""
    status = str(row["status"])
    if status == FAILED or (status == DIVERGED and column.startswith(MEASURED) and not diverging):
        return status
    value = row.get(column)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return "no number"
    return float(value)


def mean_of(values: Sequence[float]) -> float:
    """The mean, infinite or NaN where a value is."""
    return mean_and_deviation(values)[0] if all(map(math.isfinite, values)) else sum(values) / len(values)


def _shown(value: float, bound: float) -> str:
    """A number with as many digits as tell it from the bound."""
    text = f"{value:.6g}"
    return repr(value) if float(text) == bound else text
