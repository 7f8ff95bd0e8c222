"""The curves of a report: loss and metric of each candidate, by any axis, on both scales."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gdrun.descent.parts import Array
from gdrun.pictures.candidates import Panel
from gdrun.pictures.curves import seeds_told, usual_axis
from gdrun.pictures.legends import AXES, NAMES
from gdrun.pictures.optimum import known_optimum
from gdrun.pictures.report.chart import Chart, add, chart_figure, document, hover, keys, level, packed, padded
from gdrun.pictures.report.sheet import WORDS, Sheet
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import ALL_AXES, Axis, Curve, Lost, curves, cut, metric, spans_decades

if TYPE_CHECKING:
    from bokeh.models import Range1d
    from bokeh.plotting import figure

MOST_OTHERS = 150
"""Candidates without a colour that are drawn."""
SCALES = ("log", "linear")


def curves_chart(scene: Scene, panel: Panel) -> Chart | None:
    """The chart of a panel; None where nothing was recorded."""
    axis, measure = usual_axis(scene), metric(scene)
    losses = _chosen(curves(scene, panel, "loss", axis))
    if not losses:
        return None
    loss = Sheet(panel, "loss", losses, axis)
    sheets = [replace(loss, scale=scale) for scale in SCALES]
    if measure and (others := _chosen(curves(scene, panel, measure, axis))):
        sheets.append(Sheet(panel, measure, others, axis))
    across = _across(sheets)
    figures = [_figure(sheet, across) for sheet in sheets]
    log, optimum = spans_decades(losses), known_optimum(scene, panel)
    figures[1 if log else 0].visible = False
    if optimum is not None:
        for on, sheet in zip(figures, sheets[:2], strict=False):
            if optimum > 0 or not sheet.log:
                level(on, optimum, "lowest training loss")
    named = [(loss.key(curve), curve.candidate.name, curve.candidate.colour) for curve in losses]
    return Chart("curves", panel.title, keys(named), document(*figures), seeds_told(losses), loss.parts,
                 AXES, axis, scales="log" if log else "linear")  # fmt: skip


def _chosen(found: Sequence[Curve]) -> list[Curve]:
    """Those with a colour, and of the others as many as can be drawn, on the data that decides."""
    part = "validation" if any(curve.part == "validation" for curve in found) else "train"
    others = [curve for curve in found if curve.candidate.colour is None and curve.part == part]
    return [curve for curve in found if curve.candidate.colour is not None] + others[:MOST_OTHERS]


def _across(sheets: Sequence[Sheet]) -> Range1d:
    """The range that all figures share, and in its tag what it is on each axis."""
    from bokeh.models import Range1d

    found = [curve for sheet in sheets for curve in sheet.curves]
    ends = {name: _end(found, name) for name in ALL_AXES}
    return Range1d(0, ends[sheets[0].axis], tags=[ends])


def _end(found: Sequence[Curve], axis: Axis) -> float:
    ways = [curve.along[axis] for curve in found] + [lost.along[axis] for curve in found for lost in curve.lost]
    return max((float(way[-1]) for way in ways if len(way)), default=1.0) or 1.0


def _figure(sheet: Sheet, across: Range1d) -> figure:
    from bokeh.models import Range1d

    name = f"loss-{sheet.scale}" if sheet.quantity == "loss" else sheet.quantity
    heights = Range1d(*padded(*sheet.heights(), sheet.log))
    on = chart_figure(name, x_range=across, y_range=heights, y_axis_type="log" if sheet.log else "linear")
    on.xaxis.axis_label, on.yaxis.axis_label = AXES[sheet.axis], NAMES[sheet.quantity]
    lines = {part: [line for curve in sheet.curves if curve.part == part for line in _draw(on, sheet, curve)]
             for part in sheet.parts}  # fmt: skip
    for part, found in lines.items():
        rows = [("", "$name"), *((AXES[axis], axis) for axis in ALL_AXES)]
        hover(on, found, [*rows, (f"{WORDS[part]} {NAMES[sheet.quantity]}", sheet.column(part))])
    return on


def _draw(on: figure, sheet: Sheet, curve: Curve) -> list[Any]:
    """A median with its band, and what diverged; the lines that tell their values."""
    from bokeh.models import Scatter, VArea

    found, column, tag = [], sheet.column(curve.part), sheet.tag(curve)
    name = curve.candidate.name
    if len(curve.x):
        banded = curve.seeds > 1 and curve.candidate.colour is not None and curve.part == sheet.parts[-1]
        band = {"low": curve.low, "high": curve.high} if banded else {}
        source = _source(sheet, curve, "", curve.along, {column: curve.middle, **band})
        if banded:
            add(on, source, VArea(x=sheet.axis, y1="low", y2="high", fill_alpha=0.15), name, **tag)
        found.append(add(on, source, _line(sheet, curve, column), name, **tag))
        if len(curve.x) == 1:
            add(on, source, Scatter(x=sheet.axis, y=column, size=8), name, **tag)
    return found + [_draw_lost(on, sheet, curve, lost) for lost in curve.lost]


def _draw_lost(on: figure, sheet: Sheet, curve: Curve, lost: Lost) -> Any:
    """A run that diverged, which may leave the picture, and where it ends in it."""
    from bokeh.models import ColumnDataSource, Scatter

    column, tag = sheet.column(curve.part), sheet.tag(curve)
    name = f"{curve.candidate.name}: {lost.run} diverged"
    far, y = _cut(lost, replace(sheet, scale="log").top)
    source = _source(sheet, curve, lost.run, far, {column: y})
    line = add(on, source, _line(sheet, curve, column), name, **tag)
    along, y = _cut(lost, sheet.top)
    end: dict[str, Any] = {axis: way[-1:] for axis, way in along.items()}
    end[column] = y[-1:]
    add(on, ColumnDataSource(end), Scatter(x=sheet.axis, y=column, size=9, marker="x", line_width=2), name, **tag)
    return line


def _source(sheet: Sheet, curve: Curve, run: str, along: Mapping[Axis, Array], columns: Mapping[str, Array]) -> Any:
    """The numbers of a line, once for both scales."""
    from bokeh.models import ColumnDataSource

    place = f"{sheet.quantity} {sheet.key(curve)} {curve.part} {run or curve.candidate.name}"
    if place not in sheet.sources:
        across: dict[str, Any] = {axis: packed(way) for axis, way in along.items()}
        sheet.sources[place] = ColumnDataSource(across | dict(columns))
    return sheet.sources[place]


def _line(sheet: Sheet, curve: Curve, column: str) -> Any:
    from bokeh.models import Line

    faint, second = curve.candidate.colour is None, curve.part == "train" and len(sheet.parts) > 1
    return Line(x=sheet.axis, y=column, line_width=0.8 if faint else 2, line_alpha=0.6 if faint or second else 1.0,
                line_dash=[5, 3] if second else [])  # fmt: skip


def _cut(lost: Lost, top: float) -> tuple[dict[Axis, Array], Array]:
    """A diverged run on each axis, as far as it is drawn."""
    ways = {axis: cut(replace(lost, x=way), top) for axis, way in lost.along.items()}
    return {axis: x for axis, (x, _) in ways.items()}, next(iter(ways.values()))[1]
