"""Whether the outcomes of candidates are as expected: of the best setting of each over its seeds, and side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gdrun.analysis.choice import merit
from gdrun.analysis.contenders import Contender, Fresh, by_setting, contenders
from gdrun.analysis.criteria import TO_TARGET, Question, Result, default_criterion, value_of
from gdrun.analysis.expecting import Expected, Judged, Row, judged, known_values, mean_of, missing, within
from gdrun.analysis.labels import Wording, labels, wording
from gdrun.analysis.rows import Partition, Place, Setting, partitions, varying


@dataclass(frozen=True)
class Related:
    """What an outcome of one candidate is to be beside that of another."""

    column: str
    """Of runs.csv, or `steps_to_target` and the like."""
    of: str
    """A candidate's label."""
    other: str
    """The label of the candidate that it is divided by, or that is taken off."""
    ratio: bool
    low: float | None
    high: float | None


def judged_by_candidates(
    results: Sequence[Result],
    question: Question,
    expected: Mapping[int, Expected],
    related: Sequence[Related] = (),
    fresh: Sequence[Result] | None = None,
) -> list[Judged]:
    """Each expectation held against a candidate's best setting, or two of them, dataset by dataset.

    The best setting is the one with the best criterion, as in a ranking; fresh runs of it count alone.
    """
    again = None if fresh is None else by_setting(fresh, results)
    parts = partitions(results)
    return [
        replace(each, who=": ".join(filter(None, (told.of(part.problem), each.who)))) if len(parts) > 1 else each
        for part in parts
        for told in [wording(part.rows)]
        for each in _of(part, told, question, expected, related, again)
    ]


def _of(
    part: Partition,
    told: Wording,
    question: Question,
    expected: Mapping[int, Expected],
    related: Sequence[Related],
    fresh: Fresh | None,
) -> Iterator[Judged]:
    criterion = question.criterion or default_criterion(part.results)
    found = contenders(part, criterion, fresh, labels(part.rows, told))
    everywhere = varying([setting.values for row in part.rows for setting in row.settings])
    best_runs: dict[str, tuple[Expected, list[Row]]] = {}
    for candidate in sorted({each.best.setting.candidate for each in found}):
        own = [each for each in found if each.best.setting.candidate == candidate]
        best = min(own, key=lambda each: merit(each.best, criterion, _places(own)))
        setting = best.judged.setting if best.judged.setting.runs else best.best.setting
        rows = [_measured(run) for run in setting.runs.values()]
        best_runs[setting.label or ""] = expected[candidate], rows
        who = _who(best, setting, own, everywhere, told)
        yield from (replace(each, who=who) for each in judged(expected[candidate], rows))
    yield from (_related(relation, best_runs) for relation in related)


def _who(
    best: Contender, setting: Setting, own: Sequence[Contender], everywhere: Collection[str], told: Wording
) -> str:
    """A candidate's name and what was tuned in it, or all that tells it from others; nothing where there are none."""
    if not everywhere and not setting.label:
        return ""
    tuned = varying([tried.setting.values for each in own for tried in each.tried])
    left_open = (tuned if setting.label else {*everywhere} - best.label.told) - best.row.key.keys()
    words = told.of({name: value for name, value in setting.values.items() if name in left_open})
    return ", ".join(filter(None, (best.label.text, words)))


def _measured(run: Result) -> Row:
    """A run's line in runs.csv, and its way to the target."""
    return {**run.row, **{way: value_of(run, way) for way in TO_TARGET}}


def _related(relation: Related, best_runs: Mapping[str, tuple[Expected, list[Row]]]) -> Judged:
    """One candidate's mean over another's, or less it."""
    name = f"{relation.column} of {relation.of} {'over' if relation.ratio else 'minus'} that of {relation.other}"
    means = []
    for label in (relation.of, relation.other):
        expected, rows = best_runs.get(label, (Expected(), []))
        known, lacking = known_values(relation.column, rows, expected.diverging)
        if lacking or not known:
            return missing(name, f": {label} has none{lacking}", relation.low, relation.high)
        means.append(mean_of(known))
    with np.errstate(all="ignore"):
        value = np.float64(means[0]) / means[1] if relation.ratio else means[0] - means[1]
    return within(name, float(value), relation.low, relation.high)


def _places(rows: Sequence[Contender]) -> set[Place]:
    return {place for each in rows for tried in each.tried for place in tried.setting.runs}
