"""A ranking in words: what a table of it has in each cell, on a terminal as on a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gdrun.analysis.numerals import amount, number
from gdrun.analysis.ranked import Difference, RankedRow, Ranking, ToTarget
from gdrun.analysis.rows import is_structural
from gdrun.analysis.statistics import Estimate

DIGITS = 4
TESTS = {"wilcoxon": "Wilcoxon", "t": "t", "corrected t": "corrected t"}


def titles(rankings: Sequence[Ranking]) -> list[str]:
    """What the problems are called: by their kinds, or by all in which they differ where these are the same."""
    kinds = [{name: told for name, told in each.problem.items() if is_structural(name)} for each in rankings]
    short, full = ([_told(one) for one in found] for found in (kinds, [each.problem for each in rankings]))
    return short if len(set(short)) == len(short) else full


def _told(problem: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {told}" for name, told in problem.items())


def cells(row: RankedRow, ranking: Ranking) -> dict[str, str]:
    """A row as text, by heading."""
    lost = row.counts.diverged == row.counts.runs
    return {
        "rank": "-" if all(each.estimate is None for each in ranking.rows) else str(row.rank),
        "candidate": row.label,
        "best setting": "-" if lost and row.tuned_text else row.tuned_text,
        heading(ranking.criterion.replace("_", " "), [each.estimate for each in ranking.rows]): interval(row.estimate),
        heading("test", [each.test for each in ranking.rows]): interval(row.test) if row.test else "",
        **seeds(row, ranking),
        "diverged": f"{row.counts.diverged} of {row.counts.runs}",
        "good rates": " … ".join(number(rate, 3) for rate in row.good_rates) if row.good_rates else "",
        **way(row.to_target, ranking),
        winner_heading(ranking): against(row.difference),
    }


def heading(name: str, column: Sequence[Estimate | None]) -> str:
    """What a column of means is called, which have intervals unless there is a single seed."""
    return name if all(each is None or each.low is None for each in column) else f"{name}, 95 % interval"


def seeds(row: RankedRow, ranking: Ranking) -> dict[str, str]:
    """What the interval is over: seeds, or splits and the seeds on each."""
    if ranking.splits == 1:
        return {"seeds": str(row.best.runs)}
    even = row.splits * row.seeds == row.best.runs
    return {"splits × seeds": f"{row.splits} × {row.seeds}" if even else f"{row.splits}, {row.best.runs} runs in all"}


def way(found: ToTarget | None, ranking: Ranking) -> dict[str, str]:
    """What it took to reach the target, or how many seeds did."""
    if found is None or ranking.target is None:
        return {}
    target = number(ranking.target)
    what = "seeds" if ranking.splits == 1 else "runs"
    short = f"{found.reached} of {found.runs} {what}" if found.reached else "never"
    taken = {"steps": found.steps, "examples": found.examples}
    shown = {f"{name} to {target}": short if value is None else amount(value) for name, value in taken.items()}
    return {**shown, f"seconds to {target}": short if found.seconds is None else number(found.seconds, 3)}


def interval(found: Estimate | None) -> str:
    """`0.081 [0.075, 0.087]`; a dash where a run has no value."""
    if found is None:
        return "-"
    if found.low is None or found.high is None:
        return number(found.mean, DIGITS)
    return f"{number(found.mean, DIGITS)} [{number(found.low, DIGITS)}, {number(found.high, DIGITS)}]"


def winner_heading(ranking: Ranking) -> str:
    """Which test the p of the differences is of, and how it was corrected."""
    if ranking.test is None:
        return "against the winner"
    holm = ", Holm" if ranking.comparisons > 1 else ""
    return f"against the winner, p ({TESTS[ranking.test]}{holm})"


def against(found: Difference | None) -> str:
    """`+0.003 [-0.004, 0.010] p 0.42`, p corrected for the number of comparisons."""
    if found is None:
        return ""
    p = "" if found.p_holm is None else f" p {number(found.p_holm, 2)}"
    sign = "+" if found.estimate.mean >= 0 else ""
    return sign + interval(found.estimate) + p
