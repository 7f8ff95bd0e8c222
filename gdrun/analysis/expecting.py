"""Whether outcomes are as expected: a run's own, or those of a candidate's best setting over its seeds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from gdrun.analysis.choice import merit
from gdrun.analysis.contenders import Contender, Fresh, by_setting, contenders
from gdrun.analysis.criteria import Question, Result, default_criterion
from gdrun.analysis.labels import Wording, labels, wording
from gdrun.analysis.rows import Partition, Place, partitions, varying
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


def unmet(expected: Expected, rows: Sequence[Row]) -> list[str]:
    """A line for each expectation that some runs of one setting do not meet, saying by how much.

    A bound holds for the mean. No run may be without a value; a loss or metric of a run that diverged counts only
    where that is expected. A status holds for every run.
    """
    found = [_status(expected.statuses, rows)]
    found += [_bound(expected, column, rows) for column in expected.bounds]
    return [line for line in found if line]


def unmet_by_candidates(
    results: Sequence[Result],
    question: Question,
    expected: Mapping[int, Expected],
    fresh: Sequence[Result] | None = None,
) -> list[str]:
    """A line for each expectation that a candidate's best setting does not meet, dataset by dataset.

    The best setting is the one with the best criterion, as in a ranking; fresh runs of it count alone.
    """
    again = None if fresh is None else by_setting(fresh, results)
    parts = partitions(results)
    return [
        f"{told.of(part.problem)}: {line}" if len(parts) > 1 else line
        for part in parts
        for told in [wording(part.rows)]
        for line in _of(part, told, question, expected, again)
    ]


def _of(
    part: Partition, told: Wording, question: Question, expected: Mapping[int, Expected], fresh: Fresh | None
) -> Iterator[str]:
    criterion = question.criterion or default_criterion(part.results)
    found = contenders(part, criterion, fresh, labels(part.rows, told))
    everywhere = varying([setting.values for row in part.rows for setting in row.settings])
    for candidate in sorted({each.best.setting.candidate for each in found}):
        own = [each for each in found if each.best.setting.candidate == candidate]
        best = min(own, key=lambda each: merit(each.best, criterion, _places(own)))
        judged = best.judged.setting if best.judged.setting.runs else best.best.setting
        left_open = everywhere - best.row.key.keys() - best.label.told
        setting = told.of({name: value for name, value in judged.values.items() if name in left_open})
        label = ", ".join(filter(None, (best.label.text, setting)))
        for line in unmet(expected[candidate], [run.row for run in judged.runs.values()]):
            yield f"{label}: {line}"


def _places(rows: Sequence[Contender]) -> set[Place]:
    return {place for each in rows for tried in each.tried for place in tried.setting.runs}


def _status(statuses: Sequence[str], rows: Sequence[Row]) -> str | None:
    wrong = Counter(str(row["status"]) for row in rows if row["status"] not in statuses)
    if not statuses or not wrong:
        return None
    ended = ", ".join(f"{status}{_share(count, rows)}" for status, count in wrong.items())
    return f"status is {ended}, expected {' or '.join(statuses)}"


def _share(count: int, rows: Sequence[Row]) -> str:
    return f" in {count} of {len(rows)} runs" if len(rows) > 1 else ""


def _bound(expected: Expected, column: str, rows: Sequence[Row]) -> str | None:
    low, high = expected.bounds[column]
    sides = {"at least": low, "at most": high}
    wanted = " and ".join(f"{side} {bound:.15g}" for side, bound in sides.items() if bound is not None)
    values = [_value(row, column, expected.diverging) for row in rows]
    known = [value for value in values if isinstance(value, float)]
    if len(known) < len(values):
        why = next(value for value in values if isinstance(value, str))
        return f"{column} is missing{_share(len(values) - len(known), rows)} ({why}), expected {wanted}"
    mean = _mean(known)
    over = f" (mean of {len(rows)} runs)" if len(rows) > 1 else ""
    if low is not None and not mean >= low:
        return f"{column} is {_shown(mean, low)}{over}, expected {wanted}: {low - mean:.3g} too low"
    if high is not None and not mean <= high:
        return f"{column} is {_shown(mean, high)}{over}, expected {wanted}: {mean - high:.3g} too high"
    return None


def _value(row: Row, column: str, diverging: bool) -> float | str:
    """A run's value, or why it has none that counts."""
    status = str(row["status"])
    if status == FAILED or (status == DIVERGED and column.startswith(("final_", "best_")) and not diverging):
        return status
    value = row.get(column)
    if isinstance(value, bool) or not isinstance(value, int | float) or math.isnan(value):
        return "no number"
    return float(value)


def _mean(values: Sequence[float]) -> float:
    return mean_and_deviation(values)[0] if all(map(math.isfinite, values)) else sum(values) / len(values)


def _shown(value: float, bound: float) -> str:
    """A number with as many digits as tell it from the bound."""
    text = f"{value:.6g}"
    return repr(value) if float(text) == bound else text
