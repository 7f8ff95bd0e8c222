"""The answer of a comparison: each row's best setting, how good it is and how far behind the winner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from gdrun.analysis.cautions import cautions
from gdrun.analysis.choice import RATE, Edge, edge, good_rates, merit, units
from gdrun.analysis.comparing import Compared, compare
from gdrun.analysis.contenders import Contender, Fresh, by_setting, contenders
from gdrun.analysis.criteria import (
    TO_TARGET,
    Question,
    Result,
    check_criterion,
    default_criterion,
    higher_is_better,
    overlap,
    test_column,
    value_of,
)
from gdrun.analysis.labels import Wording, labels, wording
from gdrun.analysis.ranked import Counts, Difference, RankedRow, Ranking, ToTarget
from gdrun.analysis.rows import Partition, Place, partitions, varying
from gdrun.analysis.statistics import Estimate, estimate, mean_and_deviation


@dataclass(frozen=True)
class Choice:
    """A setting to be run again on fresh seeds."""

    candidate: int
    settings: Mapping[str, Any]


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


def rank(
    results: Sequence[Result], question: Question | None = None, fresh: Sequence[Result] | None = None
) -> tuple[Ranking, ...]:
    """The rankings, one for each dataset and loss; the order of the results does not matter. Raises QuestionError.

    `fresh` are runs of the best settings (`confirm_settings`) on seeds that had no part in their choice: where they
    are given, they alone rank the rows.
    """
    question = question or Question()
    check_criterion(question, results)
    again = None if fresh is None else by_setting(fresh, results)
    return tuple(_ranking(partition, question, again) for partition in partitions(results, question.rows))


def confirm_settings(ranking: Ranking) -> tuple[Choice, ...]:
    """Each row's best setting, to be run on fresh seeds; not those of which a run diverged, which stay last."""
    return tuple(Choice(row.candidate, row.settings) for row in ranking.rows if row.estimate)


def _ranking(partition: Partition, question: Question, fresh: Fresh | None) -> Ranking:
    context = _context(partition, question, fresh)
    winner, *others = (each.judged for each in context.order)
    compared = compare(winner, others, context.overlap(context.criterion))
    found = zip(_ranks(context), context.order, [None, *compared.differences], strict=True)
    rows = tuple(_row(place, each, behind, context) for place, each, behind in found)
    return _summed_up(partition, context, compared, rows, fresh is not None)


def _ranks(context: Context) -> list[int]:
    """The rows' ranks, 1, 2, 2, 4 where two are equal."""
    merits = [merit(each.judged, context.criterion, ())[:2] for each in context.order]
    return [merits.index(each) + 1 for each in merits]


def _context(partition: Partition, question: Question, fresh: Fresh | None) -> Context:
    criterion = question.criterion or default_criterion(partition.results)
    told = wording(partition.rows)
    order = contenders(partition, criterion, fresh, labels(partition.rows, told))
    fresh_ones = [each for each in order if each.judged is not each.best]
    judges = [setting for each in (order if fresh is None else fresh_ones) for setting in each.judges]
    return Context(
        question=question,
        criterion=criterion,
        order=order,
        places=frozenset(place for setting in judges for place in setting.runs),
        varying=varying([setting.values for row in partition.rows for setting in row.settings]),
        swept=_swept(partition),
        wording=told,
    )


def _swept(partition: Partition) -> dict[int, frozenset[str]]:
    described: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    for row in partition.rows:
        for setting in row.settings:
            described[setting.candidate].append(setting.values)
    return {candidate: varying(values) for candidate, values in described.items()}


def _summed_up(
    partition: Partition, context: Context, compared: Compared, rows: tuple[RankedRow, ...], confirmed: bool
) -> Ranking:
    ranking = Ranking(
        problem=partition.problem,
        criterion=context.criterion,
        higher_is_better=higher_is_better(context.criterion),
        rows=rows,
        test=compared.test,
        comparisons=compared.comparisons,
        pairs=compared.pairs,
        seeds=len({seed for _, seed in context.places}),
        splits=len({split for split, _ in context.places}),
        overlap=context.overlap(context.criterion),
        on_data="dataset.kind" in partition.results[0].row,
        penalty_varies="model.l2" in context.varying,
        confirmed=confirmed,
        target=context.question.target,
        test_column=test_column(context.criterion) if context.question.report_test else None,
    )
    return replace(ranking, cautions=cautions(ranking))


def _row(place: int, each: Contender, difference: Difference | None, context: Context) -> RankedRow:
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
