"""A ranking as a table: the rows, the words of caution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gdrun.analysis.ranked import Difference, RankedRow, Ranking
from gdrun.analysis.statistics import Estimate
from gdrun.cli.output import print_rows
from gdrun.cli.words import amount, number, plain

DIGITS = 4


def print_rankings(rankings: Sequence[Ranking], style: str) -> None:
    """Print every ranking in a style of `gdrun show`; cautions follow a table, and are part of the JSON."""
    if style == "json":
        import json

        print(json.dumps([as_json(ranking) for ranking in rankings], indent=1))
        return
    for ranking in rankings:
        if len(rankings) > 1 and style == "table":
            print(plain(", ".join(f"{name} {value}" for name, value in ranking.problem.items())))
        rows = [cells(row, ranking) for row in ranking.rows]
        print_rows(rows, [name for name in rows[0] if any(row[name] for row in rows)], style)
        if style == "table":
            for caution in ranking.cautions:
                print(plain(f"! {caution.text}"))


def cells(row: RankedRow, ranking: Ranking) -> dict[str, str]:
    """A row as text, by heading."""
    target = row.to_target
    return {
        "rank": str(row.rank),
        "candidate": row.label,
        "best setting": row.tuned_text,
        f"{ranking.criterion.replace('_', ' ')}, 95 % interval": interval(row.estimate),
        "test, 95 % interval": interval(row.test) if row.test else "",
        "seeds": str(row.estimate.n) if row.estimate else "",
        "diverged": f"{row.counts.diverged} of {row.counts.runs}",
        "good rates": " … ".join(number(rate, 3) for rate in row.good_rates) if row.good_rates else "",
        "steps to target": (amount(target.steps) if target.steps is not None else "never") if target else "",
        "examples to target": (amount(target.examples) if target.examples is not None else "never") if target else "",
        "against the winner": against(row.difference),
    }


def interval(found: Estimate | None) -> str:
    """`0.081 [0.075, 0.087]`; a dash where a run has no value."""
    if found is None:
        return "-"
    if found.low is None or found.high is None:
        return number(found.mean, DIGITS)
    return f"{number(found.mean, DIGITS)} [{number(found.low, DIGITS)}, {number(found.high, DIGITS)}]"


def against(found: Difference | None) -> str:
    """`+0.003 [-0.004, 0.010] p 0.42`, p corrected for the number of comparisons."""
    if found is None:
        return ""
    p = "" if found.p_holm is None else f" p {number(found.p_holm, 2)}"
    sign = "+" if found.estimate.mean >= 0 else ""
    return sign + interval(found.estimate) + p


def as_json(ranking: Ranking) -> dict[str, Any]:
    """A ranking with stable keys; null where there is no finite number."""
    from dataclasses import asdict

    return {name: _finite(value) for name, value in asdict(ranking).items()}


def _finite(value: Any) -> Any:
    import math

    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
