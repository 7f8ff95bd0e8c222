"""The surface of a report: the loss around the paths of all runs, and a slider through their steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gdrun.descent.parts import Array
from gdrun.pictures.relief import Relief, levels, relief
from gdrun.pictures.report.chart import Chart, add, chart_figure, document, hover, keys, padded
from gdrun.pictures.scene import Scene
from gdrun.pictures.surface import notes, places
from gdrun.pictures.tracks import Track, ground, replay_seconds
from gdrun.pictures.wish import Wish

if TYPE_CHECKING:
    from bokeh.plotting import figure

SIDE = 480
POINTS = 90
MOST_PATHS = 60
MOST_RECORDS = 1000
"""Points of a path that are drawn."""
AFFORDABLE = 20.0
"""Seconds that paths which were not kept may take to be replayed."""


def surface_chart(scene: Scene) -> Chart | str:
    """The chart, or why there is none. Raises PictureError and AgainError."""
    seconds = replay_seconds(scene, MOST_PATHS)
    if seconds > AFFORDABLE:
        return (f"the paths were not recorded, and replaying them takes about {seconds:.0f} s:"
                f" gdrun plot {scene.name} surface")  # fmt: skip
    found = relief(ground(scene, MOST_PATHS), Wish(points=POINTS), patience=0.25)
    on = _figure(found)
    tracks = found.ground.tracks
    names = {track.candidate.name: f"p{i}" for i, track in enumerate(tracks)}
    for track in tracks:
        _draw(on, found, track, names[track.candidate.name])
    if len(found.minima) and not found.flat:
        _stars(on, found)
    named = [(names[track.candidate.name], track.candidate.name, track.candidate.colour) for track in tracks]
    return Chart("surface", "", keys(named), document(on), notes(found).replace("\n", " · "),
                 steps=int(max(track.steps[-1] for track in tracks)))  # fmt: skip


def _figure(found: Relief) -> figure:
    """The contours, or the curve where there is one parameter."""
    from bokeh.models import ColumnDataSource, Line, Range1d

    if found.flat:
        low, high = padded(float(found.heights.min()), float(found.heights.max()), log=False)
        on = chart_figure("surface", x_range=Range1d(found.x[0], found.x[-1]), y_range=Range1d(low, high))
        add(on, ColumnDataSource({"x": found.x, "y": found.heights[0]}), Line(x="x", y="y", line_width=3), "loss",
            key=None, paint="faint")  # fmt: skip
        on.yaxis.axis_label = "loss"
    else:
        on = chart_figure("surface", x_range=Range1d(found.x[0], found.x[-1]), y_range=Range1d(found.y[0], found.y[-1]))
        steps = levels(found.heights)
        blank = ["#888888"] * (len(steps) - 1)
        contour = on.contour(found.x, found.y, found.heights, steps, fill_color=blank, line_color="#888888",
                             line_alpha=0.25)  # fmt: skip
        contour.fill_renderer.tags = [{"key": None, "levels": len(steps) - 1}]
        on.yaxis.axis_label = found.plane.names[1]
    on.height, on.xaxis.axis_label = SIDE, found.plane.names[0]
    return on


def _draw(on: figure, found: Relief, track: Track, key: str) -> None:
    """A whole path, faintly; on it what the slider moves: the way so far and the head."""
    from bokeh.models import ColumnDataSource, Line, Scatter

    thinned = _thinned(len(track.steps))
    path = places(found, track)[thinned]
    x, y = path.astype(np.float32).T
    steps = track.steps[thinned].astype(np.int32)
    whole = ColumnDataSource({"x": x, "y": y, "step": steps, "loss": track.losses[thinned]})
    tag = {"key": key, "paint": track.candidate.colour, "run": track.run}
    name = f"{track.candidate.name} ({track.run})"
    add(on, whole, Line(x="x", y="y", line_width=1.5, line_alpha=0.35), name, **tag)
    dots = add(on, whole, Scatter(x="x", y="y", size=4, line_alpha=0, fill_alpha=0.5), name, **tag, moves="whole")
    hover(on, [dots], [("", "$name"), ("step", "step"), ("training loss", "loss")])
    end = {"marker": "x", "size": 11, "line_width": 3} if track.diverged else {"marker": "square", "size": 9}
    for width, paint in ((5, "paper"), (2.5, track.candidate.colour)):  # set off from what is below
        way = Line(x="x", y="y", line_width=width, line_alpha=0.7 if paint == "paper" else 1.0)
        add(on, ColumnDataSource({"x": [], "y": []}), way, name, **tag | {"paint": paint}, moves="way")
    head = ColumnDataSource({"x": path[-1:, 0], "y": path[-1:, 1]})
    add(on, head, Scatter(x="x", y="y", **end), name, **tag, moves="head")
    start = ColumnDataSource({"x": path[:1, 0], "y": path[:1, 1]})
    add(on, start, Scatter(x="x", y="y", size=9, marker="circle"), name, **tag)


def _thinned(count: int) -> Array:
    """Places of the records that are drawn, first and last among them."""
    every: Any = np.unique(np.linspace(0, count - 1, min(count, MOST_RECORDS)).round().astype(int))
    return every  # type: ignore[no-any-return]


def _stars(on: figure, found: Relief) -> None:
    from bokeh.models import ColumnDataSource, Scatter

    source = ColumnDataSource({"x": found.minima[:, 0], "y": found.minima[:, 1]})
    add(on, source, Scatter(x="x", y="y", size=16, marker="star", fill_alpha=0.9), "lowest loss there is",
        key=None, paint="ink")  # fmt: skip
