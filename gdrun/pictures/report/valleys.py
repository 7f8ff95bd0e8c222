"""The sensitivity of a report: the outcome of each candidate against its learning rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.analysis.choice import RATE
from gdrun.pictures.candidates import Candidate, Panel
from gdrun.pictures.edges import edges, in_sight, told
from gdrun.pictures.legends import criterion_words
from gdrun.pictures.rates import Valley, along, seeds_told, suits
from gdrun.pictures.report.chart import Chart, add, chart_figure, document, hover, key_of, keys, padded, paint_of
from gdrun.pictures.scene import Scene
from gdrun.pictures.series import logarithmic

if TYPE_CHECKING:
    from bokeh.plotting import figure


OF: Mapping[str, Callable[..., Any]] = {"middle": np.median, "low": np.min, "high": np.max}
HOVER = [("", "$name"), ("learning rate", "x"), ("median", "middle"), ("lowest", "low"), ("highest", "high"),
         ("runs", "runs"), ("diverged", "lost")]  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """What is drawn on."""

    panel: Panel
    on: figure
    tops: list[float]
    """Heights for the marks of what diverged, one for each candidate."""

    def key(self, candidate: Candidate) -> str:
        """Of the legend."""
        return key_of(candidate, self.panel)


def sensitivity_charts(scene: Scene) -> list[Chart]:
    """A chart for each dataset; none where one rate was tried only."""
    if not suits(scene):
        return []
    return [found for panel in scene.panels(apart=[RATE]) if (found := _chart(scene, panel))]


def _chart(scene: Scene, panel: Panel) -> Chart | None:
    every = [along(candidate, RATE, panel.criterion) for candidate in panel.candidates]
    found = [valley for valley in every if valley.points]
    if not found:
        return None
    from bokeh.models import VSpan

    sheet = _sheet(panel, found)
    for valley in found:
        _draw(sheet, valley)
    seen = in_sight(edges(scene, panel), [at.x for valley in found for at in valley.points])
    for edge in seen:
        rate = {"x": [edge.rate]}
        _add(sheet, edge.candidate, rate, VSpan(x="x", line_dash="dotted", line_width=2), "predicted edge")
    named = [(sheet.key(v.candidate), v.candidate.label, v.candidate.colour) for v in found]
    notes = [seeds_told(found), _marks(found), told(seen)]
    return Chart("sensitivity", panel.title, keys(named), document(sheet.on), " · ".join(filter(None, notes)))


def _marks(found: Sequence[Valley]) -> str:
    """What the marks stand for."""
    points = [at for valley in found for at in valley.points]
    said = ["× diverged"] if any(at.lost for at in points) else []
    return ", ".join([*said, "○ median of what did not"] if any(at.values and at.lost for at in points) else said)


def _sheet(panel: Panel, found: Sequence[Valley]) -> Sheet:
    """Axes with room at the top, where the marks of what diverged stand."""
    from bokeh.models import Range1d

    values = np.array([value for valley in found for at in valley.points for value in at.values])
    log = logarithmic(values)
    there = values[values > 0] if log else values
    low, high = padded(float(there.min()), float(there.max()), log) if len(there) else (0.0, 1.0)

    def lift(share: float) -> float:
        return low * (high / low) ** share if log else low + share * (high - low)

    on = chart_figure("sensitivity", x_axis_type="log", y_axis_type="log" if log else "linear",
                      y_range=Range1d(low, lift(1 + 0.06 * (1 + len(found)))))  # fmt: skip
    on.xaxis.axis_label, on.yaxis.axis_label = "learning rate", criterion_words(panel.criterion)
    return Sheet(panel, on, [lift(1 + 0.06 * (place + 1)) for place in range(len(found))])


def _draw(sheet: Sheet, valley: Valley) -> None:
    """The median with its band, points with values, and what diverged."""
    from bokeh.models import Line, Scatter, VArea

    whole = [at if at.whole else None for at in valley.points]
    line = {"x": [at.x for at in valley.points]}
    line |= {name: [of(at.values) if at else np.nan for at in whole] for name, of in OF.items()}
    _add(sheet, valley.candidate, line, VArea(x="x", y1="low", y2="high", fill_alpha=0.15))
    _add(sheet, valley.candidate, line, Line(x="x", y="middle", line_width=2))
    for own, filled in ((whole, 1.0), ([None if at.whole else at for at in valley.points], 0.0)):
        there = [at for at in own if at and at.values]
        columns = {"x": [at.x for at in there], "runs": [len(at.values) for at in there],
                   "lost": [at.lost for at in there]}  # fmt: skip
        columns |= {name: [of(at.values) for at in there] for name, of in OF.items()}
        dot = _add(sheet, valley.candidate, columns, Scatter(x="x", y="middle", size=8, fill_alpha=filled))
        hover(sheet.on, [dot] if there else [], HOVER)
    lost = [at for at in valley.points if at.lost]
    marks = {"x": [at.x for at in lost], "y": [sheet.tops.pop(0)] * len(lost), "lost": [at.lost for at in lost]}
    cross = _add(sheet, valley.candidate, marks, Scatter(x="x", y="y", size=9, marker="x", line_width=2))
    hover(sheet.on, [cross] if lost else [], [("", "$name"), ("learning rate", "x"), ("diverged", "lost")])


def _add(sheet: Sheet, candidate: Candidate, columns: Mapping[str, Any], glyph: Any, name: str = "") -> Any:
    from bokeh.models import ColumnDataSource

    label = " ".join(filter(None, (candidate.label, name)))
    return add(sheet.on, ColumnDataSource(dict(columns)), glyph, label, key=sheet.key(candidate),
               paint=paint_of(candidate))  # fmt: skip
