"""What a picture is of: the chosen runs in candidates, each with one colour in every picture."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from gdrun.analysis.choice import best_of
from gdrun.analysis.criteria import Question, Result, check_criterion, default_criterion, higher_is_better
from gdrun.analysis.labels import labels, wording
from gdrun.analysis.rows import CANDIDATE, SEEDS, Partition, Row, Setting, identity_of, partitions, varying
from gdrun.descent.parts import Array
from gdrun.experiment.comparison import Comparison
from gdrun.experiment.comparison import read as read_comparison
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.memory import Memory
from gdrun.experiment.results.tables import Row as Line
from gdrun.experiment.runs import setting_columns
from gdrun.experiment.sources import Sources
from gdrun.experiment.unfinished.underway import with_unfinished
from gdrun.pictures.errors import PictureError

if TYPE_CHECKING:
    import pandas as pd

Kept: TypeAlias = Folder | Memory
Records: TypeAlias = Mapping[str, Array]
"""A run's history by column, each (n,); NaN where a cell is empty."""
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


@dataclass(frozen=True)
class Scene:
    """The chosen runs of an experiment."""

    name: str
    kept: Kept
    results: tuple[Result, ...]
    question: Question
    sources: Sources = field(default_factory=Sources, compare=False)
    """The data of runs that are posed again."""
    fresh: tuple[Result, ...] = ()
    """Runs on fresh seeds."""

    @cached_property
    def history(self) -> Mapping[str, Records]:
        """The records of each run."""
        history = self.kept.history()
        chosen = {str(result.row["id"]) for result in (*self.results, *self.fresh)}
        return _by_run(history, chosen) if len(history) else {}

    @cached_property
    def swept(self) -> tuple[str, ...]:
        """The settings in which the runs differ, in order."""
        values: dict[str, set[str]] = {}
        for result in self.results:
            for name, value in result.settings.items():
                values.setdefault(name, set()).add(repr(value))
        return tuple(name for name, found in values.items() if len(found) > 1)

    @property
    def criterion(self) -> str:
        """What makes a setting the best of its candidate."""
        return self.question.criterion or default_criterion(self.results)

    def panels(self, apart: Collection[str] = ()) -> tuple[Panel, ...]:
        """The candidates; settings named in `apart` make none, since they are an axis of the picture."""
        rows = self.question.rows
        if apart:
            keys = dict.fromkeys(name for part in self._parted(rows) for row in part.rows for name in row.key)
            rows = tuple(name for name in keys if name not in apart) or (CANDIDATE,)
        return tuple(self._panel(part) for part in self._parted(rows))

    def _parted(self, rows: Sequence[str]) -> list[Partition]:
        return partitions(self.results, tuple(rows))

    def _panel(self, part: Partition) -> Panel:
        split = len({result.split for result in part.results}) > 1
        told = wording(part.rows)
        texts = [label.text for label in labels(part.rows, told)]
        found = [best_of(row, self.criterion, split) for row in part.rows]
        colours = _colours([each[0].mean for each in found], higher_is_better(self.criterion))
        candidates = []
        for text, row, each, colour in zip(texts, part.rows, found, colours, strict=True):
            best = each[0].setting
            label, tuned = _label(text, row, best), told.of(_tuned(row, best))
            candidates.append(Candidate(label, tuned, row, best, colour, self._fresh_of(best)))
        title = ", ".join(f"{name.removesuffix('.kind')} {value}" for name, value in part.problem.items())
        return Panel(title, self.criterion, tuple(candidates))

    def _fresh_of(self, best: Setting) -> tuple[Result, ...]:
        own = (run for run in self.fresh if run.candidate == best.candidate)
        found = [run for run in own if identity_of(run.settings) == best.identity]
        return tuple(sorted(found, key=lambda run: (run.split, run.seed)))


def _by_run(history: pd.DataFrame, chosen: Collection[str]) -> dict[str, Records]:
    """The numbers of the history of some runs, the rows of each in their order."""
    codes, runs = history["run"].factorize()
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(1, len(runs) + 1))
    numbers = history.drop(columns="run").select_dtypes("number")
    columns = {str(name): numbers[name].to_numpy(float)[order] for name in numbers}
    parts = {name: np.split(values, ends[:-1]) for name, values in columns.items()}
    places = ((place, str(run)) for place, run in enumerate(runs))
    return {run: {name: parts[name][place] for name in parts} for place, run in places if run in chosen}


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


def scene(
    folder: Folder,
    run: str | None = None,
    whole: bool = False,
    criterion: str | None = None,
    target: float | None = None,
) -> Scene:
    """A run of a folder, or those of its last comparison, or (`whole`, or without one) all. Raises PictureError.

    While runs are in training that the comparison does not have, it is all runs, too.
    """
    found = None if whole or run else read_comparison(folder)
    kept = with_unfinished(folder)
    if found and kept.rows().keys() - folder.rows().keys() - {each["id"] for each in found.runs}:
        found = None
    return compared(folder.name, kept, found, run, criterion, target)


def compared(
    name: str,
    kept: Kept,
    found: Comparison | None,
    run: str | None = None,
    criterion: str | None = None,
    target: float | None = None,
    sources: Sources | None = None,
) -> Scene:
    """The runs of a comparison, or all runs, or one. Raises PictureError, and QuestionError for such a criterion."""
    asked = found.question if found else Question()
    asked = replace(asked, criterion=criterion or asked.criterion, target=asked.target if target is None else target)
    results = Comparison(asked, found.runs if found else _places(kept, run)).results(kept)
    if not results:
        raise PictureError(f"{name}: no run to draw has a record")
    check_criterion(asked, results)
    if not found:
        names = dict.fromkeys(key for result in results for key in result.settings)
        own = tuple(key for key in names if not key.startswith(("dataset.", "loss.")))
        asked = replace(asked, rows=own or (CANDIDATE,))
    fresh = found.fresh_results(kept) if found and run is None else None
    return Scene(name, kept, tuple(results), asked, sources or Sources(), tuple(fresh or ()))


def _places(kept: Kept, run: str | None) -> tuple[Mapping[str, Any], ...]:
    """Of runs that were trained one after another: what differs between them is what was varied."""
    lines = {id_: line for id_, line in kept.typed_rows().items() if run in (None, id_)}
    columns = list(next(iter(lines.values()), ()))
    names = [name for name in setting_columns(columns) if name not in SEEDS]
    varied = [name for name in names if len({repr(line[name]) for line in lines.values()}) > 1]
    return tuple(_place(id_, line, varied) for id_, line in lines.items())


def _place(run: str, line: Line, varied: Sequence[str]) -> dict[str, Any]:
    settings = {name: line[name] for name in varied if line[name] is not None}
    seed, split = line.get("seed") or 0, line.get("dataset.seed") or 0
    return {"id": run, "candidate": 0, "label": None, "settings": settings, "seed": seed, "split": split}
