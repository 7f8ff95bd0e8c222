"""The answer of a comparison for Python: tables of runs, history and ranking, and the words of caution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import nan
from typing import TYPE_CHECKING, Any

from gdrun.analysis.ranked import RankedRow, Ranking
from gdrun.analysis.statistics import Estimate
from gdrun.experiment.conducting import Answer
from gdrun.experiment.sources import Sources
from gdrun.notebook.showing import Shows

if TYPE_CHECKING:
    import pandas as pd

    from gdrun.pictures.scene import Scene


@dataclass(frozen=True, repr=False)
class Compared(Shows):
    """A comparison whose runs have ended."""

    name: str
    answer: Answer
    sources: Sources = field(default_factory=Sources)
    """The data, where they are in memory."""

    def __repr__(self) -> str:
        best = self.rankings[0].rows[0]
        setting = f", {best.tuned_text}" if best.tuned_text else ""
        runs, rows = len(self.answer.comparison.runs), sum(len(ranking.rows) for ranking in self.rankings)
        return f"<comparison {self.name}: {runs} runs in {rows} rows, the best {best.label}{setting}>"

    @property
    def rankings(self) -> tuple[Ranking, ...]:
        """All that is known of the rows; one ranking for each dataset, split and loss."""
        return self.answer.rankings

    @property
    def cautions(self) -> list[str]:
        """What to keep in mind, a sentence each."""
        return list(dict.fromkeys(caution.text for ranking in self.rankings for caution in ranking.cautions))

    @property
    def unmet(self) -> list[str]:
        """What the config expected that did not come, a line each."""
        return list(self.answer.unmet)

    @cached_property
    def ranking(self) -> pd.DataFrame:
        """A line per row, the best first; of several rankings, one behind the other."""
        import pandas as pd

        return pd.DataFrame([line(row, ranking) for ranking in self.rankings for row in ranking.rows])

    def _told(self) -> pd.DataFrame:
        return self.ranking

    def _scene(self) -> Scene:
        from gdrun.pictures.scene import compared

        return compared(self.name, self.answer.kept, self.answer.comparison, sources=self.sources)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The lines of runs.csv of the runs compared, in their order, those on fresh seeds last."""
        return self._compared(self.answer.kept.runs(), "id")

    @cached_property
    def history(self) -> pd.DataFrame:
        """Their records, run by run."""
        return self._compared(self.answer.kept.history(), "run")

    def _compared(self, table: pd.DataFrame, key: str) -> pd.DataFrame:
        if not len(table):
            return table
        found = self.answer.comparison
        places = {run["id"]: place for place, run in reversed(list(enumerate((*found.runs, *found.fresh))))}
        chosen = table[table[key].isin(places)]
        return chosen.sort_values(key, key=lambda runs: runs.map(places), kind="stable", ignore_index=True)


def line(row: RankedRow, ranking: Ranking) -> dict[str, Any]:
    """A row of the ranking as a line of a table; NaN where there is no number."""
    target, difference = row.to_target, row.difference
    reached = {name: getattr(target, name) for name in ("steps", "examples", "seconds")} if target else {}
    low, high = row.good_rates or (None, None)
    return {
        **ranking.problem,
        "rank": row.rank,
        "candidate": row.label,
        **row.settings,
        **_estimate(ranking.criterion, row.estimate),
        **(_estimate(ranking.test_column, row.test) if ranking.test_column else {}),
        "seeds": row.estimate.n if row.estimate else 0,
        "runs": row.counts.runs,
        "diverged": row.counts.diverged,
        "failed": row.counts.failed,
        "good_rates_low": _number(low),
        "good_rates_high": _number(high),
        **{f"{name}_to_target": _number(value) for name, value in reached.items()},
        **_estimate("difference", difference.estimate if difference else None),
        "p": _number(difference.p if difference else None),
        "p_holm": _number(difference.p_holm if difference else None),
    }


def _estimate(name: str, found: Estimate | None) -> Mapping[str, float]:
    """A mean under its name, and the ends of its 95 % interval."""
    mean, low, high = (found.mean, found.low, found.high) if found else (None, None, None)
    return {name: _number(mean), f"{name}_low": _number(low), f"{name}_high": _number(high)}


def _number(value: float | None) -> float:
    return nan if value is None else value
