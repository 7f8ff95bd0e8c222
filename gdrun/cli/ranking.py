"""A ranking as a table: the rows, the words of caution."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from gdrun.analysis.numerals import count
from gdrun.analysis.ranked import Ranking
from gdrun.analysis.ranking_words import cells, titles
from gdrun.analysis.tabular import lines
from gdrun.cli.layout import fold
from gdrun.cli.output import as_table, line_width, print_rows
from gdrun.cli.words import plain
from gdrun.experiment.results.tables import cell

KEYS = 2
"""Rank and candidate begin every line."""
TITLES = {"table": "{}", "md": "**{}**\n", "latex": "% {}"}


def print_rankings(rankings: Sequence[Ranking], style: str, top: int | None = None) -> None:
    """Print the first rows of every ranking in a style of `gdrun show`; csv and json have plain numbers."""
    if style == "json":
        print(json.dumps([as_json(ranking, top) for ranking in rankings], indent=1))
    elif style == "csv":
        print_csv([replace(ranking, rows=ranking.rows[:top]) for ranking in rankings])
    else:
        for place, (ranking, title) in enumerate(zip(rankings, titles(rankings), strict=True)):
            print("\n" * (place > 0), end="")
            if len(rankings) > 1:
                print(TITLES[style].format(plain(title)))
            print_ranking(ranking, style, top)


def print_ranking(ranking: Ranking, style: str, top: int | None) -> None:
    """Print one; a table is followed by the words of caution."""
    rows = [cells(row, ranking) for row in ranking.rows]
    columns = [name for name in rows[0] if any(row[name] for row in rows)]
    if style != "table":
        print_rows(rows[:top], columns, style)
        return
    as_table(rows[:top], columns, KEYS)
    if left_out := len(rows) - len(rows[:top]):
        print(plain(f"… {count(left_out, 'more row')}"))
    width = line_width()
    for caution in ranking.cautions:
        first, *more = (caution.text,) if width is None else fold(caution.text, width - 2)
        print(plain("\n  ".join((f"! {first}", *more))))


def print_csv(rankings: Sequence[Ranking]) -> None:
    """Print all as one table of plain numbers, every digit of them; nothing where there is none."""
    rows = [{name: _digits(value) for name, value in line.items()} for line in lines(rankings)]
    print_rows(rows, list(rows[0]) if rows else [], "csv")


def _digits(value: Any) -> str:
    return "" if isinstance(value, float) and not math.isfinite(value) else cell(value)


def as_json(ranking: Ranking, top: int | None = None) -> dict[str, Any]:
    """A ranking, or its first rows, with stable keys; null where there is no finite number."""
    return {name: _finite(value) for name, value in asdict(replace(ranking, rows=ranking.rows[:top])).items()}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
