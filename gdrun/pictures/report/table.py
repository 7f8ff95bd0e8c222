"""The runs of a report: a table to sort and filter, and what is said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from gdrun.analysis.criteria import MEASURED, higher_is_better, usable_value
from gdrun.analysis.numerals import number
from gdrun.experiment.explanation.run import Explanation, explain
from gdrun.experiment.explanation.survey import Survey
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.runs import setting_columns
from gdrun.pictures.report.recipe import run_config
from gdrun.pictures.scene import Scene

MOST_ROWS = 2000
OUTCOME = ("end_epoch", "end_step", *MEASURED, "seconds")


@dataclass(frozen=True)
class Cell:
    """A text, and what it is sorted by."""

    text: str
    value: str


@dataclass(frozen=True)
class Told:
    """A run with all that is said of it."""

    run: str
    name: str
    status: str
    lines: Sequence[tuple[str, str]]
    """What kind of sentence, and the sentence."""
    config: str


@dataclass(frozen=True)
class Runs:
    """The table."""

    headings: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    left_out: int


def runs_table(scene: Scene) -> Runs:
    """A row for each run, the best first: what was varied, and the outcome."""
    lines = [result.row for result in ordered(scene)]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    varied = [name for name in setting_columns(columns) if len({repr(line.get(name)) for line in lines}) > 1]
    outcome = [
        name for name in columns if name.startswith(OUTCOME) and any(line.get(name) is not None for line in lines)
    ]
    names = ["id", "status", *varied, *outcome]
    rows = [[_cell(line.get(name)) for name in names] for line in lines[:MOST_ROWS]]
    return Runs([name.replace("_", " ") for name in names], rows, len(lines) - len(rows))


def ordered(scene: Scene) -> list[Any]:
    """The runs, once each, by what decides; those without it last."""
    criterion = scene.criterion
    sign = -1 if higher_is_better(criterion) else 1

    def merit(result: Any) -> tuple[bool, float]:
        value = usable_value(result, criterion)
        return value is None, 0.0 if value is None else sign * value

    once = {str(result.row["id"]): result for result in (*scene.results, *scene.fresh)}
    return sorted(once.values(), key=merit)


def _cell(value: Any) -> Cell:
    if value is None:
        return Cell("", "")
    if isinstance(value, float):
        return Cell(number(value, 5), repr(value) if isfinite(value) else "")
    return Cell(str(value), str(value))


def told(scene: Scene, folder: Folder, survey: Survey) -> tuple[list[Told], int]:
    """What can be said of every run of the table, those of the best settings first; and how many more there are."""
    lines = folder.rows()
    first = [run.row["id"] for panel in scene.panels() for each in panel.candidates for run in each.runs[:1]]
    wanted = list(dict.fromkeys(map(str, [*first, *(run.row["id"] for run in ordered(scene))])))
    names = {str(run.row["id"]): name_of(run, len(wanted) > 1) for run in (*scene.results, *scene.fresh)}
    chosen = wanted[:MOST_ROWS]
    recorded = folder.all_recorded(chosen)
    said = {run: explain(folder, lines[run], recorded.get(run, ()), survey) for run in chosen}
    found = [Told(run, names[run], lines[run]["status"], _sentences(said[run]), run_config(lines[run])) for run in said]
    return found, len(wanted) - len(found)


def name_of(result: Any, seeded: bool = True) -> str:
    """A run's settings in words, with its seed where there are several."""
    settings = [_setting(name, value) for name, value in result.settings.items()]
    label = [result.label] if result.label else []
    return ", ".join([*label, *settings, *([f"seed {result.seed}"] if seeded else [])])


def _setting(name: str, value: Any) -> str:
    last, text = name.rpartition(".")[2], f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if last == "kind" else f"{last} {text}"


def _sentences(said: Explanation) -> list[tuple[str, str]]:
    advice = [" · ".join(dict.fromkeys(said.advice))] if said.advice else []
    looked = [" · ".join(said.rests_on)] if said.rests_on else []
    kinds = {"": said.happened, "why": said.why, "measured": said.measured, "try": advice, "not known": said.notes,
             "looked at": looked, "not measured": said.unmeasured}  # fmt: skip
    return [(kind, sentence) for kind, sentences in kinds.items() for sentence in sentences]
