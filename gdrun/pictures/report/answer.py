"""The answer of a report: rankings as tables, with intervals and the words of caution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gdrun.analysis.criteria import QuestionError
from gdrun.analysis.ranked import Ranking
from gdrun.analysis.ranking import rank
from gdrun.analysis.ranking_words import cells, titles
from gdrun.experiment.comparison import Comparison, rankings
from gdrun.pictures.scene import Scene

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


def answers(scene: Scene, found: Comparison | None) -> list[Answer]:
    """The rankings of a comparison, or of runs that were trained one after another; none for a single run."""
    if len(scene.results) < 2:
        return []
    try:
        told = rankings(found, scene.kept) if found else rank(scene.results, scene.question, None)
    except QuestionError:
        return []
    return [_answer(ranking, title) for ranking, title in zip(told, titles(told), strict=True)]


def _answer(ranking: Ranking, title: str) -> Answer:
    rows = [cells(row, ranking) for row in ranking.rows]
    headings = [name for name in rows[0] if any(row[name] for row in rows)]
    shown = [[row[name] for name in headings] for row in rows[:MOST_ROWS]]
    fresh = "ranked on fresh seeds, which had no part in the choice of the settings"
    cautions = [caution.text for caution in ranking.cautions]
    return Answer(title, headings, shown, [fresh, *cautions] if ranking.confirmed else cautions, len(rows) - len(shown))
