"""The page: everything of one or more experiments in a single HTML file that asks nothing of a network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gdrun.experiment.again import AgainError
from gdrun.experiment.comparison import read as read_comparison
from gdrun.experiment.explanation.experiment import explain_all
from gdrun.experiment.explanation.survey import Survey
from gdrun.experiment.results.folder import Folder
from gdrun.experiment.unfinished.underway import with_unfinished
from gdrun.pictures.errors import PictureError
from gdrun.pictures.look import DARK, LIGHT, Look
from gdrun.pictures.report.answer import Answer, answers
from gdrun.pictures.report.chart import Chart
from gdrun.pictures.report.curves import curves_chart
from gdrun.pictures.report.question import Question, question
from gdrun.pictures.report.recipe import Recipe, recipe
from gdrun.pictures.report.table import Runs, Told, runs_table, told
from gdrun.pictures.report.template import render, text
from gdrun.pictures.report.valleys import sensitivity_charts
from gdrun.pictures.report.ways import surface_chart
from gdrun.pictures.scene import Scene, scene

MOST_PANELS = 6
"""Datasets whose curves are drawn."""
SCRIPTS = ("charts.js", "surface.js", "tables.js", "paper.js", "begin.js")
SECONDS = 20.0
"""What measuring the losses of an experiment's runs may take."""


@dataclass(frozen=True)
class Chapter:
    """All that is said of one experiment."""

    name: str
    question: Question
    answers: Sequence[Answer]
    together: Sequence[str]
    """What many runs show together."""
    charts: Sequence[Chart]
    notes: Sequence[str]
    """Why something is not drawn."""
    runs: Runs
    told: Sequence[Told]
    untold: int
    recipe: Recipe


def report(folders: Sequence[tuple[Folder, str | None]]) -> str:
    """The page of some experiments, or of one run of each. Raises PictureError and ReadError."""
    return _page([chapter(folder, run) for folder, run in folders])


def chapter(folder: Folder, run: str | None = None) -> Chapter:
    """What is said of an experiment, or of one of its runs. Raises PictureError and ReadError."""
    compared = None if run else read_comparison(folder)
    shown = scene(folder, run)
    charts, notes = _charts(shown)
    survey = Survey(SECONDS)
    together = explain_all(folder, survey) if len(shown.results) > 1 else []
    said, untold = told(shown, with_unfinished(folder), survey)
    return Chapter(
        name=folder.name if run is None else f"{folder.name}/{run}",
        question=question(shown),
        answers=answers(shown, compared),
        together=together,
        charts=charts,
        notes=notes,
        runs=runs_table(shown),
        told=said,
        untold=untold,
        recipe=recipe(shown, compared),
    )


def _charts(shown: Scene) -> tuple[list[Chart], list[str]]:
    panels = shown.panels()
    found = [chart for panel in panels[:MOST_PANELS] if (chart := curves_chart(shown, panel))]
    found += sensitivity_charts(shown)
    notes = ["no run has a history"] if not shown.history else []
    if len(panels) > MOST_PANELS:
        notes.append(f"curves: {len(panels) - MOST_PANELS} more datasets are not drawn")
    try:
        surface = surface_chart(shown)
    except (PictureError, AgainError) as error:
        return found, [*notes, f"surface: {str(error).removeprefix('surface: ')}"]
    return (found, [*notes, f"surface: {surface}"]) if isinstance(surface, str) else ([*found, surface], notes)


def _page(chapters: Sequence[Chapter]) -> str:
    from bokeh.resources import Resources

    bokeh = Resources(mode="inline", components=["bokeh"], log_level="warn").js_raw
    script = "\n".join(map(text, SCRIPTS))
    return render("page.html", chapters=chapters, bokeh="\n".join(bokeh), script=script, looks=_looks())


def _looks() -> dict[str, Any]:
    """The colours of both modes, those of the pictures."""
    from matplotlib import colormaps

    def of(look: Look, palette: Sequence[str], low: float, high: float) -> dict[str, Any]:
        shades = [[round(255 * part) for part in colormaps["bone"](low + (high - low) * i / 63)[:3]] for i in range(64)]
        ground = [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in shades]
        return {"palette": palette, "ink": look.ink, "paper": look.paper, "faint": look.faint, "ground": ground}

    return {"light": of(Look("light"), LIGHT, 0.45, 0.98), "dark": of(Look("dark"), DARK, 0.08, 0.6)}
