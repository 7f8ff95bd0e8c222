"""The choice within a row: its best setting, the rates about as good, and whether the best lies on the grid's edge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal, TypeAlias

from gdrun.analysis.criteria import higher_is_better, usable_value
from gdrun.analysis.rows import Key, Place, Row, Setting
from gdrun.analysis.statistics import mean_and_deviation

RATE = "optimizer.lr"
NEAR = 0.1
Edge: TypeAlias = Literal["smallest", "largest"]


@dataclass(frozen=True)
class Scored:
    """A setting with its runs' values of the criterion."""

    setting: Setting
    values: dict[Place, float]
    """Those of the runs that came to one."""
    by_split: bool
    spoilt: float
    """The share of runs without one: diverged, failed or not finite."""
    mean: float | None
    """Mean over seeds; None if a run has no value: there is no mean over survivors."""


def scored(setting: Setting, criterion: str, by_split: bool) -> Scored:
    """The setting's values of the criterion."""
    found = {place: usable_value(run, criterion) for place, run in setting.runs.items()}
    values = {place: value for place, value in found.items() if value is not None}
    spoilt = 1 - len(values) / len(found) if found else 1.0
    return Scored(setting, values, by_split, spoilt, None if spoilt else mean_and_deviation(units(values, by_split))[0])


def units(values: dict[Place, float], by_split: bool) -> list[float]:
    """The independent values: those of the seeds, or, where splits were swept, the mean over the seeds of each split.

    Seeds on one split share its luck. Taken for independent values, 5 seeds on each of 2 splits gave 95 % intervals
    that held the truth 58 times in 100 in a simulation; the splits' means gave 94.
    """
    if not by_split:
        return [values[place] for place in sorted(values)]
    of_split: dict[int, list[float]] = defaultdict(list)
    for place in sorted(values):
        of_split[place[0]].append(values[place])
    return [mean_and_deviation(found)[0] for found in of_split.values()]


def merit(found: Scored, criterion: str, wanted: Collection[Place]) -> Key:
    """Sorts settings: by the mean those that ran on all seeds wanted, then those that did not, then the spoilt ones."""
    if found.mean is None:
        return (2, found.spoilt, found.setting.order)
    mean = -found.mean if higher_is_better(criterion) else found.mean
    return (0 if found.setting.runs.keys() >= set(wanted) else 1, mean, found.setting.order)


def best_of(row: Row, criterion: str, by_split: bool) -> tuple[Scored, list[Scored]]:
    """The row's best setting, and all of them with their values."""
    wanted = {place for setting in row.settings for place in setting.runs}
    found = [scored(setting, criterion, by_split) for setting in row.settings]
    return min(found, key=lambda each: merit(each, criterion, wanted)), found


def good_rates(best: Scored, row: Sequence[Scored], criterion: str) -> tuple[float, float] | None:
    """The rates around the best, other settings as there, whose mean is not worse than its by 10 % of its size.

    They are neighbours on the grid: the first rate that is worse, or has a diverged run, ends the range.
    """
    rate = rate_of(best.setting)
    if best.mean is None or rate is None:
        return None
    means = {float(each.setting.values[RATE]): each.mean for each in _slice(best.setting, row)}
    if len(means) < 2:
        return None
    rates = sorted(means)
    place = rates.index(rate)
    allowed, sign = NEAR * abs(best.mean), -1 if higher_is_better(criterion) else 1

    def near(rate: float) -> bool:
        mean = means[rate]
        return mean is not None and best.mean is not None and sign * (mean - best.mean) <= allowed

    below, above = list(takewhile(near, rates[place::-1])), list(takewhile(near, rates[place:]))
    return below[-1], above[-1]


def _slice(best: Setting, row: Iterable[Scored]) -> list[Scored]:
    """The row's settings that differ from the best in the learning rate alone."""
    others = {item for item in best.identity if item[0] != RATE}
    return [
        each
        for each in row
        if rate_of(each.setting) is not None
        and others <= each.setting.identity
        and len(each.setting.identity) == len(best.identity)
    ]


def edge(best: Setting, tried: Iterable[Setting]) -> Edge | None:
    """Whether the best rate is the smallest or largest that was tried with these kinds; None for a single one."""
    rate = rate_of(best)
    kinds = {item for item in best.identity if item[0].endswith(".kind")}
    rates = {rate_of(each) for each in tried if kinds <= each.identity} - {None}
    if rate is None or len(rates) < 2:
        return None
    ordered = sorted(found for found in rates if found is not None)
    return "smallest" if rate == ordered[0] else "largest" if rate == ordered[-1] else None


def rate_of(setting: Setting) -> float | None:
    """The learning rate, where it is swept."""
    found: Any = setting.values.get(RATE)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None
