"""Candidates: what has a line of its own in a picture, and the same colour in every one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gdrun.analysis.choice import best_of
from gdrun.analysis.criteria import Result, higher_is_better
from gdrun.analysis.labels import labels, wording
from gdrun.analysis.rows import Partition, Row, Setting, identity_of, varying

COLOURS = 8
"""So many candidates can be told apart; the best ones, where there are more."""
NO_SETTINGS = "all settings"
"""The label of a ranking's only row."""


@dataclass(frozen=True)
class Candidate:
    """What has a line of its own: its settings and the best of them."""

    label: str
    tuned: str
    """The best setting, of what was tuned, in words."""
    row: Row
    best: Setting
    colour: int | None
    """A place in the palette; None for one too many."""
    fresh: tuple[Result, ...] = ()
    """The best setting on seeds that had no part in its choice."""

    @property
    def name(self) -> str:
        """The label and the best setting."""
        return ", ".join(filter(None, (self.label, self.tuned)))

    @property
    def runs(self) -> list[Result]:
        """The runs of the best setting, one per split and seed; on fresh seeds where there are."""
        return list(self.fresh) or [self.best.runs[place] for place in sorted(self.best.runs)]


@dataclass(frozen=True)
class Panel:
    """The candidates that may be compared: one dataset, one loss."""

    title: str
    """What tells it from the others; nothing for a single one."""
    criterion: str
    candidates: tuple[Candidate, ...]


def panel(part: Partition, criterion: str, fresh: Sequence[Result]) -> Panel:
    """The candidates of a part, each at its best setting by a criterion, shown on fresh seeds where there are runs."""
    split = len({result.split for result in part.results}) > 1
    told = wording(part.rows)
    texts = [label.text for label in labels(part.rows, told)]
    found = [best_of(row, criterion, split) for row in part.rows]
    colours = _colours([each[0].mean for each in found], higher_is_better(criterion))
    candidates = []
    for text, row, each, colour in zip(texts, part.rows, found, colours, strict=True):
        best = each[0].setting
        label, tuned = _label(text, row, best), told.of(_tuned(row, best))
        candidates.append(Candidate(label, tuned, row, best, colour, _on(best, fresh)))
    title = ", ".join(f"{name.removesuffix('.kind')} {value}" for name, value in part.problem.items())
    return Panel(title, criterion, tuple(candidates))


def _on(best: Setting, fresh: Sequence[Result]) -> tuple[Result, ...]:
    """The runs of a setting among those on fresh seeds."""
    own = (run for run in fresh if run.candidate == best.candidate)
    found = [run for run in own if identity_of(run.settings) == best.identity]
    return tuple(sorted(found, key=lambda run: (run.split, run.seed)))


def _colours(means: Sequence[float | None], higher: bool) -> list[int | None]:
    """A colour for each, in order; where there are too many, for the best."""
    if len(means) <= COLOURS:
        return list(range(len(means)))
    worst = float("inf")
    merit = [worst if mean is None else -mean if higher else mean for mean in means]
    best = sorted(range(len(means)), key=merit.__getitem__)[: COLOURS - 1]
    return [best.index(i) if i in best else None for i in range(len(means))]


def _tuned(row: Row, best: Setting) -> dict[str, Any]:
    """The best one's values of what differs within a row."""
    names = varying([setting.values for setting in row.settings])
    return {name: value for name, value in best.values.items() if name in names}


def _label(text: str, row: Row, best: Setting) -> str:
    """The row's label; a single row is called by its optimizer."""
    if text != NO_SETTINGS:
        return text
    line = next(iter(best.runs.values())).row
    optimizer, rate = line.get("optimizer.kind"), line.get("optimizer.lr")
    one = len(row.settings) == 1 and isinstance(rate, int | float)
    return f"{optimizer}, lr {rate:.4g}" if one else str(optimizer)
