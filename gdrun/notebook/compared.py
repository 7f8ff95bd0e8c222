"""The answer of a comparison for Python: tables of runs, history and ranking, and the words of caution."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from math import nan
from typing import TYPE_CHECKING

from gdrun.analysis.ranked import Ranking
from gdrun.analysis.rows import is_structural
from gdrun.analysis.tabular import lines
from gdrun.experiment.conducting import Answer
from gdrun.experiment.sources import Sources
from gdrun.notebook.showing import Shows

if TYPE_CHECKING:
    import pandas as pd

    from gdrun.pictures.scene import Scene


def in_order(columns: Iterable[str]) -> list[str]:
    """Columns whose order does not depend on which run came first: each section's settings together, by name."""
    places: dict[str, int] = {}
    for name in columns:
        places.setdefault(name.rpartition(".")[0] or name, len(places))
    return sorted(columns, key=lambda name: (places[name.rpartition(".")[0] or name], not is_structural(name), name))


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

        return pd.DataFrame(lines(self.rankings)).replace({None: nan})

    def _told(self) -> pd.DataFrame:
        return self.ranking

    def _scene(self) -> Scene:
        from gdrun.pictures.scene import compared

        return compared(self.name, self.answer.kept, self.answer.comparison, sources=self.sources)

    @cached_property
    def runs(self) -> pd.DataFrame:
        """The lines of runs.csv of the runs compared, in the plan's order, those on fresh seeds last."""
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
        chosen = table.loc[table[key].isin(places), in_order(table.columns)]
        return chosen.sort_values(key, key=lambda runs: runs.map(places), kind="stable", ignore_index=True)
