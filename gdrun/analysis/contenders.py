"""Each row's best setting and the runs by which it is ranked: those of the choice, or fresh ones that confirm it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from gdrun.analysis.choice import Scored, best_of, merit, scored
from gdrun.analysis.criteria import QuestionError, Result
from gdrun.analysis.labels import Label
from gdrun.analysis.rows import Identity, Partition, Place, Row, Setting, identity_of

Fresh: TypeAlias = Mapping[tuple[int, Identity], Mapping[Place, Result]]
"""Runs by candidate and setting."""


@dataclass(frozen=True)
class Contender:
    """A row with its best setting."""

    row: Row
    label: Label
    best: Scored
    """By the runs that chose it."""
    judged: Scored
    """By the runs that rank it."""
    tried: Sequence[Scored]

    @property
    def judges(self) -> Sequence[Setting]:
        """The settings whose runs are counted on: the fresh one, or all where none was run afresh."""
        return [each.setting for each in self.tried] if self.judged is self.best else [self.judged.setting]

    @property
    def runs(self) -> list[Result]:
        """All runs of the row, fresh ones too."""
        chosen = [run for each in self.tried for run in each.setting.runs.values()]
        return chosen if self.judged is self.best else [*chosen, *self.judged.setting.runs.values()]


def contenders(partition: Partition, criterion: str, fresh: Fresh | None, named: Sequence[Label]) -> list[Contender]:
    """The rows, best first: by the mean of their best setting, then those of which a run has no value."""
    by_split = _several_splits(run for row in partition.rows for each in row.settings for run in each.runs)
    chosen = [best_of(row, criterion, by_split) for row in partition.rows]
    judged = [best for best, _ in chosen]
    if fresh is not None:
        judged = _confirmed(judged, criterion, fresh)
    found = zip(partition.rows, named, chosen, judged, strict=True)
    made = [Contender(row, label, best, judge, tried) for row, label, (best, tried), judge in found]
    return sorted(made, key=lambda each: merit(each.judged, criterion, ()))


def _confirmed(chosen: Sequence[Scored], criterion: str, fresh: Fresh) -> list[Scored]:
    """The best settings by their fresh runs; those that lost a run in the sweep stay as they are, and last."""
    runs = [fresh.get((best.setting.candidate, best.setting.identity), {}) for best in chosen]
    by_split = _several_splits(place for found in runs for place in found)
    again = [replace(best.setting, runs=found) for best, found in zip(chosen, runs, strict=True)]
    return [
        best if best.mean is None else scored(setting, criterion, by_split)
        for best, setting in zip(chosen, again, strict=True)
    ]


def _several_splits(places: Iterable[Place]) -> bool:
    return len({split for split, _ in places}) > 1


def by_setting(fresh: Iterable[Result], results: Iterable[Result]) -> Fresh:
    """Fresh runs by their setting. Raises QuestionError where one of them had a part in the choice."""
    used = {(result.candidate, identity_of(result.settings), result.split, result.seed) for result in results}
    found: dict[tuple[int, Identity], dict[Place, Result]] = {}
    for result in fresh:
        setting = (result.candidate, identity_of(result.settings))
        if (*setting, result.split, result.seed) in used:
            raise QuestionError("confirm", f"seed {result.seed} had a part in the choice, it cannot confirm it")
        found.setdefault(setting, {})[result.split, result.seed] = result
    return found
