"""The answer of a report: rankings as tables, with intervals and the words of caution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from gdrun.analysis.criteria import QuestionError
from gdrun.analysis.ranked import Difference, RankedRow, Ranking
from gdrun.analysis.ranking import rank
from gdrun.analysis.statistics import Estimate
from gdrun.experiment.comparison import Comparison, rankings
from gdrun.pictures.legends import criterion_words
from gdrun.pictures.scene import Scene

DIGITS = 4
MOST_ROWS = 100


@dataclass(frozen=True)
class Answer:
    """A ranking for the page."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    cautions: Sequence[str]
    left_out: int
    """Rows that are not shown, the last ones."""


def number(value: float | None, digits: int = DIGITS) -> str:
    """So many significant digits; a dash for nothing."""
    return "–" if value is None else f"{value:.{digits}g}" if isfinite(value) else str(value)


def answers(scene: Scene, found: Comparison | None) -> list[Answer]:
    """The rankings of a comparison, or of runs that were trained one after another; none for a single run."""
    if len(scene.results) < 2:
        return []
    try:
        told = rankings(found, scene.kept) if found else rank(scene.results, scene.question, None)
    except QuestionError:
        return []
    return [_answer(ranking) for ranking in told]


def _answer(ranking: Ranking) -> Answer:
    rows = [_cells(row, ranking) for row in ranking.rows]
    headings = [name for name in rows[0] if any(row[name] for row in rows)]
    shown = [[row[name] for name in headings] for row in rows[:MOST_ROWS]]
    title = ", ".join(f"{name} {value}" for name, value in ranking.problem.items())
    fresh = "ranked on fresh seeds, which had no part in the choice of the settings"
    cautions = [caution.text for caution in ranking.cautions]
    return Answer(title, headings, shown, [fresh, *cautions] if ranking.confirmed else cautions, len(rows) - len(shown))


def _cells(row: RankedRow, ranking: Ranking) -> dict[str, str]:
    target = row.to_target
    return {
        "rank": str(row.rank),
        "candidate": row.label,
        "best setting": row.tuned_text,
        f"{criterion_words(ranking.criterion)}, 95 % interval": _interval(row.estimate),
        "test, 95 % interval": _interval(row.test) if row.test else "",
        "seeds": str(row.estimate.n) if row.estimate else "",
        "diverged": f"{row.counts.diverged} of {row.counts.runs}",
        "good rates": " … ".join(number(rate, 3) for rate in row.good_rates) if row.good_rates else "",
        "steps to target": _reached(target, "steps"),
        "examples to target": _reached(target, "examples"),
        "against the winner": _against(row.difference),
    }


def _interval(found: Estimate | None) -> str:
    if found is None or found.low is None or found.high is None:
        return "–" if found is None else number(found.mean)
    return f"{number(found.mean)} [{number(found.low)}, {number(found.high)}]"


def _reached(target: Any, way: str) -> str:
    """What it took to the target, where there is one."""
    if target is None:
        return ""
    taken = getattr(target, way)
    return "never" if taken is None else f"{taken:,.0f}"


def _against(found: Difference | None) -> str:
    if found is None:
        return ""
    p = "" if found.p_holm is None else f", p {number(found.p_holm, 2)}"
    return ("+" if found.estimate.mean >= 0 else "") + _interval(found.estimate) + p
