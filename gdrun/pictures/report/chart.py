"""What all charts of a report have in common: their frame, their keys, and what the page's script finds on them.

Every renderer bears a tag: the candidate (`key`) and the part of the data that it shows, and what it is painted with, a
colour's place in the palette or its name; the page shows, hides and paints by these tags.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gdrun.descent.parts import Array
from gdrun.pictures.candidates import Candidate, Panel

if TYPE_CHECKING:
    from bokeh.models import GlyphRenderer
    from bokeh.plotting import figure

HEIGHT = 340
TOOLS = "pan,box_zoom,wheel_zoom,reset,save"
OTHERS = "others"
Paint: TypeAlias = int | str
"""A place in the palette, or ink, paper or faint."""
EXACT = 1 << 31


@dataclass(frozen=True)
class Key:
    """What the legend says of a colour, with a box to show and hide it."""

    id: str
    text: str
    paint: Paint


@dataclass(frozen=True)
class Chart:
    """A chart with its controls."""

    kind: str
    title: str
    keys: Sequence[Key]
    item: Mapping[str, Any]
    """The Bokeh document."""
    note: str = ""
    parts: Sequence[str] = ()
    """Of the data, to be shown and hidden."""
    axes: Mapping[str, str] = field(default_factory=dict)
    """What the horizontal axis may be, in words."""
    axis: str = ""
    scales: str = ""
    """Which of the two, log and linear, is shown at first; nothing where there is one."""
    steps: int = 0
    """The end of the slider."""


def key_of(candidate: Candidate, panel: Panel) -> str:
    """The key of a panel's candidate: those that have no colour share one."""
    return OTHERS if candidate.colour is None else f"c{panel.candidates.index(candidate)}"


def keys(candidates: Sequence[tuple[str, str, int | None]]) -> list[Key]:
    """The legend of candidates, each with key, name and colour."""
    named = {key: Key(key, name, colour) for key, name, colour in candidates if colour is not None}
    others = len({name for key, name, _ in candidates if key == OTHERS})
    return [*named.values(), *([Key(OTHERS, f"{others} others", "faint")] if others else [])]


def paint_of(candidate: Candidate) -> Paint:
    """What a candidate is painted with."""
    return "faint" if candidate.colour is None else candidate.colour


def chart_figure(name: str, **more: Any) -> figure:
    """An empty figure as wide as the page."""
    from bokeh.plotting import figure

    found = figure(name=name, height=HEIGHT, sizing_mode="stretch_width", tools=TOOLS, toolbar_location="above",
                   outline_line_color=None, **more)  # fmt: skip
    found.toolbar.logo = None
    found.toolbar.active_scroll = None
    found.grid.grid_line_alpha = 0.35
    return found


def add(on: figure, source: Any, glyph: Any, name: str, **tag: Any) -> GlyphRenderer[Any]:
    """Draw a glyph, tagged for the page's script; bands lie below all lines."""
    from bokeh.models import VArea

    level = "underlay" if isinstance(glyph, VArea) else "glyph"
    return on.add_glyph(source, glyph, name=name, tags=[tag], level=level)


def level(on: figure, height: float, name: str) -> None:
    """A dotted line across at a height."""
    from bokeh.models import ColumnDataSource, HSpan

    add(on, ColumnDataSource({"y": [height]}), HSpan(y="y", line_dash="dotted"), name, paint="ink", key=None)


def hover(on: figure, renderers: Sequence[Any], rows: Sequence[tuple[str, str]]) -> None:
    """Show values where the pointer is: headings with columns of numbers, text as `@column`, what a line is called."""
    from bokeh.models import HoverTool

    if not renderers:
        return
    numbers = {column for _, column in rows if not column.startswith(("$", "@"))}
    shown = [(heading, f"@{{{column}}}{{%.5g}}" if column in numbers else column) for heading, column in rows]
    formatters = {f"@{{{column}}}": "printf" for column in numbers}
    tool = HoverTool(renderers=list(renderers), tooltips=shown, formatters=formatters, visible=False)
    on.add_tools(tool)


def packed(values: Array) -> NDArray[Any]:
    """Positions on an axis in half the bytes: whole numbers stay exact."""
    if np.array_equal(values, np.round(values)) and np.all(np.abs(values) < EXACT):
        return values.astype(np.int32)
    return values.astype(np.float32)


def padded(low: float, high: float, log: bool) -> tuple[float, float]:
    """A range with a margin."""
    if log:
        margin = (high / low) ** 0.04 if high > low else 2.0
        return low / margin, high * margin
    margin = 0.04 * (high - low) or 0.5 * abs(high) or 0.5
    return low - margin, high + margin


def document(*figures: figure) -> Mapping[str, Any]:
    """Some figures below each other as data for the page."""
    from bokeh.embed import json_item
    from bokeh.layouts import column

    found: Mapping[str, Any] = json_item(column(*figures, sizing_mode="stretch_width"))
    return found
