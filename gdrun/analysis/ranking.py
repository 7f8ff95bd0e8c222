"""The answer of a comparison: each row's best setting, how good it is and how far behind the winner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from gdrun.analysis.cautions import cautions
from gdrun.analysis.choice import merit
from gdrun.analysis.comparing import Compared, compare
from gdrun.analysis.contenders import Fresh, by_setting, contenders
from gdrun.analysis.criteria import Question, Result, check_criterion, default_criterion, higher_is_better, test_column
from gdrun.analysis.labels import labels, wording
from gdrun.analysis.ranked import RankedRow, Ranking
from gdrun.analysis.ranking_rows import Context, ranked_row
from gdrun.analysis.rows import Partition, partitions, varying


@dataclass(frozen=True)
class Choice:
    """A setting to be run again on fresh seeds."""

    candidate: int
    settings: Mapping[str, Any]


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
    rows = tuple(ranked_row(place, each, behind, context) for place, each, behind in found)
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
