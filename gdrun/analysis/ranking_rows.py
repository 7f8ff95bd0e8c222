"""What a ranking says of each contender: a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from gdrun.analysis.choice import RATE, Edge, edge, good_rates, units
from gdrun.analysis.contenders import Contender
from gdrun.analysis.criteria import TO_TARGET, Question, Result, overlap, test_column, value_of
from gdrun.analysis.labels import Wording
from gdrun.analysis.ranked import Counts, Difference, RankedRow, ToTarget
from gdrun.analysis.rows import Place
from gdrun.analysis.statistics import Estimate, estimate, mean_and_deviation


@dataclass(frozen=True)
class Context:
    """What the rows of a ranking share."""

    question: Question
    criterion: str
    order: Sequence[Contender]
    """The best first."""
    places: frozenset[Place]
    """Splits and seeds of the runs that rank."""
    varying: frozenset[str]
    swept: Mapping[int, frozenset[str]]
    """What varies within each candidate."""
    wording: Wording

    @cached_property
    def by_split(self) -> bool:
        """Whether several splits were swept."""
        return len({split for split, _ in self.places}) > 1

    def overlap(self, column: str) -> float:
        """n_test/n_train of a column's part of the data; 0 on one split."""
        return overlap(self.order[0].runs[0].row, column) if self.by_split else 0.0


def ranked_row(place: int, each: Contender, difference: Difference | None, context: Context) -> RankedRow:
    """The row of a contender that came in such a place, with its paired difference from the winner."""
    values = each.best.setting.values
    swept = context.swept[each.best.setting.candidate]
    left_open = context.varying - each.row.key.keys() - each.label.told - (each.best.setting.usual - swept)
    tuned = {name: value for name, value in values.items() if name in left_open}
    criterion, judged = context.criterion, list(each.judged.setting.runs.values())
    return RankedRow(
        rank=place,
        label=each.label.text,
        key=each.row.key,
        candidate=each.best.setting.candidate,
        settings=values,
        tuned=tuned,
        tuned_text=context.wording.of(tuned),
        estimate=_estimate(each, criterion, context),
        tried=len(each.tried),
        counts=_counts(each.runs, criterion),
        best=_counts(judged, criterion),
        seeds=len({seed for _, seed in each.judged.setting.runs}),
        splits=len({split for split, _ in each.judged.setting.runs}),
        wanted=len(context.places),
        to_target=_to_target(judged) if context.question.target is not None else None,
        good_rates=good_rates(each.best, each.tried, criterion),
        edge=_edge(each, context),
        difference=difference,
        test=_estimate(each, test_column(criterion), context) if context.question.report_test else None,
    )


def _edge(each: Contender, context: Context) -> Edge | None:
    """Where the rates are rows, the grid is that of all rows, and its edge matters for the winner alone."""
    if each.best.mean is None:
        return None
    if RATE not in each.row.key:
        return edge(each.best.setting, (tried.setting for tried in each.tried))
    if each is not context.order[0]:
        return None
    return edge(each.best.setting, (tried.setting for other in context.order for tried in other.tried))


def _estimate(each: Contender, column: str, context: Context) -> Estimate | None:
    """A column's mean and interval at the best setting; None where a run of it has no value."""
    if each.judged.mean is None:
        return None
    runs = each.judged.setting.runs
    found = {place: value for place, run in runs.items() if (value := value_of(run, column)) is not None}
    if len(found) < len(runs):
        return None
    return estimate(units(found, context.by_split), context.overlap(column))


def _counts(runs: Sequence[Result], criterion: str) -> Counts:
    statuses = [run.status for run in runs]
    missing = sum(run.status not in ("diverged", "failed") and value_of(run, criterion) is None for run in runs)
    return Counts(len(runs), statuses.count("diverged"), statuses.count("failed"), missing)


def _to_target(runs: Sequence[Result]) -> ToTarget:
    reached = [run for run in runs if run.reached]
    steps, examples, seconds = (_mean(reached, column) if len(reached) == len(runs) else None for column in TO_TARGET)
    return ToTarget(steps, examples, seconds, len(reached), len(runs))


def _mean(runs: Sequence[Result], column: str) -> float | None:
    values = [value for run in runs if (value := value_of(run, column)) is not None]
    return mean_and_deviation(values)[0] if values else None
