"""What a picture is of: the chosen runs of an experiment, as candidates."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

from gdrun.analysis.criteria import Question, Result, check_criterion, default_criterion
from gdrun.analysis.rows import CANDIDATE, SEEDS, Partition, partitions
from gdrun.experiment.comparison import Comparison
from gdrun.experiment.comparison import read as read_comparison
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.results.memory import Memory
from gdrun.experiment.results.records import Records
from gdrun.experiment.results.tables import Row
from gdrun.experiment.runs import setting_columns
from gdrun.experiment.sources import Sources
from gdrun.experiment.unfinished.underway import with_unfinished
from gdrun.pictures.candidates import Panel, panel
from gdrun.pictures.errors import PictureError

Kept: TypeAlias = Folder | Memory


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
        """The records of the runs of each candidate's best setting."""
        candidates = (candidate for panel in self.panels() for candidate in panel.candidates)
        return self.kept.records({str(run.row["id"]) for candidate in candidates for run in candidate.runs})

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
        return tuple(panel(part, self.criterion, self.fresh) for part in self._parted(rows))

    def _parted(self, rows: Sequence[str]) -> list[Partition]:
        return partitions(self.results, tuple(rows))


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
    if found and kept is not folder and kept.rows().keys() - folder.rows().keys() - {each["id"] for each in found.runs}:
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


def _place(run: str, line: Row, varied: Sequence[str]) -> dict[str, Any]:
    settings = {name: line[name] for name in varied if line[name] is not None}
    seed, split = line.get("seed") or 0, line.get("dataset.seed") or 0
    return {"id": run, "candidate": 0, "label": None, "settings": settings, "seed": seed, "split": split}
