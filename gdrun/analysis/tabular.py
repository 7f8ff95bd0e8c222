"""Rankings as lines of plain numbers, one column each, for a DataFrame or CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gdrun.analysis.ranked import RankedRow, Ranking
from gdrun.analysis.statistics import Estimate

REACHED = ("steps", "examples", "seconds")


def lines(rankings: Sequence[Ranking]) -> list[dict[str, Any]]:
    """A line per row, the best first, one ranking behind the other; all have the same keys, None for nothing."""
    problem = _union(ranking.problem for ranking in rankings)
    settings = sorted(_union(row.settings for ranking in rankings for row in ranking.rows))
    found = [
        {
            **{name: ranking.problem.get(name) for name in problem},
            "rank": row.rank,
            "candidate": row.label,
            **{name: row.settings.get(name) for name in settings if name not in problem},
            **_numbers(row, ranking),
        }
        for ranking in rankings
        for row in ranking.rows
    ]
    columns = _union(found)
    return [{name: line.get(name) for name in columns} for line in found]


def _union(found: Iterator[Mapping[str, Any]] | Sequence[Mapping[str, Any]]) -> dict[str, None]:
    return dict.fromkeys(name for one in found for name in one)


def _numbers(row: RankedRow, ranking: Ranking) -> dict[str, Any]:
    low, high = row.good_rates or (None, None)
    target, difference = row.to_target, row.difference
    reached = {f"{name}_to_target": getattr(target, name) for name in REACHED} if target else {}
    return {
        **_estimate(ranking.criterion, row.estimate),
        **(_estimate(ranking.test_column, row.test) if ranking.test_column else {}),
        "seeds": row.seeds,
        "splits": row.splits,
        "settings_tried": row.tried,
        "runs": row.counts.runs,
        "diverged": row.counts.diverged,
        "failed": row.counts.failed,
        "good_rates_low": low,
        "good_rates_high": high,
        **({**reached, "reached_target": target.reached} if target else {}),
        **_estimate("difference", difference.estimate if difference else None),
        "p": difference.p if difference else None,
        "p_holm": difference.p_holm if difference else None,
    }


def _estimate(name: str, found: Estimate | None) -> dict[str, float | None]:
    """A mean under its name, and the ends of its 95 % interval."""
    mean, low, high = (found.mean, found.low, found.high) if found else (None, None, None)
    return {name: mean, f"{name}_low": low, f"{name}_high": high}
